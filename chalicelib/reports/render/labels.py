"""Labels of charts: short enough for their place, and each tells its bar from the others."""

from collections import Counter
from collections.abc import Sequence
from itertools import count

from chalicelib.reports.render.values import clean


def distinct(labels: Sequence[str], limit: int) -> list[str]:
    """Return the labels with at most `limit` characters, at least 12. No two are equal.

    A longer label is cut in the middle, because what tells labels apart stands at their beginning or end. If that is
    what was cut out, or the labels were equal from the start, they are numbered.
    """
    short = [_cut(" ".join(clean(label).split()), limit) for label in labels]
    counts, taken = Counter(short), set(short)
    return [label if counts[label] == 1 else _numbered(label, limit, taken) for label in short]


def _numbered(label: str, limit: int, taken: set[str]) -> str:
    marks = (f" ({number})" for number in count(1))
    candidates = (_cut(label, limit - len(mark)) + mark for mark in marks)
    free = next(candidate for candidate in candidates if candidate not in taken)
    taken.add(free)
    return free


def _cut(label: str, limit: int) -> str:
    if len(label) <= limit:
        return label
    tail = limit // 2
    head = max(1, limit - tail - 1)
    return f"{label[:head].rstrip()}…{label[-tail:].lstrip()}" if tail else f"{label[:head]}…"
