"""The messages of one SQS batch share reads and writes; their results are independent."""

import threading
from typing import Any

import pytest

from chalicelib.core import clock
from chalicelib.core.recount import ListCounters, compare
from chalicelib.core.threads import own_threads
from chalicelib.deferred_tasks import handlers, store
from chalicelib.deferred_tasks.model import Failure
from chalicelib.deferred_tasks.registry import task_type
from chalicelib.deferred_tasks.store import TASKS as LISTING
from tests.integration.deferred_tasks.fake_aws import TASKS, FakeAws, attempts, message, plan, shown
from tests.production import events_of, ok
from tests.waiting import wait_for


def statuses(made: list[dict[str, Any]]) -> list[str]:
    return [shown(task)["status"] for task in made]


def exact() -> bool:
    """Whether the counters of the list are those of the items."""
    return compare(ListCounters(LISTING))[0] == {}


def test_ten_tasks_that_are_due_take_one_read_and_two_transactions(fake_aws: FakeAws) -> None:
    made = [plan() for _ in range(10)]
    fake_aws.later(seconds=2)
    fake_aws.fails = [Failure("раз")]
    assert fake_aws.receive_batch([message(task) for task in made]) == []
    assert fake_aws.operations == ["BatchGetItem", "TransactWriteItems", "TransactWriteItems", "SendMessageBatch"]
    assert sorted(statuses(made)) == ["completed"] * 9 + ["pending"]
    assert all(len(attempts(task)) == 1 for task in made)
    assert all(len(events_of(f"deferred_task#{task['id']}")) == 1 for task in made[1:])
    assert exact()


def test_two_messages_for_one_task_start_it_once(fake_aws: FakeAws) -> None:
    made = plan()
    fake_aws.later(seconds=2)
    assert fake_aws.receive_batch([message(made)] * 2) == []
    assert len(fake_aws.work) == 1


def test_what_becomes_due_later_in_the_batch_is_not_early(fake_aws: FakeAws) -> None:
    made = [plan(seconds) for seconds in (1.0, 1.2, 2.2, 9.0)]
    fake_aws.later(seconds=1.1)
    assert fake_aws.receive_batch([message(task) for task in made]) == []
    assert [number for number, _, _ in fake_aws.work] == [task["id"] for task in made[:3]]
    for task, (_, _, at) in zip(made, fake_aws.work, strict=False):
        assert 0 <= (at - clock.from_text(task["execute_at"])).total_seconds() < 0.3
    assert shown(made[3])["status"] == "pending"


def test_a_task_cancelled_meanwhile_does_not_delay_the_others(fake_aws: FakeAws) -> None:
    made = [plan() for _ in range(3)]
    fake_aws.later(seconds=2)

    def cancel() -> None:
        fake_aws.during = None
        ok("DELETE", f"{TASKS}/{made[1]['id']}")

    fake_aws.during = cancel
    assert fake_aws.receive_batch([message(task) for task in made]) == []
    assert statuses(made) == ["completed", "cancelled", "completed"]
    assert exact()


def test_a_task_changed_while_the_batch_starts_is_read_again(
    fake_aws: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [plan() for _ in range(3)]
    fake_aws.later(seconds=2)
    find_many = store.find_many

    def find_then_cancel(numbers: list[int]) -> Any:
        found = find_many(numbers)
        ok("DELETE", f"{TASKS}/{made[0]['id']}")
        return found

    monkeypatch.setattr(store, "find_many", find_then_cancel)
    assert fake_aws.receive_batch([message(task) for task in made]) == []
    assert statuses(made) == ["cancelled", "completed", "completed"]
    assert [len(attempts(task)) for task in made] == [0, 1, 1]
    assert exact()


def test_only_the_message_of_an_unreadable_task_is_delivered_again(
    fake_aws: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [plan() for _ in range(3)]
    fake_aws.later(seconds=2)
    real = store.task_of

    def broken(item: Any) -> Any:
        if fake_aws.running and int(item.id) == made[1]["id"]:
            raise ValueError("not a task")
        return real(item)

    monkeypatch.setattr(store, "task_of", broken)
    assert fake_aws.receive_batch([message(task) for task in made]) == [1]
    assert [statuses(made)[place] for place in (0, 2)] == ["completed", "completed"]


def test_a_slow_task_holds_up_neither_the_others_nor_the_record_of_their_end(
    fake_aws: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handlers, "own_threads", own_threads)
    goes_on, seen = threading.Event(), list[str]()

    @task_type("slow")
    def slow(payload: Any) -> None:
        assert goes_on.wait(120)

    made = [plan(task_type="slow"), plan(), plan()]
    fake_aws.later(seconds=2)
    with own_threads(1) as pool:
        batch = pool.submit(fake_aws.receive_batch, [message(task) for task in made])
        try:
            wait_for(lambda: statuses(made)[1:] == ["completed"] * 2)
            seen = statuses(made)
        finally:
            goes_on.set()
        assert batch.result() == []
    assert seen == ["processing", "completed", "completed"]
    assert statuses(made) == ["completed"] * 3
