"""Writes a document as PDF with fpdf2: a title block, then the sections one below the other.

Memory grows with the rows: fpdf2 holds the drawing commands of every page until the file is written, about 0.5 KB for
a row of four cells, and compresses them at the end. Equal documents give equal files.
"""

from pathlib import Path

from chalicelib.reports.render.document import Chart, Document, Facts
from chalicelib.reports.render.pdf_chart import draw_chart
from chalicelib.reports.render.pdf_paper import ACCENT, BODY, INK, LEFT, MUTED, RIGHT, Paper
from chalicelib.reports.render.pdf_table import draw_facts, draw_table
from chalicelib.reports.render.values import clean


def write(document: Document, target: Path) -> None:
    """Write a document as a PDF file."""
    paper = Paper(document)
    _title_block(paper, document)
    for section in document.sections:
        if isinstance(section, Facts):
            draw_facts(paper, section, document.timezone)
        elif isinstance(section, Chart):
            draw_chart(paper, section)
        else:
            draw_table(paper, section, document.timezone)
    paper.finish(target)


def _title_block(paper: Paper, document: Document) -> None:
    paper.set_face(8, ACCENT, "B")
    paper.write(LEFT, 17, "SHOPFLOOR")
    paper.set_face(8, MUTED)
    paper.write_right(RIGHT, 17, paper.made)
    paper.line(LEFT, 19.5, RIGHT, 19.5, ACCENT, 0.6)
    paper.y = 24
    paper.set_face(18, INK, "B")
    for line in paper.wrap(paper.printable(clean(document.title)), BODY, 3):
        paper.write(LEFT, paper.y + 6, line)
        paper.y += 8.5
    paper.set_face(9.5, MUTED)
    subtitle = paper.printable(clean(document.subtitle))
    for line in paper.wrap(subtitle, BODY, 4) if subtitle else []:
        paper.write(LEFT, paper.y + 4, line)
        paper.y += 5
    if document.meta:
        paper.set_face(8, INK)
        facts = "   ·   ".join(f"{clean(name)}: {clean(value)}" for name, value in document.meta.items())
        for line in paper.wrap(paper.printable(facts), BODY, 4):
            paper.write(LEFT, paper.y + 5, line)
            paper.y += 4.5
    paper.y += 3
