"""The marks of a sheet of an OpenDocument spreadsheet, from its XML."""

from collections.abc import Mapping
from xml.parsers import expat
from zipfile import ZipFile

from chalicelib.batches.exchange.marks import MAX_COLUMN, MAX_ROW, MAX_TEXT, UNCALCULATED, Marks, named

_TABLE, _OFFICE, _TEXT = (f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0" for name in ("table", "office", "text"))
_CALC = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"
_CELLS = (f"{_TABLE} table-cell", f"{_TABLE} covered-table-cell")


def find(source: str, sheet: str) -> Marks:
    """Return the marks of a sheet."""
    cells = _Cells(sheet)
    with ZipFile(source) as archive, archive.open("content.xml") as content:
        cells.parser.ParseFile(content)
    return cells.marks


def is_encrypted(source: str) -> bool:
    """Return whether the spreadsheet has a password."""
    with ZipFile(source) as archive:
        return b"encryption-data" in archive.read("META-INF/manifest.xml")


class _Cells:
    """Reads the cells of one sheet; a row or cell may stand for many equal ones."""

    def __init__(self, sheet: str) -> None:
        self.marks = Marks()
        self._sheet, self._is_inside = sheet, False
        self._row = self._column = 0
        self._rows = self._columns = 1  # that the current row and cell stand for
        self._cell: Mapping[str, str] = {}
        self._text, self._paragraphs, self._notes = "", 0, 0
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._add_text

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == f"{_TABLE} table":
            self._is_inside = attributes.get(f"{_TABLE} name") == self._sheet
            self._row = 0
        elif name == f"{_TABLE} null-date":
            self.marks.from_1904 = attributes.get(f"{_TABLE} date-value", "").startswith("1904")
        elif not self._is_inside:
            return
        elif name == f"{_TABLE} table-row":
            self._rows, self._column = int(attributes.get(f"{_TABLE} number-rows-repeated", 1)), 0
        elif name in _CELLS:
            self._columns = int(attributes.get(f"{_TABLE} number-columns-repeated", 1))
            self._cell, self._text, self._paragraphs = attributes, "", 0
        elif name == f"{_OFFICE} annotation":
            self._notes += 1
        elif name == f"{_TEXT} p" and not self._notes:
            self._paragraphs += 1

    def _add_text(self, text: str) -> None:
        if self._is_inside and not self._notes and len(self._text) < MAX_TEXT:
            self._text += text

    def _end(self, name: str) -> None:
        if name == f"{_TABLE} table":
            self._is_inside = False
        elif not self._is_inside:
            return
        elif name == f"{_TABLE} table-row":
            self._row = min(self._row + self._rows, MAX_ROW)
        elif name in _CELLS:
            if mark := self._mark():
                for row in range(self._row, min(self._row + self._rows, MAX_ROW)):
                    for column in range(self._column, min(self._column + self._columns, MAX_COLUMN)):
                        self.marks.add(row, column, mark)
            self._column = min(self._column + self._columns, MAX_COLUMN)
        elif name == f"{_OFFICE} annotation":
            self._notes -= 1

    def _mark(self) -> str:
        """Return the mark of a cell; empty when it needs none."""
        kind, text = self._cell.get(f"{_OFFICE} value-type"), self._text.strip()
        if self._cell.get(f"{_CALC} value-type") == "error":
            return named(text) if text.startswith("#") else text[:MAX_TEXT] or named(text)
        if f"{_TABLE} formula" in self._cell and kind is None and not self._paragraphs:
            return UNCALCULATED
        return text if kind == "float" and text.startswith("0") and text.isdigit() and len(text) > 1 else ""
