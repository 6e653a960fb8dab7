"""What a typeface can draw: widths of its characters, and words in place of scripts that it has no letters for.

DejaVu has Latin, Cyrillic, Greek, Georgian, Armenian and Hebrew letters, and most signs. Arabic letters change their
form with their neighbours, which needs shaping; so they are named like the letters that are missing.
"""

import re
import unicodedata
from collections.abc import Mapping

from fpdf.bidi import BidiParagraph
from fpdf.fonts import TTFFont

from chalicelib.core.texts import text

MISSING = "\x00"  # no text to be drawn has it
_ARABIC = re.compile("[\u0600-\u06ff\u0750-\u077f\u0870-\u08ff\ufb50-\ufdff\ufe70-\ufeff]")
_HEBREW = re.compile("[\u0590-\u05ff\ufb1d-\ufb4f]")
_WORDS: Mapping[str, str] = {  # by the first word of a character's name
    "CJK": "иероглифы", "IDEOGRAPHIC": "иероглифы", "HIRAGANA": "японское письмо", "KATAKANA": "японское письмо",
    "HANGUL": "корейское письмо", "ARABIC": "арабское письмо", "THAI": "тайское письмо",
    "DEVANAGARI": "индийское письмо", "BENGALI": "индийское письмо", "TAMIL": "индийское письмо",
}  # fmt: skip
_EMOJI = range(0x1F000, 0x1FB00)


class Glyphs(dict[int, int | str | None]):
    """A table for `str.translate`, filled on demand: a character without a glyph becomes MISSING, or nothing."""

    def __init__(self, font: object) -> None:
        super().__init__()
        if not isinstance(font, TTFFont):
            raise TypeError("the typeface is a TrueType font")
        self._font = font
        self.widths = _Widths(font)

    def __missing__(self, codepoint: int) -> int | str | None:
        character, has_glyph = chr(codepoint), codepoint in self._font.cmap or codepoint in (0x09, 0x0A)
        drawn: int | str | None = codepoint if has_glyph else MISSING
        if unicodedata.category(character) in (("Cf",) if has_glyph else ("Cf", "Mn", "Me")):
            drawn = None  # joiners, marks of direction, soft hyphens; accents without a glyph
        elif _ARABIC.match(character):
            drawn = MISSING
        self[codepoint] = drawn
        return drawn

    def printable(self, value: str) -> str:
        """Return a text as it can be drawn; `[иероглифы]` stands for letters that are missing."""
        drawn = value.translate(self)
        return self._named(value) if MISSING in drawn else drawn

    def _named(self, value: str) -> str:
        shown: list[str] = []
        last = ""
        for character in value:
            drawn = character.translate(self)
            if drawn == MISSING:
                word = _name(character)
                if word != last:
                    shown.append(f"[{word}]")
                last = word
            elif drawn:
                shown.append(drawn)
                last = last if drawn.isspace() else ""
        return "".join(shown).rstrip(" ")


def _name(character: str) -> str:
    kind = unicodedata.name(character, "").partition(" ")[0]
    if kind in _WORDS:
        return text(_WORDS[kind])
    if ord(character) in _EMOJI:
        return text("эмодзи")
    return text("другое письмо") if character.isalpha() else text("знак")


def visual(line: str) -> str:
    """Return a line in the order in which it is drawn: Hebrew letters from right to left."""
    return BidiParagraph(text=line).get_reordered_string() if _HEBREW.search(line) else line


class _Widths(dict[str, int]):
    """Widths of characters in thousandths of the font size, read from the font on demand."""

    def __init__(self, font: TTFFont) -> None:
        super().__init__()
        self._font = font

    def __missing__(self, character: str) -> int:
        width = self[character] = int(self._font.cw[ord(character)])
        return width
