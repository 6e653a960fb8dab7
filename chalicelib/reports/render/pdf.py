"""Writes a document as PDF with fpdf2: a title block, then the sections one below the other, then who signs.

Memory grows with the rows: fpdf2 holds the drawing commands of every page until the file is written, about 0.5 KB for
a row of four cells, and compresses them at the end. Equal documents give equal files.
"""

from pathlib import Path

from chalicelib.core.texts import text as translated
from chalicelib.reports.render.document import Chart, Document, Facts, Table
from chalicelib.reports.render.pdf_chart import draw_chart
from chalicelib.reports.render.pdf_head import draw_head
from chalicelib.reports.render.pdf_paper import INK, LEFT, MUTED, Paper
from chalicelib.reports.render.pdf_table import draw_facts, draw_table
from chalicelib.reports.render.values import clean

MOST_UPRIGHT = 7  # columns of a table on an upright page
SIGNATURE = 13.0  # the height of a line to sign; lengths are in millimetres


def write(document: Document, target: Path) -> None:
    """Write a document as a PDF file."""
    columns = [len(section.columns) for section in document.sections if isinstance(section, Table)]
    paper = Paper(document, is_wide=max(columns, default=0) > MOST_UPRIGHT)
    draw_head(paper, document)
    tail = 14 + SIGNATURE * len(document.signatures) if document.signatures else 0.0
    for number, section in enumerate(document.sections, 1):
        if isinstance(section, Facts):
            draw_facts(paper, section, document.timezone)
        elif isinstance(section, Chart):
            draw_chart(paper, section)
        else:
            draw_table(paper, section, document.timezone, tail if number == len(document.sections) else 0.0)
    if document.signatures:
        _signatures(paper, document)
    paper.finish(target)


def _signatures(paper: Paper, document: Document) -> None:
    """Draw a line for each who signs: role, signature, name, date."""
    paper.section_title(translated("Подписи"), SIGNATURE * len(document.signatures))
    columns = [(52.0, 45.0, translated("подпись")), (101.0, 45.0, translated("фамилия, инициалы"))]
    columns.append((150.0, 30.0, translated("дата")))
    for role in document.signatures:
        base = paper.y + 8
        paper.set_face(8.5, INK)
        paper.write(LEFT + 1, base - 0.6, paper.clip(paper.printable(clean(role)), 50))
        for left, width, name in columns:
            paper.line(LEFT + left, base, LEFT + left + width, base, INK, 0.2)
            paper.set_face(6.5, MUTED)
            paper.write_centred(LEFT + left + width / 2, base + 3, name)
        paper.y += SIGNATURE
