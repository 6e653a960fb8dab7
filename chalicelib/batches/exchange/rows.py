"""The rows of a sheet, one by one: each becomes a BatchRow, or a list of errors."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import ValidationError

from chalicelib.batches.exchange import columns
from chalicelib.batches.exchange.row_file import is_blank
from chalicelib.batches.exchange.schemas import BatchRow, RowError
from chalicelib.batches.exchange.sheets import Sheet, Unreadable
from chalicelib.core.errors import FieldProblem, Invalid
from chalicelib.core.validation import problems_of


@dataclass(frozen=True)
class Row:
    """A row of the file, and its `batch`, or else its `errors`."""

    number: int  # from 1, the first after the header
    cells: list[str]
    batch: BatchRow | None = None
    errors: tuple[RowError, ...] = ()

    def refused(self, column: str | None, code: str, error: str) -> "Row":
        """Return the row with an error."""
        return Row(self.number, self.cells, None, (RowError(row=self.number, column=column, code=code, error=error),))


class Reader:
    """Reads the rows of one sheet; Unreadable when its header is not that of a sheet of batches."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self.header = [cell.strip() for cell in sheet.header]
        names = [cell.lower() for cell in self.header]
        _check_header(names)
        positions = {name: position for position, name in enumerate(names)}
        self._fields = [
            (position, name, kind := columns.BY_NAME[name].kind, columns.fault_starts(kind), columns.reader(kind))
            for name, position in positions.items()
            if name in columns.READ
        ]
        self._products = [
            positions[name] for name in sorted(filter(columns.products_part, positions), key=columns.products_part)
        ]
        self._seen: dict[tuple[int, date], int] = {}

    def __iter__(self) -> Iterator[Row]:
        """Yield all rows that are not blank. A repeated batch is an error of its second row."""
        for number, cells in enumerate(self._sheet.rows(), start=1):
            if not is_blank(cells):
                yield self._refuse_repeated(self._read(number, cells))

    def _read(self, number: int, cells: list[str]) -> Row:
        values: dict[str, Any] = {}
        faults: list[RowError] = []
        for position, name, kind, fault_starts, read in self._fields:
            if position < len(cells) and (text := cells[position].strip()):
                if text[0] in fault_starts and (fault := columns.fault(text, kind)):
                    faults.append(RowError(row=number, column=name, code=fault[0], error=fault[1]))
                else:
                    values[name] = read(text)
        values["products"] = self._codes(number, cells, faults)
        problems: Sequence[FieldProblem] = ()
        try:
            batch = BatchRow.model_validate(values)
            _check_related_fields(batch)
        except ValidationError as error:
            problems = problems_of(error)
        except Invalid as error:
            problems = error.fields
        if faults or problems:
            at_fault = {fault.column for fault in faults}
            found = [error for error in _errors(number, problems) if error.column not in at_fault]
            return Row(number, cells, None, (*faults, *found))
        return Row(number, cells, batch)

    def _codes(self, number: int, cells: Sequence[str], faults: list[RowError]) -> Any:
        """Return the products of a row; validation refuses what is not a list."""
        codes: list[Any] = []
        for position in self._products:
            text = cells[position].strip() if position < len(cells) else ""
            if fault := columns.fault(text, "products"):
                faults.append(RowError(row=number, column=columns.PRODUCTS, code=fault[0], error=fault[1]))
                continue
            found = columns.products(text) if text else []
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
        return row.refused("batch_number", "duplicate", f"партия с этим номером и датой уже есть в строке {first}")


def _check_header(names: Sequence[str]) -> None:
    known = Counter(name for name in names if name in columns.BY_NAME or columns.products_part(name))
    if missing := [name for name in columns.REQUIRED if name not in known]:
        raise Unreadable(f"В первой строке файла нет столбцов: {', '.join(missing)}")
    if repeated := sorted(name for name, count in known.items() if count > 1):
        raise Unreadable(f"Столбцы повторяются: {', '.join(repeated)}")


def _check_related_fields(batch: BatchRow) -> None:
    """Check fields against each other."""
    if batch.is_closed is False and batch.closed_at:
        raise _invalid("closed_at", "не указывается для открытой партии")
    if len(set(batch.products)) < len(batch.products):
        raise _invalid("products", "коды повторяются")


def _invalid(column: str, reason: str) -> Invalid:
    return Invalid(fields=[{"loc": [column], "msg": reason, "type": "value_error"}])


def _errors(number: int, problems: Sequence[FieldProblem]) -> Iterator[RowError]:
    for problem in problems:
        *_, column = [part for part in problem["loc"] if isinstance(part, str) and part != "body"]
        item = next((part for part in problem["loc"] if isinstance(part, int)), None)
        prefix = "" if item is None else f"элемент {item + 1}: "
        yield RowError(row=number, column=column, code=problem["type"], error=prefix + problem["msg"])
