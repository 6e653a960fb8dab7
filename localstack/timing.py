"""The phases of the start, told while they run."""

import sys
import time


class Phases:
    """Prints a line for each phase: on a terminal from its beginning, elsewhere at its end, with its seconds."""

    def __init__(self) -> None:
        self._started = self._last = time.perf_counter()
        self._name: str | None = None

    def begin(self, name: str) -> None:
        """End the phase that runs, and begin another one."""
        self._end()
        self._name = name
        if sys.stdout.isatty():
            self._write(f"{name} …")

    def end(self) -> None:
        """End the last phase, and print the time of all."""
        self._end()
        self._write(_line("together", time.perf_counter() - self._started))

    def _end(self) -> None:
        now = time.perf_counter()
        if self._name is not None:
            self._write(("\r" if sys.stdout.isatty() else "") + _line(self._name, now - self._last))
        self._name, self._last = None, now

    def _write(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()


def _line(name: str, seconds: float) -> str:
    return f"{name:<20}{seconds:6.2f} s\n"
