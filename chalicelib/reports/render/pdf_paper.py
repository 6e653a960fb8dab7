"""The pages of a PDF: A4, one typeface in two weights, a running head, page numbers, wrapping and cutting of text.

Only `text`, `line`, `rect` and `polygon` of fpdf2 are used, without markup and text shaping, and the font seldom
changes; so a row of four cells takes about 0.15 ms. What the typeface has no letters for is named (glyphs.py).
"""

import logging
from collections.abc import Sequence
from datetime import UTC
from pathlib import Path

from fpdf import FPDF

from chalicelib.core import texts
from chalicelib.core.texts import text as translated
from chalicelib.reports.render import hyphens
from chalicelib.reports.render.document import BRAND, Document
from chalicelib.reports.render.glyphs import Glyphs, visual
from chalicelib.reports.render.values import GROUP_SEPARATOR, clean, display_text, in_zone, zone_name

LEFT, TOP = 15.0, 22.0
FOOT = 18.0  # below the last line of a page

INK = "#1B2733"
MUTED = "#66727F"
ACCENT = "#1F4E79"
RULE = "#D5DCE3"
TINT = "#EEF3F8"

MM = 72 / 25.4
_FAMILY = "dejavu"
_FONTS = Path(__file__).resolve().parents[2] / "assets" / "fonts"
_MAX_LINE = 300  # characters of a line; no more are measured
# fontTools logs at INFO and WARNING how it subsets the font, for every report.
logging.getLogger("fontTools").setLevel(logging.ERROR)


