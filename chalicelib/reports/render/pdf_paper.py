"""The paper under a PDF report: A4 sheets, one typeface in two weights, a running head, page numbers, text that fits.

Only fpdf2's plain `text`, `line`, `rect` and `polygon` are used: no markup, no text shaping, few changes of font.
That makes a row of four cells cost about 0.15 ms. Right-to-left scripts are therefore drawn in logical order.
A character without a glyph (emoji, Chinese) is drawn as a replacement mark rather than dropped.
"""

import logging
import unicodedata
from collections.abc import Sequence
from datetime import UTC
from pathlib import Path

from fpdf import FPDF
from fpdf.fonts import TTFFont

from chalicelib.reports.render.document import Document
from chalicelib.reports.render.values import GROUP_SEPARATOR, clean, local, shown, zone_name

WIDTH, HEIGHT = 210.0, 297.0
LEFT, RIGHT, TOP, BOTTOM = 15.0, 195.0, 22.0, 279.0
BODY = RIGHT - LEFT

INK = "#1B2733"
MUTED = "#66727F"
ACCENT = "#1F4E79"
RULE = "#D5DCE3"
TINT = "#EEF3F8"
PALETTE = ("#1F4E79", "#E08E2B", "#4C9A6A", "#B5484B", "#7A6BA8", "#3AA0B8", "#9A8F3C", "#8A8F98")

MM = 72 / 25.4
_FAMILY = "dejavu"
_FONTS = Path(__file__).resolve().parents[2] / "assets" / "fonts"
_LONGEST_LINE = 300  # characters that can stand in one line at all; what is behind them is not measured
# fontTools tells at INFO and WARNING how it subsets the font, on every report.
logging.getLogger("fontTools").setLevel(logging.ERROR)


