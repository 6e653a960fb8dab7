"""Cells that the reader of workbooks reports as empty: errors, and formulas without a calculated value.

An empty cell of an optional column is valid, a cell with an error is not. So the XML of the sheet is searched for them.
Most sheets have none, which is found without parsing.
"""

import posixpath
from collections.abc import Callable, Mapping
from typing import Any
from xml.parsers import expat
from zipfile import ZipFile

UNCALCULATED = "#FORMULA!"  # the mark of a formula without a value
UNKNOWN = "#ERROR!"
ERRORS = frozenset((  # written by English and Russian programs
    UNCALCULATED, UNKNOWN, "#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA",
    "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#CONNECT!", "#BUSY!", "#UNKNOWN!", "#EXTERNAL!", "#PYTHON!",
    "#ПУСТО!", "#ДЕЛ/0!", "#ЗНАЧ!", "#ССЫЛКА!", "#ИМЯ?", "#ЧИСЛО!", "#Н/Д", "#ПЕРЕНОС!", "#ПЕРЕЛИВ!", "#ВЫЧИСЛ!",
    "#ПОЛЕ!", "#БЛОКИРОВКА!", "#ПОДКЛЮЧИТЬ!", "#ЗАНЯТО!", "#ОШИБКА!",
))  # fmt: skip
_PIECE_BYTES = 1 << 20
_MARKS = (b"<f", b":f", b'"e"', b"'e'")
_MAX_ROW, _MAX_COLUMN = 1_048_576, 16_384
_MAX_TEXT = 30  # characters of the name of an error

Faults = dict[int, dict[int, str]]  # by row and column, from 0
Attributes = Mapping[str, str]


def find_faults(archive: ZipFile, sheet: str) -> Faults:
    """Return the marks of the cells of a sheet without a value; ValueError when the workbook is inconsistent."""
    names = {name.replace("\\", "/").lstrip("/").lower(): name for name in archive.namelist()}
    workbook = _office_document(archive, names)
    sheets, settings = dict[str, str](), dict[str, str]()

    def on_element(name: str, attributes: Attributes) -> None:
        if name == "sheet":
            sheets.setdefault(attributes.get("name", ""), attributes.get("id", ""))
        elif name == "calcPr":
            settings.update(attributes)

    _parse(archive.read(names[workbook]), on_element)
    part = _relations(archive, names, workbook).get(sheets.get(sheet, ""))
    if part not in names:
        raise ValueError("no part holds the sheet")
    if not _may_have_faults(archive, names[part]):
        return {}
    cells = _Cells(recalculated=settings.get("fullCalcOnLoad") in ("1", "true"))
    with archive.open(names[part]) as source:
        cells.parser.ParseFile(source)
    return cells.faults


def _may_have_faults(archive: ZipFile, part: str) -> bool:
    rest = b""
    with archive.open(part) as source:
        while piece := source.read(_PIECE_BYTES):
            if any(mark in rest + piece for mark in _MARKS):
                return True
            rest = piece[-3:]
    return False


def _office_document(archive: ZipFile, names: Mapping[str, str]) -> str:
    """Return the part that lists the sheets."""
    found = [part for part in _relations(archive, names, "", "officedocument").values() if part in names]
    if not found and "xl/workbook.xml" not in names:
        raise ValueError("no part lists the sheets")
    return found[0] if found else "xl/workbook.xml"


def _relations(archive: ZipFile, names: Mapping[str, str], part: str, kind: str = "") -> dict[str, str]:
    """Return the parts that a part refers to, by id: those whose type ends in `kind`."""
    folder, name = posixpath.split(part)
    found = dict[str, str]()

    def on_element(element: str, attributes: Attributes) -> None:
        if element == "Relationship" and attributes.get("Type", "").lower().endswith(kind):
            target = attributes.get("Target", "").replace("\\", "/")
            path = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/").lower()
            found[attributes.get("Id", "")] = path

    relations = posixpath.join(folder, "_rels", f"{name}.rels")
    if relations in names:
        _parse(archive.read(names[relations]), on_element)
    return found


def _parse(text: bytes, on_element: Callable[[str, Attributes], Any]) -> None:
    """Call `on_element` with each element and its attributes, their names without prefixes."""
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, attributes: on_element(
        _local(name), {_local(key): value for key, value in attributes.items()}
    )
    parser.Parse(text, True)


def _local(name: str) -> str:
    return name.rpartition(":")[2]


class _Cells:
    """Reads the cells of a sheet. `recalculated`: its program wrote zeros and requests a calculation."""

    def __init__(self, *, recalculated: bool) -> None:
        self.faults: Faults = {}
        self._recalculated = recalculated
        self._row = self._column = -1
        self._kind, self._value = "", ""
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
                self._kind, self._value, self._has_formula = attributes.get("t", ""), "", False
            case "f":
                self._has_formula = True
            case "v":
                self._in_value = True

    def _text(self, text: str) -> None:
        if self._in_value and len(self._value) < _MAX_TEXT:
            self._value += text

    def _end(self, name: str) -> None:
        match _local(name):
            case "v":
                self._in_value = False
            case "c" if fault := self._fault():
                if 0 <= self._row < _MAX_ROW and 0 <= self._column < _MAX_COLUMN:
                    self.faults.setdefault(self._row, {})[self._column] = fault

    def _fault(self) -> str:
        """Return the mark of a cell without a value; empty when it has one. A formula may give an empty text."""
        if self._kind == "e":
            value = self._value.strip()
            return value if value in ERRORS else UNKNOWN
        if not self._has_formula:
            return ""
        lacks = self._value in ("", "0") if self._recalculated else not self._value and self._kind != "str"
        return UNCALCULATED if lacks else ""


def _column_of(reference: str) -> int:
    """Return the column of a reference like `AB12`, from 0."""
    column = 0
    for letter in reference:
        if not "A" <= letter.upper() <= "Z":
            break
        column = column * 26 + ord(letter.upper()) - ord("A") + 1
        if column > _MAX_COLUMN:
            raise ValueError("no such column")
    return column - 1