class Paper:
    """The pages of one report. `y` is the position of the next element in millimetres; what is drawn increases it."""

    def __init__(self, document: Document, *, is_wide: bool = False) -> None:
        self.pdf = FPDF(orientation="landscape" if is_wide else "portrait", unit="mm", format="A4")
        self.y = TOP
        self.right, self.bottom = self.pdf.w - LEFT, self.pdf.h - FOOT
        self.body = self.right - LEFT
        self._title = clean(document.title).replace("\n", " ")
        self.company = clean(document.company)
        created = display_text(in_zone(document.created_at, document.timezone), "datetime")
        zone = zone_name(document.created_at, document.timezone)
        self.made = translated("Сформирован {at} ({zone})", at=created, zone=zone)
        self.pdf.set_auto_page_break(False)
        self.pdf.set_margins(LEFT, TOP)
        self.pdf.alias_nb_pages(None)  # type: ignore[arg-type]  # documented: None switches the substitution off
        for style, file in (("", "DejaVuSans.ttf"), ("B", "DejaVuSans-Bold.ttf")):
            self.pdf.add_font(_FAMILY, style, _FONTS / file)
        self._glyphs = {style: Glyphs(self.pdf.fonts[_FAMILY + style]) for style in ("", "B")}
        self._describe(document)
        self.set_face(8)
        self.page()

    def page(self) -> None:
        """Start a page; from the second one on it has the title of the report on top."""
        self.pdf.add_page()
        self.y = TOP
        if self.pdf.page > 1:
            style, size = self._style, self._size
            self.set_face(7, MUTED)
            self.write(LEFT, 14, self.clip(self.printable(self._title), self.body))
            self.line(LEFT, 16.5, self.right, 16.5, RULE)
            self.set_face(size, INK, style)

    def has_room(self, height: float) -> bool:
        """Return whether so many millimetres are left on the page."""
        return self.y + height <= self.bottom

    def ensure_room(self, height: float) -> None:
        """Start a page unless so many millimetres are left."""
        if not self.has_room(height):
            self.page()

    def set_face(self, size: float, color: str = INK, style: str = "") -> None:
        """Set size, colour and weight of the text that follows."""
        self._style, self._size = style, size
        self._widths = self._glyphs[style].widths
        self.pdf.set_font(_FAMILY, style, size)
        self.pdf.set_text_color(color)
        if self.pdf.page:
            self.pdf.set_fill_color(color)  # fpdf2 wraps a text in save and restore when the two differ

    def printable(self, value: str) -> str:
        """Return the text with words for missing glyphs, and `<GS>` for group separators, as scanners show them."""
        value = value.replace(GROUP_SEPARATOR, "<GS>")
        return value if value.isascii() else self._glyphs[self._style].printable(value)

    def width(self, text: str) -> float:
        """Return the width of a text in millimetres."""
        return sum(map(self._widths.__getitem__, text)) * self._size * 0.001 / MM

    def write(self, x: float, y: float, text: str) -> None:
        """Write a text from x on; y is the baseline."""
        self.pdf.text(x, y, text if text.isascii() else visual(text))

    def write_right(self, x: float, y: float, text: str) -> None:
        """Write a text that ends at x."""
        self.write(x - self.width(text), y, text)

    def write_centred(self, x: float, y: float, text: str) -> None:
        """Write a text centred on x."""
        self.write(x - self.width(text) / 2, y, text)

    def line(self, x1: float, y1: float, x2: float, y2: float, color: str, weight: float = 0.2) -> None:
        """Draw a straight line."""
        self.pdf.set_draw_color(color)
        self.pdf.set_line_width(weight)
        self.pdf.line(x1, y1, x2, y2)

    def box(self, x: float, y: float, width: float, height: float, color: str) -> None:
        """Draw a filled rectangle."""
        self.pdf.set_fill_color(color)
        self.pdf.rect(x, y, width, height, style="F")

    def shape(self, points: Sequence[tuple[float, float]], color: str) -> None:
        """Draw a filled polygon."""
        self.pdf.set_fill_color(color)
        self.pdf.polygon(points, style="F")

    def section_title(self, title: str, below: float, unit: str = "") -> None:
        """Draw the title of a section, on the page of the first `below` millimetres of its content."""
        self.ensure_room(12 + below)
        self.y += 3 if self.y > 24 else 0
        self.box(LEFT, self.y + 1.2, 1.2, 4.6, ACCENT)
        self.set_face(11.5, ACCENT, "B")
        shown = self.clip(self.printable(clean(title)), self.body - 24)
        end = LEFT + 3.2 + self.width(shown)
        self.write(LEFT + 3.2, self.y + 5, shown)
        if unit:
            self.set_face(8, MUTED)
            self.write(end + 2, self.y + 5, self.printable(clean(unit)))
        self.y += 9

    def clip(self, text: str, width: float) -> str:
        """Return the text as one line, cut with an ellipsis when it is too long."""
        lines = self.wrap(text, width, 1)
        return lines[0] if lines else ""

    def wrap(self, text: str, width: float, limit: int) -> list[str]:
        """Return the text in at most `limit` lines; longer words are broken, and an ellipsis stands for the rest."""
        if "\n" not in text and self.width(text[:_MAX_LINE]) <= width and len(text) <= _MAX_LINE:
            return [text]
        longest = limit * _MAX_LINE
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
        """Write the page numbers, now that their total is known, and the file."""
        total, rule, base = self.pdf.pages_count, self.pdf.h - 14, self.pdf.h - 9.5
        for number in range(1, total + 1):
            self.pdf.page = number
            self.set_face(
                8, INK
            )  # fpdf2 assumes the state of the last page; setting another one makes it write everything again
            self.pdf.set_draw_color(INK)
            self.line(LEFT, rule, self.right, rule, RULE)
            self.set_face(7, MUTED)
            self.write(LEFT, base, self.clip(self.printable(f"{self.company} · {self.made}"), self.body - 30))
            self.write_right(self.right, base, translated("Стр. {number} из {total}", number=number, total=total))
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
            in_code = hyphens.is_code(word)
            while self.width(word) > width and len(lines) <= limit:
                head, word = self._broken(word, width, in_code)
                lines.append(head)
            line = word
            if len(lines) > limit:
                return
        lines.append(line)

    def _broken(self, word: str, width: float, in_code: bool) -> tuple[str, str]:
        """Return what fits of a word that is too long for a line, with its hyphen, and the rest."""
        most = self._fitting(word, width)
        start = word[: most + hyphens.CONTEXT]
        for index, mark in sorted(hyphens.breaks(start, in_code=in_code), reverse=True):
            if index <= most and self.width(word[:index] + mark) <= width:
                return word[:index] + mark, word[index:]
        while most > 1 and self.width(word[:most] + hyphens.forced(word, most, in_code=in_code)) > width:
            most -= 1
        return word[:most] + hyphens.forced(word, most, in_code=in_code), word[most:]

    def _fitting(self, word: str, width: float) -> int:
        """Return how many characters of a word fit, at least one."""
        left, used = width * MM / (self._size * 0.001), 0
        for index, character in enumerate(word):
            used += self._widths[character]
            if used > left:
                return max(1, index)
        return len(word)

    def _shorten(self, line: str, width: float) -> str:
        while line and self.width(line + "…") > width:
            line = line[:-1]
        return line.rstrip() + "…"

    def _describe(self, document: Document) -> None:
        self.pdf.set_title(self._title[:500])
        self.pdf.set_subject(clean(document.subtitle)[:500])
        self.pdf.set_author(self.company[:500])
        self.pdf.set_creator(BRAND)
        self.pdf.set_lang(texts.current())
        created = document.created_at
        self.pdf.set_creation_date(created if created.tzinfo else created.replace(tzinfo=UTC))
