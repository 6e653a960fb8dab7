"""Widths of the columns of a table, by what stands in them: the headings and the first rows."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from chalicelib.reports.render.pdf_paper import Paper

GAP = 1.6  # left and right of the text in a cell; lengths are in millimetres
WIDEST_WORD = 42.0  # a longer word is broken rather than take the room of other columns
WIDEST_CODE = 78.0  # codes are read sign by sign; this is one of 40 digits
WIDEST_TEXT = 110.0  # a longer text is wrapped
MOST_MEASURED = 300  # characters of a cell
SPARE = 2 * GAP + 0.3
STEP = 3.0  # by which columns grow
COMPARED_ROWS = 60  # whose heights are compared
USED = 0.92  # of a line, on average, by words that are wrapped
HALVINGS = 24  # of the page's width, until the columns fill it


@dataclass(slots=True)
class Need:
    """What a column needs: `least`, so that no word is broken, and `full`, so that each cell is one line."""

    least: float = 0.0
    full: float = 0.0
    cells: list[float] = field(default_factory=list)

    def add(self, paper: Paper, text: str, *, is_whole: bool) -> None:
        """Count a cell in the face of the paper; a number or date is one word, whatever blanks it has."""
        longest = 0.0
        for line in text[:MOST_MEASURED].split("\n"):
            width = paper.width(line)
            longest = max(longest, width)
            if width > self.least:
                words = [line] if is_whole else line.split(" ")
                self.least = max([self.least, *(_least(paper, word) for word in words)])
        self.full = max(self.full, min(longest, WIDEST_TEXT))
        if len(self.cells) < COMPARED_ROWS:
            self.cells.append(longest)

    def add_words(self, paper: Paper, words: list[str]) -> None:
        """Count what is in no row: the words of the heading, which may be wrapped; a total."""
        widest = max([0.0, *map(paper.width, words)])
        self.least, self.full = max(self.least, widest), max(self.full, widest)


def _least(paper: Paper, word: str) -> float:
    return min(paper.width(word), WIDEST_CODE if any(map(str.isdigit, word)) else WIDEST_WORD)


def widths(needs: Sequence[Need], body: float) -> list[float]:
    """Return the widths of the columns, together `body`.

    Where no cell has to be wrapped, the rest is shared by what the columns need. Otherwise the column grows that makes
    most rows high. Where not even the longest words have room, the widest columns are cut to one width.
    """
    least = [need.least + SPARE for need in needs]
    full = [max(need.least, need.full) + SPARE for need in needs]
    if sum(least) > body:
        return _cut(least, body)
    found = full if sum(full) <= body else _grown(needs, least, full, body)
    return [width * body / sum(found) for width in found]


def _grown(needs: Sequence[Need], least: list[float], full: Sequence[float], body: float) -> list[float]:
    found, left = list(least), body - sum(least)
    while left >= STEP:
        votes = Counter[int]()
        for cells in zip(*(need.cells for need in needs), strict=True):
            lines = [
                math.ceil(cell / ((width - SPARE) * USED)) if cell > width - SPARE else 1
                for cell, width in zip(cells, found, strict=True)
            ]
            most = max(lines)
            votes.update(index for index, count in enumerate(lines) if count == most > 1 and found[index] < full[index])
        if not votes:
            break
        found[votes.most_common(1)[0][0]] += STEP
        left -= STEP
    return found


def _cut(least: Sequence[float], body: float) -> list[float]:
    low, high = 0.0, body
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        fits = sum(min(width, middle) for width in least) <= body
        low, high = (middle, high) if fits else (low, middle)
    return [min(width, low) for width in least]
