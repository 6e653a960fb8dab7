"""The marks of a sheet of an xlsx file, from its XML. Most sheets have none, which is found without parsing."""

import posixpath
import re
from collections.abc import Callable, Mapping
from typing import Any
from xml.parsers import expat
from zipfile import ZipFile

from chalicelib.batches.exchange.marks import MAX_COLUMN, MAX_TEXT, UNCALCULATED, Mark, Marks, digits_of, named

_PIECE_BYTES = 1 << 20
_SIGNS = (b"<f", b":f", b'"e"', b"'e'")
_DIMENSION = re.compile(rb"<(?:\w+:)?dimension\b[^>]*?/>")
_TRUE = ("1", "true")

Attributes = Mapping[str, str]


def find(source: str, sheet: str) -> Marks:
    """Return the marks of a sheet; ValueError when the workbook is inconsistent."""
    with ZipFile(source) as archive:
        names = {name.replace("\\", "/").lstrip("/").lower(): name for name in archive.namelist()}
        return _Workbook(archive, names).marks_of(sheet)


def without_dimensions(source: str, target: str) -> None:
    """Copy a workbook without the sizes of its sheets: some programs write sizes that the reader refuses."""
    with ZipFile(source) as parts, ZipFile(target, "w") as copy:
        for part in parts.infolist():
            content = parts.read(part)
            copy.writestr(part.filename.replace("\\", "/"), _DIMENSION.sub(b"", content, count=1))


class _Workbook:
    """The parts of a workbook; `names` has their names in the archive by those that others refer to them with."""

    def __init__(self, archive: ZipFile, names: Mapping[str, str]) -> None:
        self.archive, self.names = archive, names

    def marks_of(self, sheet: str) -> Marks:
        """Return the marks of a sheet."""
        sheets, settings = dict[str, str](), dict[str, str]()

        def on_element(name: str, attributes: Attributes) -> None:
            if name == "sheet":
                sheets.setdefault(attributes.get("name", ""), attributes.get("id", ""))
            elif name in ("calcPr", "workbookPr"):
                settings.update(attributes)

        workbook = self._office_document()
        self._parse(workbook, on_element)
        part = self._relations(workbook).get(sheets.get(sheet, ""), "")
        if part not in self.names:
            raise ValueError("no part holds the sheet")
        digits = self._digits_of_styles(workbook)
        cells = _Cells(digits, recalculated=settings.get("fullCalcOnLoad") in _TRUE)
        cells.marks.from_1904 = settings.get("date1904") in _TRUE
        if digits or self._may_have_marks(part):
            with self.archive.open(self.names[part]) as source:
                cells.parser.ParseFile(source)
        return cells.marks

    def _digits_of_styles(self, workbook: str) -> dict[str, int]:
        """Return by the number of a style how many digits it shows at least: of those with leading zeros."""
        formats, styles = dict[str, int](), list[str]()
        inside = [""]

        def on_element(name: str, attributes: Attributes) -> None:
            if name in ("cellStyleXfs", "cellXfs"):
                inside[0] = name
            elif name == "numFmt" and (digits := digits_of(attributes.get("formatCode", ""))):
                formats[attributes.get("numFmtId", "")] = digits
            elif name == "xf" and inside[0] == "cellXfs":
                styles.append(attributes.get("numFmtId", ""))

        for part in self._relations(workbook, "/styles").values():
            if part in self.names:
                self._parse(part, on_element)
        return {str(number): formats[style] for number, style in enumerate(styles) if style in formats}

    def _may_have_marks(self, part: str) -> bool:
        rest = b""
        with self.archive.open(self.names[part]) as source:
            while piece := source.read(_PIECE_BYTES):
                if any(sign in rest + piece for sign in _SIGNS):
                    return True
                rest = piece[-3:]
        return False

    def _office_document(self) -> str:
        """Return the part that lists the sheets."""
        found = [part for part in self._relations("", "officedocument").values() if part in self.names]
        if not found and "xl/workbook.xml" not in self.names:
            raise ValueError("no part lists the sheets")
        return found[0] if found else "xl/workbook.xml"

    def _relations(self, part: str, kind: str = "") -> dict[str, str]:
        """Return the parts that a part refers to, by id: those whose type ends in `kind`."""
        folder, name = posixpath.split(part)
        found = dict[str, str]()

        def on_element(element: str, attributes: Attributes) -> None:
            if element == "Relationship" and attributes.get("Type", "").lower().endswith(kind):
                target = attributes.get("Target", "").replace("\\", "/")
                path = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/").lower()
                found[attributes.get("Id", "")] = path

        relations = posixpath.join(folder, "_rels", f"{name}.rels")
        if relations in self.names:
            self._parse(relations, on_element)
        return found

    def _parse(self, part: str, on_element: Callable[[str, Attributes], Any]) -> None:
        """Call `on_element` with each element and its attributes, their names without prefixes."""
        parser = expat.ParserCreate()
        parser.StartElementHandler = lambda name, attributes: on_element(
            _local(name), {_local(key): value for key, value in attributes.items()}
        )
        parser.Parse(self.archive.read(self.names[part]), True)


def _local(name: str) -> str:
    return name.rpartition(":")[2]


class _Cells:
    """Reads the cells of a sheet. `recalculated`: its program wrote zeros and requests a calculation."""

    def __init__(self, digits: Mapping[str, int], *, recalculated: bool) -> None:
        self.marks = Marks()
        self._digits, self._recalculated = digits, recalculated
        self._row = self._column = -1
        self._kind, self._style, self._value = "", "", ""
        self._has_formula = self._in_value = False
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def _start(self, name: str, attributes: Attributes) -> None:
        match _local(name):
            case "row":
                self._row, self._column = int(attributes.get("r", self._row + 2)) - 1, -1
            case "c":
                self._column = _column_of(attributes["r"]) if "r" in attributes else self._column + 1
                self._kind, self._style = attributes.get("t", ""), attributes.get("s", "")
                self._value, self._has_formula = "", False
            case "f":
                self._has_formula = True
            case "v":
                self._in_value = True

    def _text(self, text: str) -> None:
        if self._in_value and len(self._value) < MAX_TEXT:
            self._value += text

    def _end(self, name: str) -> None:
        match _local(name):
            case "v":
                self._in_value = False
            case "c" if mark := self._mark():
                self.marks.add(self._row, self._column, mark)

    def _mark(self) -> Mark:
        """Return the mark of a cell; empty when it needs none. A formula may give an empty text."""
        if self._kind == "e":
            return named(self._value.strip())
        if self._has_formula:
            lacks = self._value in ("", "0") if self._recalculated else not self._value and self._kind != "str"
            if lacks:
                return UNCALCULATED
        return self._digits.get(self._style, 0) if self._kind in ("", "n") else 0


def _column_of(reference: str) -> int:
    """Return the column of a reference like `AB12`, from 0."""
    column = 0
    for letter in reference:
        if not "A" <= letter.upper() <= "Z":
            break
        column = column * 26 + ord(letter.upper()) - ord("A") + 1
        if column > MAX_COLUMN:
            raise ValueError("no such column")
    return column - 1
