"""A worker that dies after any of its writes: the next worker ends in the same state, with the same counts."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.analytics import recount
from chalicelib.background_tasks import runs
from chalicelib.background_tasks import service as background_tasks
from chalicelib.batches.exchange import exporting, importing, writing
from tests.crash_injection import Died, after_write, die
from tests.exchange import EXPORT, csv_file, download, exported, file_of, read, row, send
from tests.production import batch, closed_batch, events_of, ok
from tests.tasks import result_of, run_tasks, waiting

POINTS = 20


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything in small parts, so that there are many points to die at."""
    monkeypatch.setattr(importing, "ROWS_PER_CHUNK", 3)
    monkeypatch.setattr(importing, "TRANSACTIONS_PER_CHECKPOINT", 1)
    monkeypatch.setattr(writing, "MAX_PRODUCTS_OF_SMALL_PLAN", 1)
    monkeypatch.setattr(writing, "PRODUCTS_PER_TRANSACTION", 1)
    monkeypatch.setattr(exporting, "BATCHES_PER_PART", 2)


def survive(number: int, later: Callable[..., None]) -> int:
    """Run what waits; the worker dies after the write with that number, the sweep finds it; how many writes there were.

    The number counts on through the second run: a worker that dies in its last write has nothing left to do.
    """
    with after_write(number, die) as writes:
        try:
            run_tasks()
        except Died:
            waiting()
            later(seconds=61)
            background_tasks.sweep()
            run_tasks()
    return len(writes)


def test_no_second_run_starts_while_a_file_is_read(later: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "RENEWAL_SECONDS", 0.0)
    real = importing.sheets.read

    def read_slowly(source: Any, format: Any, folder: Any, tick: Callable[[], None]) -> Any:
        for _ in range(5):  # 200 s, and the lease is 60
            later(seconds=40)
            tick()
            assert background_tasks.sweep() == 0
        return real(source, format, folder, tick)

    monkeypatch.setattr(importing.sheets, "read", read_slowly)
    task_id = send(csv_file([row()])).json["task_id"]
    run_tasks()
    assert result_of(task_id)["created"] == 1
    assert waiting() == []


def test_a_run_that_lost_its_lease_while_it_read_stops(
    later: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "RENEWAL_SECONDS", 0.0)
    real, reads = importing.sheets.read, list[int]()

    def read_slowly(source: Any, format: Any, folder: Any, tick: Callable[[], None]) -> Any:
        reads.append(1)
        if len(reads) == 1:
            later(seconds=61)
            assert background_tasks.sweep() == 1
            run_tasks()  # the second run, beside this one
            tick()
            raise AssertionError("this run goes on")
        return real(source, format, folder, tick)

    monkeypatch.setattr(importing.sheets, "read", read_slowly)
    task_id = send(csv_file([row(), row()])).json["task_id"]
    run_tasks()
    assert (len(reads), result_of(task_id)["created"], ok("GET", "/api/batches")["total"]) == (2, 2, 2)


def rows() -> list[dict[str, str]]:
    """A new batch, a large one, changes of two that are there, and rows that fail."""
    batch(batch_number=1)
    for number in (2, 3):
        closed_batch(batch_number=number)
    return [
        row(batch_number=11, products=["A"]),
        row(batch_number="x"),
        row(batch_number=12, products=["A", "B"], is_closed="true"),
        row(batch_number=1, products=["A"], is_closed="true", team="Б"),
        row(batch_number=2, products=["A"], is_closed="false"),
        row(batch_number=3, products=["A"]),
        row(batch_number=11),
    ]


FOUND = {
    1: (True, "Б", ["A"], ["batch.created", "batch.product_added", "batch.closed"]),
    2: (False, "Бригада А", ["A"], ["batch.created", "batch.closed", "batch.opened", "batch.product_added"]),
    3: (True, "Бригада А", [], ["batch.created", "batch.closed"]),
    11: (False, "Бригада А", ["A"], ["batch.created", "batch.product_added"]),
    12: (True, "Бригада А", ["A", "B"], ["batch.created", *["batch.product_added"] * 2, "batch.closed"]),
}


def state() -> dict[int, Any]:
    """What there is of each batch, and what has happened to it."""
    return {
        one["batch_number"]: (
            one["is_closed"],
            one["team"],
            [product["unique_code"] for product in one["products"]],
            [name for name, _ in events_of(f"batch#{one['uuid']}")],
        )
        for one in ok("GET", "/api/batches")["items"]
    }


@pytest.mark.parametrize("number", range(1, POINTS + 1))
def test_an_import_ends_the_same_wherever_it_dies(number: int, later: Callable[..., None]) -> None:
    task_id = send(csv_file(rows()), update_existing="true").json["task_id"]
    assert survive(number, later) >= POINTS
    result = result_of(task_id)
    assert (result["total"], result["created"], result["updated"], result["failed"]) == (7, 2, 2, 3)
    failed = [(error["row"], error["column"]) for error in result["errors"]]
    assert failed == [(2, "batch_number"), (6, "products"), (7, "batch_number")]
    assert [one["batch_number"] for one in read(download(result["errors_url"], "csv"))] == ["x", "3", "11"]
    assert state() == FOUND
    ((name, data),) = events_of(f"import#{task_id}")
    assert (name, data["created"], data["failed"]) == ("batch.import_completed", 2, 3)
    centers = Counter(one["identifier"] for one in ok("GET", "/api/work_centers")["items"])
    assert centers["WC-1"] == 1
    assert recount.run(lambda: 60_000)["total"] == 0


@pytest.mark.parametrize("number", range(1, 9))
def test_an_export_ends_the_same_wherever_it_dies(number: int, later: Callable[..., None]) -> None:
    send(csv_file([row(products=["A"]) for _ in range(5)]))
    run_tasks()
    wanted = exported()
    task_id = ok("POST", f"{EXPORT}?format=csv")["task_id"]
    assert survive(number, later) >= 8
    result = result_of(task_id)
    assert (result["total"], file_of(result, "csv")) == (5, wanted)
