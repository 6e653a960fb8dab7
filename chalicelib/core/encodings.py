"""Detection of the encoding of a text file by its contents. A file whose encoding is uncertain is refused, since a
wrong guess would store other letters.

A file is UTF-16 when it has its BOM, or when every other byte is zero or that of a Cyrillic letter. It is UTF-8 when
all of its bytes are valid UTF-8. A file that is mostly UTF-8 is damaged UTF-8, never another encoding. Windows-1251,
which a Russian Excel writes, is recognised when letter frequencies, vowels and capitals are those of Russian, and no
other Cyrillic encoding is nearly as likely.
"""

import codecs
import re
from collections.abc import Iterator
from functools import cache
from itertools import islice
from math import log

from chalicelib.core.texts import text

UTF8, UTF16, UTF16_LE, UTF16_BE, CP1251 = "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1251"
NAMES = {  # as a user knows them
    UTF8: "UTF-8", UTF16: "UTF-16", UTF16_LE: "UTF-16LE", UTF16_BE: "UTF-16BE", CP1251: "windows-1251",
}  # fmt: skip
_OTHERS = {"koi8-r": "KOI8-R", "cp866": "CP866 (DOS)", "mac_cyrillic": "Mac Cyrillic", "iso8859-5": "ISO 8859-5"}
_ADVICE = "сохраните его в кодировке UTF-8"
_START = 4_096  # bytes that show whether a file is text
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1c\x7f-\x9f]")  # that no text has; a marking code has \x1d
_HIGH_BYTES = b"\0\x04\x20\x21"  # of ASCII, Cyrillic letters, dashes and quotes, the number sign

_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
# Two letters, or a sign from a dash to a number sign: no text in Windows-1251 has these characters in a row.
_CERTAIN_UTF8 = re.compile(rb"(?:[\xd0\xd1][\x80-\xbf]){2}|\xe2[\x80-\x84][\x80-\xbf]")
_WORD = re.compile(rb"[A-Za-z\x80-\xff]+")
_ASCII = bytes(range(0x80))
_SAMPLE_WORDS = 4_000

_LETTERS = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё"  # of Russian texts by frequency, from 11 % to 0.04 %
_SHARES = (
    10.98, 8.45, 8.01, 7.35, 6.7, 6.26, 5.47, 4.73, 4.54, 4.4, 3.49, 3.21, 2.98, 2.81, 2.62, 2.01, 1.9, 1.74, 1.7,
    1.65, 1.59, 1.44, 1.21, 0.97, 0.94, 0.73, 0.64, 0.48, 0.36, 0.32, 0.26, 0.04, 0.04,
)  # fmt: skip
_NEIGHBOURS = "іїєґўІЇЄҐЎ"  # letters of Ukrainian and Belarusian
_SIGNS = "№«»„“”‘’…–—•·°±§©®™€‰µ\xa0"
_UNUSUAL, _RARE, _IMPOSSIBLE = log(0.005), log(0.001), log(1e-6)
_CAPITAL, _CAPITAL_INSIDE, _BESIDE_LATIN, _SIGN_INSIDE = log(0.5), log(0.02), log(0.02), log(0.05)
_NEVER_FIRST = log(0.01)
_VOWELS = frozenset("аеёиоуыэюя")
_FOLLOWS = {(True, True): log(0.13), (True, False): log(0.87), (False, True): log(0.65), (False, False): log(0.35)}
_MARGIN = log(100)  # by which the best guess must be more likely than any other


class UnknownEncoding(Exception):
    """The text cannot be read; the message names the line that is invalid, or the likely encoding."""


def may_be_text(data: bytes) -> bool:
    """Return whether data starts as a text, in whatever encoding."""
    return b"\0" not in data[:_START] or _utf16_of(data) is not None


def encoding_of(data: bytes) -> str:
    """Return the encoding of a text: UTF-8 or UTF-16 with or without BOM, or Windows-1251."""
    if encoding := _utf16_of(data):
        _decode(data, encoding)
        return encoding
    if _is_utf8(data):
        return UTF8
    if data.startswith(codecs.BOM_UTF8) or _is_damaged_utf8(data):
        _decode(data, UTF8)
    if (best := _best_guess(data)) == CP1251:
        return CP1251
    if best:
        guess = text(" (похоже на {encoding})", encoding=_OTHERS[best])
    else:
        guess = text(" (в строке {line} байт не из UTF-8)", line=_line_of(data, _first_bad_byte(data), UTF8))
    raise UnknownEncoding(text("Кодировка файла не распознана{guess}: {advice}", guess=guess, advice=text(_ADVICE)))


def decode_utf8(data: bytes) -> str:
    """Return a UTF-8 text without its BOM; UnknownEncoding names the first invalid line."""
    return _decode(data, UTF8)


