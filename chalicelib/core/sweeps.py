"""The sweep: what has to be looked after every minute, part by part."""

from collections.abc import Callable, Mapping

from chalicelib.core.aws import client
from chalicelib.core.logs import log, note
from chalicelib.core.threads import own_threads

Sweep = Callable[[], int]
"""Looks after one thing; returns how many it found in need of it."""

THREADS = 4


class SweepFailed(Exception):
    """Some parts failed; the log has said why."""


def run(parts: Mapping[str, Sweep]) -> None:
    """Run all parts, a few at a time. One that fails holds none of the others up, but the call fails in the end."""
    client("dynamodb")  # made once, not by all threads at the same time
    with own_threads(THREADS) as pool:
        running = {name: pool.submit(part) for name, part in parts.items()}
    failed = {name: error for name, future in running.items() if (error := future.exception())}
    note(**{name: future.result() for name, future in running.items() if name not in failed})
    for name, error in failed.items():
        log.error("a part of the sweep failed", exc_info=error, extra={"part": name})
    if failed:
        raise SweepFailed(", ".join(failed))
