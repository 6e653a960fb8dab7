"""Shopfloor beside FastAPI and PostgreSQL on this machine: `make bench-peers`.

Both sides serve the same batches (bench/race/data.py). The peer (bench/peer) is a small project in that stack, with one
uvicorn worker, the usual deployment of such a project; WORKERS=n gives it more. Ours is the local stack as `make run`
starts it. Their answers are compared first, and they do not race when these differ. Then they take turns, so that
whatever else the machine does meets both.

Clients ask one request after the other from a process of their own, on the same processors. CPU is the time of all
processes of a side, the database or the emulator with its workers included, per good answer. Aggregations are raced by
1 and 4 clients, an export by one client.
"""

import argparse
import signal
import sys
from collections import Counter
from threading import Event

from bench.race import export, operations, report, same
from bench.race.load import Job, Load, Result, load
from bench.race.operations import Operation
from bench.race.ours import ours
from bench.race.processes import cpu_seconds, memory_mb
from bench.race.report import Figures, Line, Memory
from bench.race.side import Side
from bench.race.theirs import theirs

WARM_SECONDS, IDLE_SECONDS = 1.5, 3.0
_never = Event()


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--clients", type=int, nargs="+", default=list(operations.CLIENTS))
    parser.add_argument("--seconds", type=float, default=4.0, help="of each operation on each side")
    parser.add_argument("--rounds", type=int, default=2)
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # and stop both sides
    lines, memories = list[Line](), list[Memory]()
    with load() as clients:
        for size in chosen.sizes:
            large = operations.large_batches(chosen.rounds)
            with theirs(size, large) as peer, ours(size, large) as mine:
                compared = same.check(mine, peer, size)
                race = Race(clients, (mine, peer), size, chosen.rounds, chosen.seconds / chosen.rounds)
                report.head(size)
                lines += race.run(chosen.clients)
                report.show_memory(race.memory)
                memories.append(race.memory)
                print(f"{compared} answers were compared and are the same, so are the exported files")
    report.goals(lines, memories)


class Race:
    """Both sides at one size."""

    def __init__(self, clients: Load, sides: tuple[Side, Side], size: int, rounds: int, seconds: float) -> None:
        self._load, self._sides, self._size = clients, sides, size
        self._rounds, self._seconds = rounds, seconds
        self._asked = Counter[tuple[str, str]]()  # by side and operation: what is new is numbered on

    def run(self, clients: list[int]) -> list[Line]:
        """All operations: the reads first, while both hold the same."""
        before = self._idle_memory()
        lines = self._timed(operations.reads(self._size), clients)
        lines.append(self._export())
        lines += self._timed(operations.writes(self._size), clients)
        for count in sorted(set(clients) & set(operations.AGGREGATIONS)):
            lines.append(self._aggregate(count))
        after = self._idle_memory()
        self.memory = Memory(self._size, (before[0], after[0]), (before[1], after[1]))
        return lines

    def _timed(self, of_kind: list[Operation], clients: list[int]) -> list[Line]:
        lines = []
        for count in clients:
            self._warm(count)
            lines += [self._line(operation, count) for operation in of_kind]
        return lines

    def _line(self, operation: Operation, clients: int) -> Line:
        figures = Figures(), Figures()
        for _ in range(self._rounds):
            for side, figure in zip(self._sides, figures, strict=True):
                self._round(side, figure, operation, clients)
        return self._shown(operation.name, clients, figures)

    def _aggregate(self, clients: int) -> Line:
        figures = Figures(), Figures()
        for number in range(self._rounds):
            operation = operations.aggregation(clients, number)
            for side, figure in zip(self._sides, figures, strict=True):
                self._round(side, figure, operation, clients)
        return self._shown(operations.AGGREGATE, clients, figures)

    def _export(self) -> Line:
        """The first export of each is compared and not timed: like the other operations, it finds workers that run."""
        files = [export.seconds(side, self._size)[1] for side in self._sides]
        export.compare(files[0], files[1], self._size)
        figures = Figures(), Figures()
        for _ in range(self._rounds):
            for side, figure in zip(self._sides, figures, strict=True):
                used = cpu_seconds(side.pids)
                seconds, _file = export.seconds(side, self._size)
                figure.add(Result([seconds], seconds), cpu_seconds(side.pids) - used)
        return self._shown(operations.EXPORT, 1, figures)

    def _round(self, side: Side, figure: Figures, operation: Operation, clients: int) -> None:
        key = side.name, operation.name
        seconds = self._seconds if operation.timed else None
        job = Job(side.url, clients, operation.asks, seconds, first=1 + self._asked[key])
        used = cpu_seconds(side.pids)
        result = self._load.run(job)
        figure.add(result, cpu_seconds(side.pids) - used)
        self._asked[key] += result.asked

    def _warm(self, clients: int) -> None:
        """Let both start the workers and connections that so many clients need."""
        for side in self._sides:
            for operation in operations.reads(self._size):
                self._load.run(Job(side.url, clients, operation.asks, WARM_SECONDS / 3))

    def _shown(self, name: str, clients: int, figures: tuple[Figures, Figures]) -> Line:
        line = Line(self._size, clients, name, *figures)
        report.show(line)
        return line

    def _idle_memory(self) -> tuple[float, float]:
        _never.wait(IDLE_SECONDS)
        mine, peer = (memory_mb(side.pids) for side in self._sides)
        return mine, peer


if __name__ == "__main__":
    main()
