"""Where the texts of a PDF stand, as a reader program finds them."""

from dataclasses import dataclass
from pathlib import Path

from pypdf import PdfReader


@dataclass(frozen=True)
class Piece:
    """A text that is drawn at once; `x` and `y` are in points, from the lower left corner of its page."""

    page: int
    x: float
    y: float
    size: float
    text: str


def pieces(target: Path) -> list[Piece]:
    """Return the texts of all pages, in the order in which they are drawn."""
    found: list[Piece] = []
    for number, page in enumerate(PdfReader(target).pages):

        def visit(text: str, _ctm: object, matrix: list[float], _font: object, size: float, page: int = number) -> None:
            if text.strip():
                found.append(Piece(page, matrix[4], matrix[5], size, text.strip("\n ").replace("\u00a0", " ")))

        page.extract_text(visitor_text=visit)
    return found


def cells(found: list[Piece], size: float, line: float) -> list[list[str]]:
    """Return the lines of each cell: pieces of one size that begin at one x, not more than a `line` apart."""
    made: list[list[str]] = []
    last: Piece | None = None
    for piece in sorted((one for one in found if one.size == size), key=lambda one: (one.page, round(one.x), -one.y)):
        together = last and last.page == piece.page and round(last.x) == round(piece.x) and last.y - piece.y <= line
        if together:
            made[-1].append(piece.text)
        else:
            made.append([piece.text])
        last = piece
    return made
