"""Work that is done side by side."""

import time
from threading import Barrier, Event

import pytest

from chalicelib.core.deadline import DeadlineExceeded
from chalicelib.core.threads import map_ahead, map_in_parallel, own_threads


def test_all_run_at_the_same_time_and_answer_in_order() -> None:
    together = Barrier(6, timeout=5)

    def work(number: int) -> int:
        together.wait()
        return -number

    assert map_in_parallel(work, range(6)) == [0, -1, -2, -3, -4, -5]


def test_nobody_waits_for_the_others_when_one_fails() -> None:
    over, started = Event(), time.monotonic()

    def work(number: int) -> None:
        if number == 0:
            raise LookupError
        over.wait(20)

    try:
        with pytest.raises(LookupError):
            map_in_parallel(work, range(6))
        assert time.monotonic() - started < 10
    finally:
        over.set()


def test_ahead_keeps_the_order_and_goes_no_further_than_it_may() -> None:
    begun: list[int] = []

    def work(number: int) -> int:
        begun.append(number)
        return number * number

    results = map_ahead(work, range(20), 3)
    for number in range(20):
        assert next(results) == number * number
        assert max(begun) <= number + 3
    assert next(results, None) is None


def test_ahead_gives_what_was_done_before_it_raises() -> None:
    results = map_ahead(lambda number: 10 // number, [5, 2, 0, 1], 2)
    assert [next(results), next(results)] == [2, 5]
    with pytest.raises(ZeroDivisionError):
        next(results)


@pytest.mark.parametrize("end", [DeadlineExceeded, GeneratorExit])
def test_own_threads_that_hang_are_not_waited_for_when_the_time_is_up(end: type[BaseException]) -> None:
    over, begun = Event(), Event()
    try:
        with pytest.raises(end), own_threads(1) as pool:
            pool.submit(lambda: (begun.set(), over.wait(20)))
            never = pool.submit(over.wait)
            assert begun.wait(5)
            raise end
        assert not over.is_set()
        assert never.cancelled()
    finally:
        over.set()


def test_own_threads_are_waited_for_when_the_work_fails_or_ends() -> None:
    done: list[int] = []
    with pytest.raises(LookupError), own_threads(2) as pool:
        go = Event()
        pool.submit(lambda: (go.wait(5), done.append(1)))
        go.set()
        raise LookupError
    with own_threads(2) as pool:
        pool.submit(lambda: done.append(2))
    assert done == [1, 2]
