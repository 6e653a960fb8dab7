"""Work that is done side by side."""

import time
from threading import Barrier, Event

import pytest

from chalicelib.core.threads import side_by_side


def test_all_run_at_the_same_time_and_answer_in_order() -> None:
    together = Barrier(6, timeout=5)

    def work(number: int) -> int:
        together.wait()
        return -number

    assert side_by_side(work, range(6)) == [0, -1, -2, -3, -4, -5]


def test_nobody_waits_for_the_others_when_one_fails() -> None:
    over, started = Event(), time.monotonic()

    def work(number: int) -> None:
        if number == 0:
            raise LookupError
        over.wait(20)

    try:
        with pytest.raises(LookupError):
            side_by_side(work, range(6))
        assert time.monotonic() - started < 10
    finally:
        over.set()
