"""The process of a function that can die at any of its calls, and that runs its threads one after the other."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any


class Died(Exception):
    """The process is gone."""


@dataclass
class KillableProcess:
    """Counts the steps of the function that runs: its calls to AWS and to receivers.

    A process that dies at a step does not make this call, and every later call of it fails.
    """

    steps: int = 0
    deaths: int = 0
    dies_at: int | None = None
    dead: bool = False
    running: bool = False
    operations: list[str] = field(default_factory=list)
    """The AWS operations that functions have called."""

    def step(self, operation: str = "") -> None:
        """Count a call, if a function makes it; raise Died when the process does not live to make it."""
        if not self.running:
            return  # the test itself calls
        self.steps += 1
        if self.dead or self.steps == self.dies_at:
            self.dead = True
            raise Died
        if operation:
            self.operations.append(operation)

    def invoke(self, function: Callable[[], Any]) -> Any:
        """Call a function in a new process; return its result, None when its process died."""
        self.running = True
        try:
            result = function()
        except Died:
            result = None
        finally:
            self.running = False
        died, self.dead = self.dead, False
        self.deaths += died
        return None if died else result


class InlineExecutor:
    """An executor without threads, so that calls come in one order; threads would also take most of a test's time."""

    def __init__(self, threads: int) -> None:
        pass

    def __enter__(self) -> "InlineExecutor":
        return self

    def __exit__(self, *_: Any) -> None:
        pass

    def map(self, work: Callable[..., Any], inputs: Iterable[Any]) -> Iterator[Any]:
        """Call one after the other."""
        return map(work, inputs)

    def submit(self, work: Callable[..., Any], *arguments: Any) -> "Future[Any]":
        """Call at once; return a future that is done."""
        done: Future[Any] = Future()
        try:
            done.set_result(work(*arguments))
        except Exception as error:
            done.set_exception(error)
        return done
