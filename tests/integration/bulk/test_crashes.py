"""Workers that die after any of their writes, or lose their execution: in the end it is as if nothing had been."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from chalicelib.background_tasks import service as background_tasks
from chalicelib.batches import bulk
from tests.crash_injection import Died, after_write, die
from tests.integration.bulk.api_calls import add, start_adding, start_aggregation, work
from tests.integration.bulk.facts import facts
from tests.machine import Restart
from tests.production import batch, empty_tables, ok
from tests.tasks import task

pytestmark = pytest.mark.usefixtures("small")
CODES = [f"P-{number:02d}" for number in range(20)]
FEW = CODES[:10]
WRITES = range(1, 21)
WITH_ERRORS = ["B", *CODES, "P-03", "Q", "B"]

Start = Callable[[dict[str, Any]], str]


def adding() -> tuple[dict[str, Any], Start]:
    """Products are added, some of which are there, or come twice."""
    made = batch()
    for code in ("B", "P-11"):
        ok("POST", f"/api/batches/{made['uuid']}/products", {"unique_code": code})
    return made, lambda made: start_adding(made, WITH_ERRORS)


def adding_all_or_nothing() -> tuple[dict[str, Any], Start]:
    """All products are added, with `rollback`."""
    return batch(), lambda made: start_adding(made, FEW, "rollback")


def aggregating() -> tuple[dict[str, Any], Start]:
    """All products are aggregated, but one that is already."""
    made = batch()
    add(made, FEW)
    (product,) = ok("GET", "/api/products?unique_code=P-05")["items"]
    ok("PATCH", f"/api/products/{product['uuid']}/aggregate", {"aggregated_at": "2025-01-19T00:00:00Z"})
    return made, start_aggregation


def aggregating_codes() -> tuple[dict[str, Any], Start]:
    """Products of given codes are aggregated, one of which is not there and one already."""
    made, _ = aggregating()
    codes = ["P-07", "X", "P-09", "P-05", "P-01", "P-07", "P-08", "P-03"]
    return made, lambda made: start_aggregation(made, codes)


def undisturbed(scene: Callable[[], tuple[dict[str, Any], Start]]) -> dict[str, Any]:
    made, start = scene()
    task_id = start(made)
    work()
    found = facts(made, task_id)
    assert found["task"][0] == "SUCCESS"
    empty_tables()
    return found


def survive(task_id: str, later: Callable[..., None]) -> None:
    """What the sweep does until the task has ended, and once more."""
    while task(task_id)["status"] in ("PENDING", "PROGRESS"):
        later(minutes=2)
        background_tasks.sweep()
        work()
    background_tasks.sweep()
    work()


def disturb(
    scene: Callable[[], tuple[dict[str, Any], Start]], happens: Callable[[], None], later: Any, step: int = 1
) -> int:
    """Do it again and again, with something that happens after every `step`th write; returns the last of them."""
    expected = undisturbed(scene)
    for number in WRITES[::step]:
        made, start = scene()
        task_id = start(made)
        with after_write(number, happens) as writes, suppress(Died, Restart):
            work()
        survive(task_id, later)
        assert facts(made, task_id) == expected, f"after write {number}"
        empty_tables()
        if len(writes) < number:
            return number - 1
    return len(WRITES)


def restart() -> None:
    raise Restart


@pytest.mark.parametrize(("scene", "points"), [(adding, 20), (adding_all_or_nothing, 8)])
def test_adding_continues_after_a_crash(scene: Any, points: int, later: Callable[..., None]) -> None:
    assert disturb(scene, die, later) >= points


def test_undoing_continues_after_a_crash(monkeypatch: pytest.MonkeyPatch, later: Callable[..., None]) -> None:
    monkeypatch.setattr(bulk._AddingRun, "_find_taken", lambda self: None)  # as if the code was added just after it

    def adding_in_vain() -> tuple[dict[str, Any], Start]:
        made = batch()
        ok("POST", f"/api/batches/{made['uuid']}/products", {"unique_code": "P-06"})
        return made, lambda made: start_adding(made, CODES[:7], "rollback")

    assert disturb(adding_in_vain, die, later) >= 10


@pytest.mark.parametrize("scene", [aggregating, aggregating_codes])
def test_a_crashed_step_of_an_aggregation_is_repeated(scene: Any, later: Callable[..., None]) -> None:
    assert disturb(scene, die, later, step=2) >= 9


def test_an_aggregation_whose_execution_is_gone_is_started_again(later: Callable[..., None]) -> None:
    assert disturb(aggregating, restart, later, step=3) >= 9
