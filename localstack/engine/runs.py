"""Sorted runs: the places of the items of one partition, in the order of a Query. Used by the fast path `query`."""

from bisect import bisect_left
from collections.abc import Iterator

Entry = tuple[str, str, str]
"""Sort key of the index (empty when it has none), partition key and sort key of the table."""

BLOCK_ENTRIES = 512


class Run:
    """Entries in order, in blocks, so that a change moves few of them however many there are."""

    __slots__ = ("_blocks", "_lasts")

    def __init__(self, entries: list[Entry]) -> None:
        entries.sort()
        self._blocks = [entries[at : at + BLOCK_ENTRIES] for at in range(0, len(entries), BLOCK_ENTRIES)]
        self._lasts = [block[-1] for block in self._blocks]

    def __bool__(self) -> bool:
        return bool(self._blocks)

    def add(self, entry: Entry) -> None:
        """Insert an entry; one that is there stays as it is."""
        if not self._blocks:
            self._blocks, self._lasts = [[entry]], [entry]
            return
        number = min(bisect_left(self._lasts, entry), len(self._blocks) - 1)
        block = self._blocks[number]
        at = bisect_left(block, entry)
        if at < len(block) and block[at] == entry:
            return
        block.insert(at, entry)
        if len(block) > 2 * BLOCK_ENTRIES:
            self._blocks[number : number + 1] = [block[:BLOCK_ENTRIES], block[BLOCK_ENTRIES:]]
            self._lasts[number : number + 1] = [block[BLOCK_ENTRIES - 1], block[-1]]
        else:
            self._lasts[number] = block[-1]

    def remove(self, entry: Entry) -> None:
        """Take an entry out, if it is there."""
        number = bisect_left(self._lasts, entry)
        if number == len(self._blocks):
            return
        block = self._blocks[number]
        at = bisect_left(block, entry)
        if at == len(block) or block[at] != entry:
            return
        del block[at]
        if block:
            self._lasts[number] = block[-1]
        else:
            del self._blocks[number], self._lasts[number]

    def between(self, low: tuple[str, ...], high: tuple[str, ...] | None, forward: bool) -> Iterator[Entry]:
        """The entries from `low` on and before `high` (None: to the end), forward or backward."""
        blocks = self._blocks
        first = bisect_left(self._lasts, low)
        last = len(blocks) - 1 if high is None else min(bisect_left(self._lasts, high), len(blocks) - 1)
        for number in range(first, last + 1) if forward else range(last, first - 1, -1):
            block = blocks[number]
            start = bisect_left(block, low) if number == first else 0
            end = len(block) if high is None or number < last else bisect_left(block, high)
            yield from block[start:end] if forward else block[start:end][::-1]