class Paper:
    """Sheets of one report. `y` is where the next thing goes; whoever draws moves it down."""

    def __init__(self, document: Document) -> None:
        self.pdf = FPDF(orientation="portrait", unit="mm", format="A4")
        self.y = TOP
        self._title = clean(document.title).replace("\n", " ")
        created = local(document.created_at, document.timezone)
        zone = zone_name(document.created_at, document.timezone)
        self.made = f"Сформирован {shown(created, 'datetime')} ({zone})"
        self.pdf.set_auto_page_break(False)
        self.pdf.set_margins(LEFT, TOP)
        self.pdf.alias_nb_pages(None)  # type: ignore[arg-type]  # documented: None switches the substitution off
        for style, file in (("", "DejaVuSans.ttf"), ("B", "DejaVuSans-Bold.ttf")):
            self.pdf.add_font(_FAMILY, style, _FONTS / file)
        self._glyphs = {style: _Glyphs(self.pdf.fonts[_FAMILY + style]) for style in ("", "B")}
        self._describe(document)
        self.face(8)
        self.page()

    def page(self) -> None:
        """Begin a sheet; from the second on it says on top what it belongs to."""
        self.pdf.add_page()
        self.y = TOP
        if self.pdf.page > 1:
            style, size = self._style, self._size
            self.face(7, MUTED)
            self.write(LEFT, 14, self.clip(self.printable(self._title), BODY))
            self.line(LEFT, 16.5, RIGHT, 16.5, RULE)
            self.face(size, INK, style)

    def room(self, height: float) -> bool:
        """Whether so many millimetres are left on the sheet."""
        return self.y + height <= BOTTOM

    def need(self, height: float) -> None:
        """Begin a sheet unless so many millimetres are left."""
        if not self.room(height):
            self.page()

    def face(self, size: float, color: str = INK, style: str = "") -> None:
        """Choose size, colour and weight of the text that follows."""
        self._style, self._size = style, size
        self._widths = self._glyphs[style].widths
        self.pdf.set_font(_FAMILY, style, size)
        self.pdf.set_text_color(color)
        if self.pdf.page:
            self.pdf.set_fill_color(color)  # fpdf2 wraps a text in save and restore when the two differ

    def printable(self, value: str) -> str:
        """The text with a mark for each character that the typeface lacks, group separators as scanners show them."""
        value = value.replace(GROUP_SEPARATOR, "<GS>")
        return value if value.isascii() else value.translate(self._glyphs[self._style])

    def width(self, text: str) -> float:
        """Millimetres that the text takes in the chosen face."""
        return sum(map(self._widths.__getitem__, text)) * self._size * 0.001 / MM

    def write(self, x: float, y: float, text: str) -> None:
        """Text from x on, y is the baseline."""
        self.pdf.text(x, y, text)

    def write_right(self, x: float, y: float, text: str) -> None:
        """Text that ends at x."""
        self.pdf.text(x - self.width(text), y, text)

    def write_centred(self, x: float, y: float, text: str) -> None:
        """Text around x."""
        self.pdf.text(x - self.width(text) / 2, y, text)

    def line(self, x1: float, y1: float, x2: float, y2: float, color: str, weight: float = 0.2) -> None:
        """A straight line."""
        self.pdf.set_draw_color(color)
        self.pdf.set_line_width(weight)
        self.pdf.line(x1, y1, x2, y2)

    def box(self, x: float, y: float, width: float, height: float, color: str) -> None:
        """A filled rectangle."""
        self.pdf.set_fill_color(color)
        self.pdf.rect(x, y, width, height, style="F")

    def shape(self, points: Sequence[tuple[float, float]], color: str) -> None:
        """A filled polygon."""
        self.pdf.set_fill_color(color)
        self.pdf.polygon(points, style="F")

    def clip(self, text: str, width: float) -> str:
        """The text in one line, cut with an ellipsis where it is too long."""
        lines = self.wrap(text, width, 1)
        return lines[0] if lines else ""

    def wrap(self, text: str, width: float, limit: int) -> list[str]:
        """The text in at most so many lines; words longer than a line are broken, the rest is an ellipsis."""
        if "\n" not in text and self.width(text[:_LONGEST_LINE]) <= width and len(text) <= _LONGEST_LINE:
            return [text]
        longest = limit * _LONGEST_LINE
        lines: list[str] = []
        for paragraph in text[:longest].replace("\t", " ").split("\n"):
            self._fill(lines, paragraph.split(" "), width, limit)
            if len(lines) > limit:
                break
        if len(lines) <= limit and len(text) <= longest:
            return lines
        last = lines[limit - 1 : limit] or [""]
        return [*lines[: limit - 1], self._shorten(last[0], width)]

    def finish(self, target: Path) -> None:
        """Number the sheets, now that their number is known, and write the file."""
        total = self.pdf.pages_count
        for number in range(1, total + 1):
            self.pdf.page = number
            self.face(8, INK)  # fpdf2 believes this sheet to be as the last one was: a change makes it say all again
            self.pdf.set_draw_color(INK)
            self.line(LEFT, 283, RIGHT, 283, RULE)
            self.face(7, MUTED)
            self.write(LEFT, 287.5, f"Shopfloor · {self.made}")
            self.write_right(RIGHT, 287.5, f"Стр. {number} из {total}")
        self.pdf.output(str(target))

    def _fill(self, lines: list[str], words: list[str], width: float, limit: int) -> None:
        line = ""
        for word in words:
            longer = f"{line} {word}" if line else word
            if self.width(longer) <= width:
                line = longer
                continue
            if line:
                lines.append(line)
            while self.width(word) > width and len(lines) <= limit:
                head = self._head(word, width)
                lines.append(head)
                word = word[len(head) :]
            line = word
            if len(lines) > limit:
                return
        lines.append(line)

    def _head(self, word: str, width: float) -> str:
        left, used = width * MM / (self._size * 0.001), 0
        for index, character in enumerate(word):
            used += self._widths[character]
            if used > left:
                return word[: max(1, index)]
        return word

    def _shorten(self, line: str, width: float) -> str:
        while line and self.width(line + "…") > width:
            line = line[:-1]
        return line.rstrip() + "…"

    def _describe(self, document: Document) -> None:
        self.pdf.set_title(self._title[:500])
        self.pdf.set_subject(clean(document.subtitle)[:500])
        self.pdf.set_author("Shopfloor")
        self.pdf.set_creator("Shopfloor")
        self.pdf.set_lang("ru")
        created = document.created_at
        self.pdf.set_creation_date(created if created.tzinfo else created.replace(tzinfo=UTC))


class _Glyphs(dict[int, int | None]):
    """A table for `str.translate` that learns: what the font has stays, what it lacks becomes a mark or nothing."""

    def __init__(self, font: object) -> None:
        super().__init__()
        if not isinstance(font, TTFFont):
            raise TypeError("the typeface is a TrueType font")
        self._font = font
        self.widths = _Widths(font)

    def __missing__(self, codepoint: int) -> int | None:
        drawn: int | None = codepoint
        if codepoint not in self._font.cmap and codepoint not in (0x09, 0x0A):
            invisible = unicodedata.category(chr(codepoint)) in ("Cf", "Mn", "Me")
            drawn = None if invisible else 0xFFFD
        self[codepoint] = drawn
        return drawn


class _Widths(dict[str, int]):
    """Width of a character in thousandths of the font size, learned from the font as needed."""

    def __init__(self, font: TTFFont) -> None:
        super().__init__()
        self._font = font

    def __missing__(self, character: str) -> int:
        width = self[character] = int(self._font.cw[ord(character)])
        return width
