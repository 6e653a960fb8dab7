"""The duration of each phase of the start."""

import time


class Phases:
    """The phases in order with their seconds, each measured from the end of the one before."""

    def __init__(self) -> None:
        self._started = self._last = time.perf_counter()
        self._rows: list[tuple[str, float]] = []

    def done(self, name: str) -> None:
        """End the phase `name` now."""
        now = time.perf_counter()
        self._rows.append((name, now - self._last))
        self._last = now

    def table(self) -> str:
        """Return the phases as lines of text."""
        rows = [*self._rows, ("together", time.perf_counter() - self._started)]
        return "\n".join(f"{name:<20}{seconds:6.2f} s" for name, seconds in rows)
