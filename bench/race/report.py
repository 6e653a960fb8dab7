"""The tables: each line as it is measured, in the end the goals."""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass, field

from bench.race.load import Result
from bench.race.operations import AGGREGATE, EXPORT, READS, WRITES

GOALS = {
    READS[0]: 1.2, READS[1]: 1.0, READS[2]: 0.7, WRITES[0]: 0.6, WRITES[1]: 0.8, AGGREGATE: 1.0, EXPORT: 1.0,
}  # fmt: skip
FLAT = 1.3


@dataclass
class Figures:
    """What a side did in all rounds of an operation."""

    times: list[float] = field(default_factory=list)
    seconds: float = 0.0
    cpu: float = 0.0
    refused: dict[str, int] = field(default_factory=dict)

    def add(self, result: Result, cpu: float) -> None:
        """Another round."""
        self.times += result.times
        self.seconds += result.seconds
        self.cpu += cpu
        for what, count in result.refused.items():
            self.refused[what] = self.refused.get(what, 0) + count

    @property
    def rate(self) -> float:
        """Good answers a second."""
        return len(self.times) / self.seconds

    @property
    def mean(self) -> float:
        """Seconds of a good answer."""
        return statistics.fmean(self.times) if self.times else float("inf")

    def cells(self) -> str:
        """Requests a second, p50 and p95, processor time of a request."""
        if not self.times:
            return f"{'-':>9}" * 4
        ordered = sorted(self.times)
        p50, p95 = (1000 * ordered[int(share * (len(ordered) - 1))] for share in (0.5, 0.95))
        cpu = 1000 * self.cpu / len(ordered)
        return "".join(f"{_short(value):>9}" for value in (self.rate, p50, p95, cpu))


@dataclass(frozen=True)
class Line:
    """One operation at one size by so many clients."""

    size: int
    clients: int
    name: str
    ours: Figures
    peer: Figures

    @property
    def ratio(self) -> float:
        """Ours : peer, in requests a second; 0 when ours refused some."""
        return self.ours.rate / self.peer.rate if self.peer.times and not self.ours.refused else 0.0


@dataclass(frozen=True)
class Memory:
    """Idle memory of both, MB, before the race and after it."""

    size: int
    ours: tuple[float, float]
    peer: tuple[float, float]


def head(size: int) -> None:
    """Begin the table of a size."""
    costs = "".join(f"{name:>9}" for name in ("p50, ms", "p95, ms", "CPU, ms"))
    sides = f"  {'ours: /s':>9}{costs}  {'peer: /s':>9}{costs}{'ours : peer':>13}"
    print(f"\n{f'{size:,} batches':26}{'clients':>8}{sides}", flush=True)


def show(line: Line) -> None:
    """A line, and below it what was refused."""
    ratio = f"{line.ratio:.2f}" if line.ratio else "-"
    print(f"{line.name:26}{line.clients:>8}  {line.ours.cells()}  {line.peer.cells()}{ratio:>13}", flush=True)
    for name, figures in (("ours", line.ours), ("peer", line.peer)):
        for what, count in figures.refused.items():
            print(f"    {name}: {count} x {what}", flush=True)


def show_memory(memory: Memory) -> None:
    """The lines of memory."""
    for when, ours, peer in zip(("before the race", "after the race"), memory.ours, memory.peer, strict=True):
        print(f"{f'idle memory, {when}':34}  {ours:>6.0f} MB{'':29}{peer:>6.0f} MB{ours / peer:>42.2f}", flush=True)


def goals(lines: Iterable[Line], memories: Iterable[Memory]) -> None:
    """Each goal with the worst of all sizes."""
    lines = list(lines)
    clients = sorted({line.clients for line in lines})
    print(_title("goal, worst of all sizes", "at least", clients))
    for name, least in GOALS.items():
        of_goal = [line for line in lines if line.name == name]
        found = {line.clients: line.ratio for line in sorted(of_goal, key=lambda line: -line.ratio)}
        cells = [_judged(found[count], found[count] >= least) if count in found else "-" for count in clients]
        print(f"{name:34}{least:>9.1f}" + "".join(f"{cell:>16}" for cell in cells))
    for memory in memories:
        ratio = max(ours / peer for ours, peer in zip(memory.ours, memory.peer, strict=True))
        name = f"idle memory at {memory.size:,}, at most"
        print(f"{name:34}{1.0:>9.1f}{_judged(ratio, ratio <= 1):>16}")
    _flatness(lines, clients)


def _flatness(lines: list[Line], clients: list[int]) -> None:
    """The time of each read at the largest size, as a multiple of that at the smallest."""
    small, large = min(line.size for line in lines), max(line.size for line in lines)
    if small == large:
        return
    print(_title(f"time at {large:,} : {small:,}", "at most", clients) + f"{'the peer':>24}")
    by_place = {(line.name, line.size, line.clients): line for line in lines}
    for name in READS:
        pairs = [(by_place[name, small, count], by_place[name, large, count]) for count in clients]
        ours = [after.ours.mean / before.ours.mean for before, after in pairs]
        peer = ", ".join(f"{after.peer.mean / before.peer.mean:.2f}" for before, after in pairs)
        cells = "".join(f"{_judged(growth, growth <= FLAT):>16}" for growth in ours)
        print(f"{name:34}{FLAT:>9.1f}{cells}{peer:>24}")


def _title(name: str, bound: str, clients: list[int]) -> str:
    return f"\n{name:34}{bound:>9}" + "".join(f"{f'{count} clients':>16}" for count in clients)


def _judged(value: float, is_met: bool) -> str:
    return f"{value:.2f} {'met' if is_met else 'missed'}"


def _short(value: float) -> str:
    """Three digits that matter."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
