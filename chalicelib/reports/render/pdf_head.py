"""The title block of a PDF: company and logo, title, and what the report is about."""

from io import BytesIO

from PIL import Image

from chalicelib.reports.render.document import Document
from chalicelib.reports.render.pdf_paper import ACCENT, INK, LEFT, MUTED, Paper
from chalicelib.reports.render.values import clean

LOGO_HEIGHT, LOGO_WIDTH = 11.0, 45.0  # at most; lengths are in millimetres
FACT_GAP = 8.0


def draw_head(paper: Paper, document: Document) -> None:
    """Draw the block on the first page."""
    left = LEFT + (_logo(paper, document.logo) if document.logo else 0.0)
    paper.set_face(8, MUTED)
    room = paper.body - paper.width(paper.made) - (left - LEFT) - 6
    paper.write_right(paper.right, 17, paper.made)
    paper.set_face(8, ACCENT, "B")
    paper.write(left, 17, paper.clip(paper.printable(paper.company), room))
    paper.line(LEFT, 19.5, paper.right, 19.5, ACCENT, 0.6)
    paper.y = 24
    paper.set_face(18, INK, "B")
    for line in paper.wrap(paper.printable(clean(document.title)), paper.body, 3):
        paper.write(LEFT, paper.y + 6, line)
        paper.y += 8.5
    paper.set_face(9.5, MUTED)
    subtitle = paper.printable(clean(document.subtitle))
    for line in paper.wrap(subtitle, paper.body, 4) if subtitle else []:
        paper.write(LEFT, paper.y + 4, line)
        paper.y += 5
    _meta(paper, document)
    paper.y += 3


def _logo(paper: Paper, content: bytes) -> float:
    """Draw the logo; returns how far it reaches, 0 for a damaged picture."""
    try:
        picture = Image.open(BytesIO(content))
        picture.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return 0.0
    scale = min(LOGO_WIDTH / picture.width, LOGO_HEIGHT / picture.height)
    width, height = picture.width * scale, picture.height * scale
    paper.pdf.image(picture, x=LEFT, y=18.5 - height, w=width, h=height)
    return width + 4


def _meta(paper: Paper, document: Document) -> None:
    """Write names and values one after the other, each together on a line if it fits."""
    if not document.meta:
        return
    x, paper.y = LEFT, paper.y + 1.5
    paper.set_face(8)
    for name, value in document.meta.items():
        label = paper.clip(paper.printable(f"{clean(name)}:"), paper.body / 2)
        lines = paper.wrap(paper.printable(clean(value)), paper.body - paper.width(label) - 1.5, 3)
        width = paper.width(label) + 1.5 + max(map(paper.width, lines), default=0.0)
        if x > LEFT and x + width > paper.right:
            x, paper.y = LEFT, paper.y + 4.6
        paper.set_face(8, MUTED)
        paper.write(x, paper.y + 4, label)
        start = x + paper.width(label) + 1.5
        paper.set_face(8, INK)
        for number, line in enumerate(lines):
            paper.write(start, paper.y + 4 + number * 4.6, line)
        paper.y += 4.6 * (len(lines) - 1)
        x += width + FACT_GAP
    paper.y += 4.6
