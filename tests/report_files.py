"""Reading the files of reports."""

import csv
import io
from typing import Any

from openpyxl.worksheet.worksheet import Worksheet


def rows_of(sheet: Worksheet) -> list[tuple[Any, ...]]:
    """Return headings and rows of a list in a workbook, without the title above and the totals below."""
    return [tuple(cell.value for cell in row) for row in sheet[str(sheet.auto_filter.ref)]]


def records(content: bytes) -> list[list[str]]:
    """Return the records of a CSV."""
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
