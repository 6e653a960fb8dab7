"""The saga on its state machine: steps that run twice, die or are cancelled at any write, and are retried."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

import app
from chalicelib.core.aws import client
from chalicelib.core.settings import settings
from chalicelib.reports import making, sagas, steps
from chalicelib.reports.layouts import BUILT_IN
from tests.crash_injection import after_write, die
from tests.integration.reports.api_client import ApiClient, objects, only_file
from tests.machine import run_executions

JANUARY = {"date_from": "2024-01-01", "date_to": "2024-01-31"}
WRITES = 16  # of a successful report; tests below stop the process at each of them
STEPS = range(1, 7)


def ask(api: ApiClient) -> dict[str, Any]:
    return api.ask(2, JANUARY, format="csv")


def event_of(report: dict[str, Any], step: int | None = None, run: int = 1) -> dict[str, Any]:
    """Return the input of a step, or without `step` of compensation."""
    return {"saga_id": report["saga_id"], "run": run} | ({"step": step} if step else {})


def test_a_saga_shows_its_steps_its_progress_and_its_log(api: ApiClient) -> None:
    report = api.make(2, JANUARY, format="csv")
    saga = api.saga(report)
    assert set(saga) == {
        "saga_id", "report_id", "status", "steps", "created_at", "updated_at", "completed_at", "error",
    }  # fmt: skip
    assert (saga["status"], saga["report_id"], saga["error"]) == ("completed", report["id"], None)
    assert [step["name"] for step in saga["steps"]] == [
        "Validate User", "Validate Template", "Collect Data", "Generate Report", "Store File", "Send Notification",
    ]  # fmt: skip
    for number, step in enumerate(saga["steps"], 1):
        assert set(step) == {"id", "name", "status", "attempts", "started_at", "completed_at", "error"}
        assert (step["id"], step["status"], step["attempts"], step["error"]) == (number, "completed", 1, None)
        assert step["started_at"] <= step["completed_at"]
    assert api.ok("GET", f"/api/v1/sagas/{report['saga_id']}/progress") == {
        "saga_id": report["saga_id"], "status": "completed", "total_steps": 6, "completed_steps": 6,
        "failed_steps": 0, "compensated_steps": 0, "progress_percent": 100, "current_step": None,
    }  # fmt: skip
    assert api.log(report) == ["saga.started", *["saga.step_started", "saga.step_completed"] * 6, "saga.completed"]
    assert [one["saga_id"] for one in api.ok("GET", "/api/v1/sagas?status=completed")["sagas"]] == [report["saga_id"]]
    assert api.ok("GET", "/api/v1/sagas?status=failed")["total"] == 0


def test_successful_report_has_the_number_of_writes_that_other_tests_use(api: ApiClient) -> None:
    ask(api)
    with after_write(0, die) as writes:
        run_executions()
    assert len(writes) == WRITES, [*enumerate(writes)][10:]


@pytest.mark.parametrize("step", STEPS)
def test_a_step_that_runs_twice_does_nothing_the_second_time(api: ApiClient, step: int) -> None:
    report = ask(api)
    for number in range(1, step + 1):
        assert steps.run(event_of(report, number)) == {"outcome": "ok"}
    before, files = api.saga(report), objects()
    again = steps.run(event_of(report, step))
    assert again == {"outcome": "stopped" if step == len(STEPS) else "ok"}
    assert (api.saga(report), objects()) == (before, files)


def test_an_unknown_saga_an_old_run_and_a_skipped_step_are_stopped(api: ApiClient) -> None:
    report = ask(api)
    unknown = {"saga_id": "7a1e4dd2-0000-4000-8000-000000000000", "run": 1}
    for event in (unknown | {"step": 1}, event_of(report, 1, run=2), event_of(report, 4)):
        assert steps.run(event) == {"outcome": "stopped"}
    assert api.report(report["id"])["status"] == "pending"
    assert steps.compensate(unknown) == {"outcome": "stopped"}


def test_compensation_of_an_earlier_run_is_stopped_and_deletes_nothing(api: ApiClient) -> None:
    report = ask(api)
    for number in range(1, 5):
        steps.run(event_of(report, number))
    api.ok("POST", f"/api/v1/reports/{report['id']}/cancel")
    before = objects()
    assert steps.compensate(event_of(report, run=1)) == {"outcome": "stopped"}
    assert objects() == before != []
    assert steps.compensate(event_of(report, run=2)) == {"outcome": "more"}


def test_a_stored_file_is_what_was_rendered(api: ApiClient) -> None:
    report = ask(api)
    for number in range(1, 5):
        steps.run(event_of(report, number))
    for key in objects():
        client("s3").put_object(Bucket=settings().files_bucket, Key=key, Body=b"half of a fi")
    with pytest.raises(RuntimeError, match="differs from the rendered file"):
        steps.run(event_of(report, 5))
    assert api.report(report["id"])["status"] == "processing"


@pytest.mark.parametrize("write", range(1, WRITES + 1))
def test_step_that_dies_is_retried_by_the_state_machine(api: ApiClient, write: int) -> None:
    accepted = ask(api)
    with after_write(write, die):
        run_executions()
    report = api.report(accepted["id"])
    assert report["status"] == "completed"
    assert api.download(report)
    if write != WRITES - 1:  # it died after completing and before deleting files, which the sweep deletes
        assert only_file(report)


@pytest.mark.parametrize("write", range(1, WRITES - 1))
def test_a_saga_cancelled_at_any_moment_leaves_no_file(api: ApiClient, later: Callable[..., None], write: int) -> None:
    """The running step goes on after the saga was compensated, and does the rest of its work."""
    accepted = ask(api)
    answers = []

    def cancel() -> None:
        answers.append(api.call("DELETE", f"/api/v1/sagas/{accepted['saga_id']}"))
        for outcome in iter(lambda: steps.compensate(event_of(accepted, run=2)), {"outcome": "ok"}):
            assert outcome == {"outcome": "more"}
        assert objects() == []
        assert api.saga(accepted)["status"] == "cancelled"

    with after_write(write, cancel):
        run_executions()
    assert [answer.status for answer in answers] == [200]
    assert answers[0].json["status"] == "compensating"
    report, saga = api.report(accepted["id"]), api.saga(accepted)
    assert (report["status"], saga["status"]) == ("cancelled", "cancelled")
    assert report["file_path"] is report["md5_hash"] is None
    status = api.ok("GET", f"/api/v1/reports/{accepted['id']}/status")
    assert status == {"id": accepted["id"], "status": "cancelled", "error": "Отчет отменен"}
    later(minutes=5)
    sagas.sweep()
    assert objects() == []
    assert sagas.sweep() == 0


def test_cancelled_saga_compensates_its_steps_from_the_last_to_the_first(api: ApiClient) -> None:
    report = ask(api)
    for number in range(1, 6):
        steps.run(event_of(report, number))
    assert len(objects()) == 3
    assert api.ok("POST", f"/api/v1/reports/{report['id']}/cancel")["status"] == "cancelled"
    assert run_executions() == ["Begin", *["Undo", "Undo: outcome"] * 4, "Stopped"]  # the first one was stopped
    assert objects() == []
    saga = api.saga(report)
    expected = ["completed", "completed", "compensated", "compensated", "compensated", "pending"]
    assert [step["status"] for step in saga["steps"]] == expected
    entries = api.ok("GET", f"/api/v1/sagas/{report['saga_id']}/events")["events"]
    compensated = [entry["data"]["step"] for entry in entries if entry["event"] == "saga.step_compensated"]
    assert compensated == [5, 4, 3]
    assert entries[-1]["event"] == "saga.cancelled"
    progress = api.ok("GET", f"/api/v1/sagas/{report['saga_id']}/progress")
    assert (progress["completed_steps"], progress["compensated_steps"]) == (2, 3)


def test_cancelled_saga_is_cancelled_once_and_can_be_retried(api: ApiClient) -> None:
    accepted = ask(api)
    steps.run(event_of(accepted, 1))
    path = f"/api/v1/sagas/{accepted['saga_id']}"
    assert api.call("DELETE", path).json["status"] == "compensating"
    assert api.call("POST", f"{path}/retry").status == 409
    run_executions()
    assert api.call("DELETE", path).json["status"] == "cancelled"
    again = api.call("POST", f"{path}/retry")
    assert (again.status, again.json["status"]) == (202, "pending")
    assert api.report(accepted["id"])["status"] == "pending"
    run_executions()
    report = api.report(accepted["id"])
    assert report["status"] == "completed"
    api.download(report)
    assert only_file(report)
    assert [step["attempts"] for step in api.saga(report)["steps"]] == [1] * 6
    assert api.call("POST", f"{path}/retry").status == api.call("DELETE", path).status == 409
    assert api.call("POST", f"/api/v1/reports/{accepted['id']}/cancel").status == 409


@pytest.mark.parametrize(
    ("step", "where"), [(1, "before"), (2, "before"), (3, "after"), (4, "after"), (5, "after"), (6, "before")]
)
def test_step_that_cannot_succeed_is_compensated_and_can_be_retried(
    api: ApiClient, monkeypatch: pytest.MonkeyPatch, step: int, where: str
) -> None:
    accepted = ask(api)
    real = steps.STEPS[step]

    def broken(work: Any) -> Any:
        if where == "after":
            real(work)
        raise RuntimeError("broken for good")

    monkeypatch.setitem(steps.STEPS, step, broken)
    run_executions()
    report, saga = api.report(accepted["id"]), api.saga(accepted)
    assert (report["status"], report["error"]) == ("failed", "Ошибка генерации отчета")
    assert saga["status"] == ("compensated" if step > 3 else "failed")
    assert (saga["steps"][step - 1]["status"], saga["steps"][step - 1]["attempts"]) == ("failed", 4)
    assert objects() == []

    monkeypatch.setitem(steps.STEPS, step, real)
    assert api.call("POST", f"/api/v1/sagas/{accepted['saga_id']}/retry").status == 202
    run_executions()
    report = api.report(accepted["id"])
    assert report["status"] == "completed"
    assert api.download(report)
    assert only_file(report)


def test_deleting_a_running_report_deletes_its_files(api: ApiClient, later: Callable[..., None]) -> None:
    accepted = ask(api)

    def delete() -> None:
        assert api.call("DELETE", f"/api/v1/reports/{accepted['id']}").status == 204

    with after_write(9, delete):
        run_executions()
    later(minutes=5)
    sagas.sweep()
    assert objects() == []
    assert client("dynamodb").scan(TableName="shopfloor-test-sagas")["Count"] == 0
    assert client("dynamodb").scan(TableName="shopfloor-test-reports")["Count"] == 0


def test_progress_follows_the_rows_and_never_decreases(api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    api.batch(0)
    accepted = ask(api)
    for number in (1, 2):
        steps.run(event_of(accepted, number))
    seen = [50]
    save = making.store.save_share

    def save_share(*arguments: Any) -> None:
        save(*arguments)
        status = api.ok("GET", f"/api/v1/reports/{accepted['id']}/status")
        seen.append(status["progress"])

    monkeypatch.setattr(making.store, "save_share", save_share)
    layout = BUILT_IN[2]

    def collect(_parameters: Any, sink: Any, _owner: Any) -> dict[str, Any]:
        sink.expect(3_000)
        for number in range(3_000):
            sink.add(["2024-01-30", number, "Болт", "WC", "1", "А", False, 1, 0])
        return {**JANUARY, "groups": []}

    monkeypatch.setattr(making, "BUILT_IN", {2: replace(layout, collect=collect)})
    assert steps.run(event_of(accepted, 3)) == steps.run(event_of(accepted, 4)) == {"outcome": "ok"}
    collecting, rendering = [n for n in seen if 33 <= n < 50], [n for n in seen[1:] if 50 <= n < 67]
    assert len(set(collecting)) > 8 and len(set(rendering)) > 5
    assert seen[1:] == sorted(seen[1:])
    assert len(seen) < 60


def test_report_on_a_deleted_batch_fails_with_the_reason(api: ApiClient) -> None:
    batch = api.batch(0)
    accepted = api.ask(3, {"batch_id": batch})
    for number in (1, 2):
        steps.run(event_of(accepted, number))
    api.ok("PATCH", f"/api/batches/{batch}/close", {})
    api.ok("DELETE", f"/api/batches/{batch}")
    run_executions()
    assert api.report(accepted["id"])["error"] == "Партия не найдена"


def test_every_event_is_in_the_outbox_once(api: ApiClient) -> None:
    api.make(2, JANUARY, format="csv")
    items = client("dynamodb").scan(TableName="shopfloor-test-events")["Items"]
    names = sorted(item["name"]["S"] for item in items if item["aggregate"]["S"].startswith("report#"))
    assert names == ["report.completed", "report.created"]
    data = json.loads(next(item["data"]["S"] for item in items if item["name"]["S"] == "report.completed"))
    assert data["file_path"] == "/reports/report_1.csv"


def test_the_functions_of_the_saga_are_those_of_the_app(api: ApiClient) -> None:
    report = ask(api)
    assert app.report_step(event_of(report, 1), None) == {"outcome": "ok"}
    assert app.report_compensate(event_of(report, run=9), None) == {"outcome": "stopped"}