def _utf16_of(data: bytes) -> str | None:
    """Return which UTF-16 a text is; None when it is another encoding."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return UTF16
    start = data[:_START]
    for encoding, place in ((UTF16_LE, 1), (UTF16_BE, 0)):
        high, low = start[place::2], start[1 - place :: 2]
        unusual = len(high.translate(None, _HIGH_BYTES))
        if low and b"\0" in high and b"\0" not in low and unusual * 20 <= len(high):
            return encoding if not _CONTROLS.search(start.decode(encoding, "ignore")) else None
    return None


def _decode(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line, name = _line_of(error.object, error.start, encoding), NAMES[encoding]
        if error.end >= len(error.object) and "unexpected end" in error.reason or error.reason == "truncated data":
            reason = text("Файл оборван посреди буквы: {name}, строка {line}", name=name, line=line)
        else:
            template = "Файл не в кодировке {name}: недопустимый байт в строке {line}; {advice}"
            reason = text(template, name=name, line=line, advice=text(_ADVICE))
        raise UnknownEncoding(reason) from None


def _line_of(data: bytes, offset: int, encoding: str) -> int:
    before = data[:offset]
    if encoding in (UTF16, UTF16_LE, UTF16_BE):
        before = before.decode(encoding, "ignore").encode()
    return max(before.count(b"\n"), before.count(b"\r")) + 1


def _is_utf8(data: bytes) -> bool:
    return _first_bad_byte(data) < 0


def _first_bad_byte(data: bytes) -> int:
    """Return the place of the first byte that is not UTF-8, or -1."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return error.start
    return -1


def _is_damaged_utf8(data: bytes) -> bool:
    """Return whether most non-ASCII bytes are UTF-8, or some of them can be nothing else."""
    high = len(data.translate(None, _ASCII))
    stray = len(_MULTIBYTE.sub(b"", data).translate(None, _ASCII))
    return high - stray > stray or bool(_CERTAIN_UTF8.search(data))


# -- likelihood of single-byte encodings -----------------------------------------------------------------------------


def _best_guess(data: bytes) -> str | None:
    """Return the most likely encoding; None where several are nearly as likely, or none is likely."""
    words = list(dict.fromkeys(word[0] for word in islice(_high_words(data), _SAMPLE_WORDS)))
    found = {encoding: _likelihood(words, encoding) for encoding in (CP1251, *_OTHERS)}
    if data.translate(None, _known_bytes()):
        del found[CP1251]  # the file has bytes that no text uses in Windows-1251
    texts = {encoding: [word.decode(encoding, "replace") for word in words] for encoding in found}
    best = max(found, key=lambda encoding: found[encoding])
    rivals = [found[other] for other in found if other != best and texts[other] != texts[best]]
    letters = sum(map(len, words))
    if found[best] < letters * _UNUSUAL or any(found[best] - rival < _MARGIN for rival in rivals):
        return None
    return best


def _high_words(data: bytes) -> Iterator[re.Match[bytes]]:
    return (word for word in _WORD.finditer(data) if not word[0].isascii())


@cache
def _known_bytes() -> bytes:
    """Return the Windows-1251 bytes that texts use: ASCII, letters of three languages, signs."""
    letters = _LETTERS + _LETTERS.upper() + _NEIGHBOURS + _SIGNS
    return _ASCII + letters.encode(CP1251)


@cache
def _weights() -> dict[str, float]:
    weights = dict.fromkeys(_NEIGHBOURS, _RARE) | dict.fromkeys(_SIGNS, _RARE)
    for letter, share in zip(_LETTERS, _SHARES, strict=True):
        weights[letter] = log(share / 100)
        weights[letter.upper()] = weights[letter] + _CAPITAL
    return weights


def _likelihood(words: list[bytes], encoding: str) -> float:
    """Return the likelihood of these words in an encoding, as a logarithm."""
    weights, total = _weights(), 0.0
    for word in words:
        before = ""
        for char in word.decode(encoding, "replace"):
            if not char.isascii():
                total += weights.get(char, _IMPOSSIBLE)
            total += _pair_likelihood(before, char)
            before = char
    return total


def _pair_likelihood(before: str, char: str) -> float:
    """Return the likelihood of a character after another one, or at the start of a word, as a logarithm."""
    if not before:
        return _NEVER_FIRST if char in "ьъыЬЪЫ" else 0.0
    if before.isascii() != char.isascii() and before.isalpha() and char.isalpha():
        return _BESIDE_LATIN
    if char.isupper() and before.islower():
        return _CAPITAL_INSIDE
    if before.isalpha() and char.isalpha():
        return _FOLLOWS[before.lower() in _VOWELS, char.lower() in _VOWELS]
    return _SIGN_INSIDE if before.isalpha() and char in _SIGNS and char not in "»”’…\xa0" else 0.0
