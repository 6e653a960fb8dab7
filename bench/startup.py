"""How long the local stack takes to be ready, and its memory: `make bench-startup`.

Each time: a start from an empty state with the demo, a clean stop, a second start on that state, and after `kill -9`
another one. Seconds run from the command to the line `ready:`; the phases are those the launcher prints. Memory is that
of all processes at that moment, shared pages counted once. What was written 6 s before the kill is asked for
afterwards.
"""

import argparse
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

import requests

from bench.race.processes import memory_mb, tree
from tests.e2e.stack import free_ports, launch
from tests.waiting import wait_for

FIRST, SECOND, KILLED = "empty, demo", "second", "after kill -9"
GOALS = {FIRST: 15.0, SECOND: 2.5}
MOST_MB = 600
SAFE_SECONDS = 6.0  # what is older survives a kill
PHASE = re.compile(r"^(\S.*?) +([0-9]+\.[0-9]+) s$", re.M)
PASSED_ON = ("PATH", "HOME", "LANG", "ENGINE_FAST", "MEMORY_MB")
_never = Event()


@dataclass
class Start:
    """One start: the launcher's phases and what was measured from outside."""

    seconds: float
    megabytes: float
    processes: int
    phases: dict[str, float]


@dataclass
class Starts:
    """All that were made, by kind, and how often the kill lost nothing."""

    by_kind: dict[str, list[Start]] = field(default_factory=dict)
    kept: list[bool] = field(default_factory=list)


class _Stack:
    """A local stack on one state."""

    def __init__(self, state: Path) -> None:
        port, aws_port = free_ports(2)
        self._environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        self._environment |= {"PORT": str(port), "AWS_PORT": str(aws_port), "STATE_DIR": str(state), "DEMO": "1"}
        self._url = f"http://127.0.0.1:{port}/api/work_centers"
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> Start:
        """Start it and wait until it is ready."""
        began = time.perf_counter()
        self._process = launch("up", self._environment)
        assert self._process.stdout is not None
        lines = list[str]()
        for line in self._process.stdout:
            lines.append(line)
            if line.startswith("ready: "):
                seconds, pids = time.perf_counter() - began, [self._process.pid]
                phases = {name: float(spent) for name, spent in PHASE.findall("".join(lines))}
                return Start(seconds, memory_mb(pids), len(tree(self._process.pid)), phases)
        raise SystemExit(f"the stack did not come up: {''.join(lines)}")

    def stop(self) -> None:
        """End it as `make stop` does."""
        if self._process and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(40)

    def kill(self) -> None:
        """Kill the launcher, as the kernel does without memory; its workers then end by themselves."""
        assert self._process is not None
        left = tree(self._process.pid)
        self._process.kill()
        self._process.wait(10)
        wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in left), 10)

    def write(self) -> str:
        """Create a work centre; return its path."""
        body = {"identifier": str(uuid.uuid4()), "name": "Цех"}
        made = requests.post(self._url, json=body, timeout=30)
        made.raise_for_status()
        return f"{self._url}/{made.json()['uuid']}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=3)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # and stop the stack
    starts = Starts()
    for _ in range(parser.parse_args().times):
        with tempfile.TemporaryDirectory() as folder:
            stack = _Stack(Path(folder))
            try:
                _measure(stack, starts)
            finally:
                stack.stop()
    _print(starts)


def _measure(stack: _Stack, starts: Starts) -> None:
    """The three starts on one state."""
    starts.by_kind.setdefault(FIRST, []).append(stack.start())
    stack.stop()
    starts.by_kind.setdefault(SECOND, []).append(stack.start())
    written = stack.write()
    _never.wait(SAFE_SECONDS)
    stack.kill()
    starts.by_kind.setdefault(KILLED, []).append(stack.start())
    starts.kept.append(requests.get(written, timeout=30).ok)


def _print(starts: Starts) -> None:
    kinds = starts.by_kind
    names = list(dict.fromkeys(name for found in kinds.values() for start in found for name in start.phases))
    print(f"{f'seconds, median of {len(starts.kept)}':28}" + "".join(f"{kind:>16}" for kind in kinds))
    for name in names:
        cells = [[start.phases[name] for start in found if name in start.phases] for found in kinds.values()]
        _row(name, [f"{statistics.median(cell):.2f}" if cell else "-" for cell in cells])
    seconds = {kind: statistics.median(start.seconds for start in found) for kind, found in kinds.items()}
    _row("from the command to ready", [f"{spent:.2f}" for spent in seconds.values()])
    most = {kind: max(start.megabytes for start in found) for kind, found in kinds.items()}
    _row("memory, MB, at most", [f"{megabytes:.0f}" for megabytes in most.values()])
    _row("processes, at most", [str(max(start.processes for start in found)) for found in kinds.values()])
    goals = [f"{kind} <= {goal:.1f} s {_met(seconds[kind] <= goal)}" for kind, goal in GOALS.items()]
    print(f"goals: {', '.join(goals)}, memory <= {MOST_MB} MB {_met(max(most.values()) <= MOST_MB)}")
    print(f"written {SAFE_SECONDS:.0f} s before kill -9 and still there: {sum(starts.kept)} of {len(starts.kept)}")


def _row(name: str, cells: list[str]) -> None:
    print(f"{name:28}" + "".join(f"{cell:>16}" for cell in cells))


def _met(is_met: bool) -> str:
    return "met" if is_met else "missed"


if __name__ == "__main__":
    main()
