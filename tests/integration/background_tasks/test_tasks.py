"""Background tasks: progress, results, cancellation and lists; a task ends once, however often it is run."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from chalicelib.background_tasks import model, runs, service
from chalicelib.background_tasks.runs import Run
from chalicelib.core import queues
from chalicelib.core.auth import ADMINISTRATOR, Actor
from chalicelib.core.errors import BadRequest
from chalicelib.core.transactions import transaction
from chalicelib.wiring.runners import RUNNERS, UNDOERS
from tests.http_events import lambda_context
from tests.production import ask, ok, refused
from tests.tasks import TASKS, message, reason_of, result_of, run_tasks, task

ORDINARY_USER = Actor(7, "00000000-0000-4000-8000-000000000007", "Иван", None, ("user",))


def start(actor: Actor = ADMINISTRATOR, **params: Any) -> str:
    return str(service.start(actor, "export", params, "Export task started").task_id)


def runner(monkeypatch: pytest.MonkeyPatch, run: Callable[[Run], None]) -> None:
    monkeypatch.setitem(RUNNERS, "export", run)


def end(run: Run, **result: Any) -> None:
    with transaction() as tx:
        run.succeed(tx, result)


def work(task_id: str) -> None:
    service.work(message(task_id), RUNNERS, UNDOERS, lambda_context(900_000))


def test_a_task_waits_runs_and_succeeds(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def run(run: Run) -> None:
        run.progress(50, 100)
        seen.append(task(run.task_id))
        end(run, rows=run.params["rows"])

    runner(monkeypatch, run)
    task_id = start(rows=100)
    assert {name: task(task_id)[name] for name in ("task_id", "status", "result", "type")} == {
        "task_id": task_id,
        "status": "PENDING",
        "result": None,
        "type": "export",
    }
    assert run_tasks() == 1
    assert (seen[0]["status"], seen[0]["result"]) == ("PROGRESS", {"current": 50, "total": 100, "percent": 50})
    assert result_of(task_id) == {"rows": 100}


def test_progress_is_written_by_time_or_share(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    real = runs.store.save_progress

    def save_progress(task: Any, *rest: Any) -> bool:
        told.append(task.current)
        return real(task, *rest)

    def run(run: Run) -> None:
        for number in range(1, 1_001):
            run.progress(number, 1_000)
        end(run)

    monkeypatch.setattr(runs.store, "save_progress", save_progress)
    runner(monkeypatch, run)
    start()
    run_tasks()
    assert 19 <= len(told) <= 22
    assert all(later - earlier <= 51 for earlier, later in zip(told, told[1:], strict=False))


def test_a_refusal_is_the_reason_of_the_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(_: Run) -> None:
        raise BadRequest("Файл не читается: это не xlsx")

    runner(monkeypatch, run)
    task_id = start()
    run_tasks()
    assert reason_of(task_id) == "Файл не читается: это не xlsx"


def test_a_message_that_comes_twice_runs_the_task_once(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[int] = []

    def run(run: Run) -> None:
        ran.append(run.number)
        work(run.task_id)  # at the same time
        end(run)

    runner(monkeypatch, run)
    task_id = start()
    run_tasks()
    work(task_id)  # afterwards
    assert ran == [1]


def test_a_run_that_was_thought_dead_can_change_nothing(
    monkeypatch: pytest.MonkeyPatch, later: Callable[..., None]
) -> None:
    late: list[Run] = []
    runner(monkeypatch, late.append)
    task_id = start()
    run_tasks()
    later(seconds=61)
    first = late[0]

    def second(run: Run) -> None:
        with pytest.raises(model.Stopped):
            first.check()
        run.check()
        end(run, by="the second")

    runner(monkeypatch, second)
    work(task_id)
    for move in (
        lambda: first.progress(1, 1),
        lambda: first.progress(1, 1, {"done": 1}),
        lambda: first.advance(1),
        first.check,
        lambda: end(first, by="the first"),
        lambda: first.fail("late"),
    ):
        with pytest.raises(model.Stopped):
            move()
    assert result_of(task_id) == {"by": "the second"}
    assert service.resume(task_id, first.number) is None


def test_out_of_time_the_task_goes_on_in_another_call(monkeypatch: pytest.MonkeyPatch) -> None:
    starts: list[int] = []

    def run(run: Run) -> None:
        done = int(run.checkpoint.get("done", 0))
        starts.append(done)
        if done < 3:
            run.progress(done + 1, 3, {"done": done + 1})
        end(run)

    runner(monkeypatch, run)
    task_id = start()
    assert run_tasks(remaining_ms=30_000) == 4
    assert starts == [0, 1, 2, 3]
    assert result_of(task_id) == {}


def test_a_waiting_task_is_cancelled_and_never_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    runner(monkeypatch, lambda run: pytest.fail("it ran"))
    task_id = start()
    answer = ok("DELETE", f"{TASKS}/{task_id}")
    assert (answer["status"], answer["result"]) == ("FAILURE", {"error": "Задача отменена"})
    run_tasks()
    assert reason_of(task_id) == "Задача отменена"
    refused(409, "DELETE", f"{TASKS}/{task_id}")


def test_a_running_task_is_cancelled_and_a_late_result_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(run: Run) -> None:
        run.progress(1, 2)
        ok("DELETE", f"{TASKS}/{run.task_id}")
        end(run, late=True)

    runner(monkeypatch, run)
    task_id = start()
    run_tasks()
    assert reason_of(task_id) == "Задача отменена"


def test_a_cancelled_task_is_undone_although_its_last_message_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    task_id, sent = start(), list[tuple[str, int, str]]()

    def send(url: str, messages: list[tuple[dict[str, str], int]]) -> None:
        sent.extend((body["task_id"], delay, task(task_id)["status"]) for body, delay in messages)
        if messages[0][1] == 0:
            raise EndpointConnectionError(endpoint_url=url)

    monkeypatch.setattr(queues, "send", send)
    assert ok("DELETE", f"{TASKS}/{task_id}")["status"] == "FAILURE"
    assert sent == [(task_id, service.UNDO_AFTER_SECONDS, "PENDING"), (task_id, 0, "FAILURE")]


def test_the_list_is_filtered_by_type_and_status(monkeypatch: pytest.MonkeyPatch) -> None:
    runner(monkeypatch, end)
    done = start()
    run_tasks()
    first, second = start(), start()

    def ids(query: str) -> list[str]:
        return [one["task_id"] for one in ok("GET", f"{TASKS}?{query}")["items"]]

    assert ids("") == [second, first, done]
    assert ids("status=SUCCESS") == [done]
    assert ids("status=PENDING&type=export") == [second, first]
    assert ids("type=import") == []
    for query in ("status=DONE", "type=x", "sort_field=status"):
        refused(422, "GET", f"{TASKS}?{query}")


def test_a_user_sees_his_own_tasks_alone() -> None:
    mine, other = start(ORDINARY_USER), start()
    assert str(service.get(ORDINARY_USER, task_id=mine).task_id) == mine
    page = service.list_page(ORDINARY_USER, query=service.BackgroundTaskQuery())
    assert ([str(one.task_id) for one in page.items], page.total) == ([mine], 1)
    for use_case in (service.get, service.cancel):
        with pytest.raises(Exception, match="Задача не найдена"):
            use_case(ORDINARY_USER, task_id=other)
    assert ok("GET", TASKS)["total"] == 2


@pytest.mark.parametrize("task_id", ["00000000-0000-4000-8000-00000000dead", "42", "задача"])
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_unknown_task_is_404(method: str, task_id: str) -> None:
    answer = ask(method, f"{TASKS}/{task_id}")
    assert (answer.status, answer.json) == (404, {"detail": "Задача не найдена"})
