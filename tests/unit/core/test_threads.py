"""Parallel calls in threads."""

from threading import Barrier, Event

import pytest

from chalicelib.core.deadline import DeadlineExceeded
from chalicelib.core.threads import map_ahead, map_in_parallel, own_threads


def test_parallel_calls_return_in_order() -> None:
    together = Barrier(6, timeout=60)

    def work(number: int) -> int:
        together.wait()
        return -number

    assert map_in_parallel(work, range(6)) == [0, -1, -2, -3, -4, -5]


def test_failed_call_does_not_wait_for_the_others() -> None:
    over, waited_for = Event(), list[bool]()

    def work(number: int) -> None:
        if number == 0:
            raise LookupError
        waited_for.append(over.wait(60))

    try:
        with pytest.raises(LookupError):
            map_in_parallel(work, range(6))
        assert waited_for == []
    finally:
        over.set()


def test_map_ahead_keeps_the_order_and_its_limit() -> None:
    begun: list[int] = []

    def work(number: int) -> int:
        begun.append(number)
        return number * number

    results = map_ahead(work, range(20), 3)
    for number in range(20):
        assert next(results) == number * number
        assert max(begun) <= number + 3
    assert next(results, None) is None


def test_map_ahead_yields_the_results_before_a_failed_call() -> None:
    results = map_ahead(lambda number: 10 // number, [5, 2, 0, 1], 2)
    assert [next(results), next(results)] == [2, 5]
    with pytest.raises(ZeroDivisionError):
        next(results)


@pytest.mark.parametrize("end", [DeadlineExceeded, GeneratorExit])
def test_own_threads_that_hang_are_not_awaited_after_the_deadline(end: type[BaseException]) -> None:
    over, begun = Event(), Event()
    try:
        with pytest.raises(end), own_threads(1) as pool:
            pool.submit(lambda: (begun.set(), over.wait(60)))
            never = pool.submit(over.wait)
            assert begun.wait(60)
            raise end
        assert not over.is_set()
        assert never.cancelled()
    finally:
        over.set()


def test_own_threads_are_awaited_when_the_work_fails_or_ends() -> None:
    done: list[int] = []
    with pytest.raises(LookupError), own_threads(2) as pool:
        go = Event()
        pool.submit(lambda: (go.wait(60), done.append(1)))
        go.set()
        raise LookupError
    with own_threads(2) as pool:
        pool.submit(lambda: done.append(2))
    assert done == [1, 2]
