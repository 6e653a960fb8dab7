"""Where a long word may be broken at the end of a line: by rules of syllables for Russian and English, without lists.

Letters are parted with a hyphen, two of them at least on each side: between two vowels or after й, ь, ъ, and in a
cluster of consonants between vowels (P. Khristov's rules for Russian; for English the pairs that are always parted).
Codes are broken after a sign, inside a number or anywhere, without a hyphen, so that what is read is what is written.
"""

import re
from collections.abc import Iterator

HYPHEN = "-"
CONTEXT = 6  # characters after a place that the rules look at
MIN_LETTERS = 2  # on each side of a hyphen
_LETTERS = re.compile(r"[^\W\d_]+")
# A digit, a sign or the capitals of codes, addresses and names of programs. In Russian a slash and a dot join words.
_SIGN_OF_CODE = re.compile(r"[\d@_\\<>=]|[A-Za-z][/.:][A-Za-z]|-[A-Z]{2}|[A-Z]-[A-Z]|[a-z][A-Z]")
_AFTER_SIGN = re.compile(r"(?<=[-/\\_.,:;=+&@|)\]>])(?=[\w(\[<])|(?<=\d{3})(?=\d{3})")
_VOWEL = "[аеёиоуыэюя]"
_CONSONANT = "[бвгджзклмнпрстфхцчшщ]"
_LETTER = "[а-яё]"
_AEIOU, _BCDFG = "[aeiouy]", "[bcdfghjklmnpqrstvwxz]"
_SYLLABLES = re.compile(
    "|".join(
        (
            f"(?<=[йьъ])(?={_LETTER}{_LETTER})",
            f"(?<={_VOWEL})(?={_VOWEL}{_LETTER})",
            f"(?<={_VOWEL}{_CONSONANT})(?={_CONSONANT}{_VOWEL})",
            f"(?<={_CONSONANT}{_VOWEL})(?={_CONSONANT}{_VOWEL})",
            f"(?<={_VOWEL}{_CONSONANT})(?={_CONSONANT}{_CONSONANT}{_VOWEL})",
            f"(?<={_VOWEL}{_CONSONANT}{_CONSONANT})(?={_CONSONANT}{_CONSONANT}{_VOWEL})",
            f"(?<={_AEIOU}{_BCDFG})(?<!c(?=k))(?<![cgpstw](?=h))(?={_BCDFG}[lr]?{_AEIOU})",
            "(?=(?:tion|sion|ment|ness|ship)s?$)",
        )
    ),
    re.IGNORECASE,
)


def is_code(word: str) -> bool:
    """Return whether a whole word is a code: a hyphen that is not in it would be read as a part of it."""
    return bool(_SIGN_OF_CODE.search(word))


def breaks(word: str, *, in_code: bool) -> Iterator[tuple[int, str]]:
    """Yield where a word or a part of a code may be broken, and what then ends the line: a hyphen or nothing."""
    for place in _AFTER_SIGN.finditer(word):
        yield place.start(), ""
    for run in () if in_code else _LETTERS.finditer(word):
        start, letters = run.start(), run[0]
        for place in _SYLLABLES.finditer(letters):
            if MIN_LETTERS <= place.start() <= len(letters) - MIN_LETTERS:
                yield start + place.start(), HYPHEN


def forced(word: str, index: int, *, in_code: bool) -> str:
    """Return what ends the line when a word has to be broken before that character, whatever it is."""
    return HYPHEN if not in_code and word[index - 1].isalpha() and word[index : index + 1].isalpha() else ""
