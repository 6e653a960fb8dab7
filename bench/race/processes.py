"""What a process and all that it has started cost: time on the processor, memory. Linux only."""

import os
from collections.abc import Iterable
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> list[int]:
    """A process and all its descendants that live."""
    found, left = list[int](), [pid]
    while left:
        found.append(left.pop())
        for task in Path(f"/proc/{found[-1]}/task").glob("*/children"):
            left.extend(map(int, _text(task).split()))
    return found


def cpu_seconds(roots: Iterable[int]) -> float:
    """Time on the processor of those processes, their descendants, and of descendants that have ended."""
    ticks = 0
    for root in roots:
        for pid in tree(root):
            fields = _text(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15]))
    return ticks / TICKS


def memory_mb(roots: Iterable[int]) -> float:
    """Their memory and that of their descendants, pages they share counted once (PSS)."""
    return sum(_pss_kb(pid) for root in roots for pid in tree(root)) / 1024


def _pss_kb(pid: int) -> int:
    lines = _text(Path(f"/proc/{pid}/smaps_rollup")).splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""  # a process that has ended meanwhile
