"""The rows of a sheet, one by one: each becomes a BatchRow, or a list of errors."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from pydantic import ValidationError

from chalicelib.batches.exchange import columns, headings, values
from chalicelib.batches.exchange.row_file import is_blank
from chalicelib.batches.exchange.schemas import BatchRow
from chalicelib.batches.exchange.sheets import Sheet, Unreadable
from chalicelib.batches.exchange.values import Unclear
from chalicelib.core.errors import FieldProblem, Invalid
from chalicelib.core.texts import text
from chalicelib.core.validation import problems_of

MAX_SHOWN = 100  # characters of a value that an error repeats
EXAMPLES = ("пример", "example")  # with these begins the number of the example of the template, which is no batch
_OTHER_FORMAT = frozenset((  # the value is of another kind than its column
    "int_type", "bool_type", "list_type", "string_type", "date_type", "date_format", "date_parsing",
    "date_from_datetime_parsing", "datetime_type", "datetime_parsing", "datetime_object_invalid",
    "datetime_from_date_parsing",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class RowError:
    """An error in a row, from 1, the first after the header. `file_row` and `file_column` are its place in the file."""

    row: int
    column: str | None
    code: str
    error: str
    file_row: int
    file_column: str | None = None
    value: str | None = None


@dataclass(frozen=True)
class Row:
    """A row of a sheet, and its `batch`, or else its `errors`."""

    number: int  # from 1, the first after the header
    cells: list[str]
    sheet: Sheet
    batch: BatchRow | None = None
    errors: tuple[RowError, ...] = ()

    def refused(self, column: str | None, code: str, error: str) -> "Row":
        """Return the row with an error."""
        return Row(self.number, self.cells, self.sheet, None, (self.error(column, code, error),))

    def error(self, column: str | None, code: str, error: str) -> RowError:
        """Return an error of the row, which names its place in the file and the value there."""
        place = self.sheet.columns.positions.get(column or "")
        file_row, heading, value = self.sheet.header_row + self.number, None, None
        if place is not None:
            heading = self.sheet.header[place].strip()
            value = self.cells[place].strip()[:MAX_SHOWN] if place < len(self.cells) else ""
        return RowError(self.number, column, code, error, file_row, heading, value)


class Reader:
    """Reads the rows of one sheet; Unreadable when its header is not that of a sheet of batches."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        check_header(sheet.columns)
        places, usage = sheet.columns.positions, sheet.usage
        self._fields = [
            (
                places[name],
                name,
                kind := columns.BY_NAME[name].kind,
                values.fault_starts(kind),
                values.reader(kind, usage),
            )
            for name in places
            if name in columns.READ
        ]
        self._products = [
            places[name] for name in sorted(filter(columns.products_part, places), key=columns.products_part)
        ]
        self._number, self._code = places["batch_number"], places["ekn_code"]
        self._seen: dict[tuple[int, date], int] = {}

    def __iter__(self) -> Iterator[Row]:
        """Yield all rows that are not blank or examples. A repeated batch is an error of its second row."""
        for number, cells in enumerate(self._sheet.rows(), start=1):
            if not is_blank(cells):
                row = self._read(Row(number, cells, self._sheet))
                if row.batch or not self._is_example(cells):
                    yield self._refuse_repeated(row)

    def _is_example(self, cells: Sequence[str]) -> bool:
        """Return whether a row is the example. One that has been filled in is not: it lacks a number."""
        if max(self._number, self._code) >= len(cells) or cells[self._code].strip() != columns.EXAMPLE_CODE:
            return False
        return cells[self._number].strip().lower().startswith(EXAMPLES)

    def _read(self, row: Row) -> Row:
        fields: dict[str, Any] = {}
        faults: list[RowError] = []
        cells = row.cells
        if len(cells) > len(self._sheet.header):
            faults.append(_too_many(row))
        for place, name, kind, fault_starts, read in self._fields:
            if place < len(cells) and (cell := cells[place].strip()):
                try:
                    if cell[0] in fault_starts and (fault := values.fault(cell, kind)):
                        raise fault
                    fields[name] = read(cell)
                except Unclear as unclear:
                    faults.append(row.error(name, unclear.code, text(unclear.template, **unclear.values)))
        fields["products"] = self._codes(row, faults)
        problems: Sequence[FieldProblem] = ()
        try:
            batch = BatchRow.model_validate(fields)
            _check_related_fields(batch)
        except ValidationError as error:
            problems = problems_of(error)
        except Invalid as error:
            problems = error.fields
        if faults or problems:
            at_fault = {fault.column for fault in faults}
            found = [error for error in _errors(row, problems) if error.column not in at_fault]
            return Row(row.number, cells, self._sheet, None, (*faults, *found))
        return Row(row.number, cells, self._sheet, batch)

    def _codes(self, row: Row, faults: list[RowError]) -> Any:
        """Return the products of a row; validation refuses what is not a list."""
        codes: list[Any] = []
        for place in self._products:
            cell = row.cells[place].strip() if place < len(row.cells) else ""
            if fault := values.fault(cell, "products"):
                faults.append(row.error(columns.PRODUCTS, fault.code, text(fault.template, **fault.values)))
                continue
            found = values.products(cell) if cell else []
            if not isinstance(found, list):
                return found
            codes += found
        return codes

    def _refuse_repeated(self, row: Row) -> Row:
        if row.batch is None:
            return row
        first = self._seen.setdefault(row.batch.key, row.number)
        if first == row.number:
            return row
        reason = text("партия с этим номером и датой уже есть в строке {row}", row=first)
        return row.refused("batch_number", "duplicate", reason)


def check_header(header: headings.Header) -> None:
    """Raise Unreadable unless a header has the required columns, each once."""
    if header.missing:
        language = headings.current_language()
        missing = ", ".join(f"{name} ({headings.title(name, language)})" for name in header.missing)
        raise Unreadable(text("В файле нет столбцов: {columns}", columns=missing))
    if header.repeated:
        raise Unreadable(text("Столбцы повторяются: {columns}", columns=", ".join(header.repeated)))


def _too_many(row: Row) -> RowError:
    """Return the error of a row of csv with more cells than the header."""
    reason = text("ячеек больше, чем в заголовке: возьмите в кавычки текст, в котором есть разделитель")
    error = row.error(None, "too_many_cells", reason)
    return replace(error, value=row.cells[len(row.sheet.header)].strip()[:MAX_SHOWN])


def _check_related_fields(batch: BatchRow) -> None:
    """Check fields against each other."""
    if batch.is_closed is False and batch.closed_at:
        raise _invalid("closed_at", text("не указывается для открытой партии"))
    if len(set(batch.products)) < len(batch.products):
        raise _invalid("products", text("коды повторяются"))


def _invalid(column: str, reason: str) -> Invalid:
    return Invalid(fields=[{"loc": [column], "msg": reason, "type": "value_error"}])


def _errors(row: Row, problems: Sequence[FieldProblem]) -> Iterator[RowError]:
    for problem in problems:
        *_, column = [part for part in problem["loc"] if isinstance(part, str) and part != "body"]
        item = next((part for part in problem["loc"] if isinstance(part, int)), None)
        if item is not None:
            reason = text("элемент {number}: {reason}", number=item + 1, reason=problem["msg"])
        elif problem["type"] in _OTHER_FORMAT:
            reason = text(values.EXPECTED[columns.BY_NAME[column].kind])
        else:
            reason = problem["msg"]
        yield row.error(column, problem["type"], reason)
