"""Writes a document as XLSX with XlsxWriter in constant_memory mode: rows go to a temporary file as they are read.

The first sheet has title, facts, brief tables and charts (xlsx_summary.py); each list has a sheet of its own
(xlsx_list.py); the last sheet has the numbers of the charts (xlsx_chart.py). Cells are typed. A text is never
interpreted as a formula or a link; one that looks like a formula is marked as quoted, so that it stays a text when the
cell is edited. Memory does not grow with the rows.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import xlsxwriter

from chalicelib.core.texts import text
from chalicelib.reports.render.document import Chart, Document, Table
from chalicelib.reports.render.xlsx_book import Book
from chalicelib.reports.render.xlsx_chart import ChartNumbers
from chalicelib.reports.render.xlsx_list import write_list
from chalicelib.reports.render.xlsx_summary import Block, Summary, block_of

SUMMARY, NUMBERS = "Сводка", "Данные диаграмм"


def write(document: Document, target: Path) -> None:
    """Write a document as an XLSX file."""
    with TemporaryDirectory() as scratch:  # XlsxWriter leaves its temporary files after an error
        options = {"constant_memory": True, "tmpdir": scratch, "strings_to_urls": False, "strings_to_formulas": False}
        book = Book(document, xlsxwriter.Workbook(str(target), options))
        book.describe()
        _write(book, document)
        book.workbook.close()


def _write(book: Book, document: Document) -> None:
    """Write the summary with the sections that fit into it, then the lists, then the numbers of the charts."""
    sheet, name = book.sheet(text(SUMMARY)), book.reserve(text(NUMBERS))
    charts = ChartNumbers(book, name)
    blocks: list[Block] = []
    lists: list[Table] = []
    for section in document.sections:
        if isinstance(section, Chart):
            blocks += charts.blocks_of(section)
        elif isinstance(block := block_of(book, section), Table):
            lists.append(block)
        else:
            blocks.append(block)
    Summary(book, sheet, blocks).write()
    for table in lists:
        write_list(book, table)
    charts.write()
