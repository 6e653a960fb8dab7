"""Steps killed or throttled in all attempts, executions lost or never started: the sweep resumes the saga."""

from collections.abc import Callable

import pytest

from chalicelib.core import clock
from chalicelib.core.retries import REPORT_SAGA
from chalicelib.core.settings import settings
from chalicelib.reports import machine, model, sagas, steps, store
from tests.crash_injection import after_write, die, killed, throttle
from tests.integration.reports.api_client import ApiClient, objects, only_file
from tests.integration.reports.test_saga import WRITES, ask, event_of
from tests.machine import Restart, run_executions
from tests.stages import stage_with

ATTEMPTS = 4
STEPS = range(1, 7)


def resume(later: Callable[..., None]) -> list[str]:
    """Run the sweep after its interval, and the executions it starts."""
    later(minutes=1)
    sagas.sweep()
    return run_executions()


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("step", STEPS)
def test_a_step_killed_in_all_its_attempts_is_resumed(
    api: ApiClient, later: Callable[..., None], step: int, late: bool
) -> None:
    accepted = ask(api)
    with killed("report_step", ATTEMPTS, late=late, step=step) as events:
        assert run_executions()[-1] == "Left To The Sweep"
    assert [event["retries"] for event in events] == [0, 1, 2, 3]
    assert api.report(accepted["id"])["status"] in ("pending", "processing", "completed")
    assert resume(later)[-1:] == ([] if late and step == STEPS[-1] else ["Completed"])
    report = api.report(accepted["id"])
    assert (report["status"], report["error"]) == ("completed", None)
    later(minutes=5)
    sagas.sweep()
    api.download(report)
    assert only_file(report)
    assert "saga.compensating" not in api.log(report)


@pytest.mark.parametrize("step", STEPS)
def test_a_step_throttled_in_all_its_attempts_is_resumed(
    api: ApiClient, later: Callable[..., None], monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    accepted, real = ask(api), steps.STEPS[step]
    monkeypatch.setitem(steps.STEPS, step, lambda _: throttle())
    assert run_executions()[-1] == "Left To The Sweep"
    monkeypatch.setitem(steps.STEPS, step, real)
    assert resume(later)[-1] == "Completed"
    assert api.report(accepted["id"])["status"] == "completed"


def test_report_that_crashes_every_function_fails_with_a_reason_and_can_be_retried(
    api: ApiClient, later: Callable[..., None]
) -> None:
    accepted = ask(api)
    with killed("report_step", 1000, step=4) as events:
        run_executions()
        for _ in range(REPORT_SAGA.max_crashes):
            resume(later)
    assert len(events) == ATTEMPTS * REPORT_SAGA.max_crashes
    report, saga = api.report(accepted["id"]), api.saga(accepted)
    assert (report["status"], report["error"]) == (
        "failed",
        model.TOO_MANY_CRASHES.format(limit=REPORT_SAGA.max_crashes),
    )
    assert (saga["status"], saga["steps"][3]["status"]) == ("compensated", "failed")
    assert objects() == []
    assert api.log(accepted).count("saga.resumed") == REPORT_SAGA.max_crashes
    api.ok("POST", f"/api/v1/sagas/{accepted['saga_id']}/retry")
    run_executions()
    assert api.report(accepted["id"])["status"] == "completed"


@pytest.mark.parametrize("step", STEPS)
def test_steps_of_a_replaced_execution_change_nothing(api: ApiClient, later: Callable[..., None], step: int) -> None:
    accepted = ask(api)
    with killed("report_step", ATTEMPTS, step=step):
        run_executions()
    later(minutes=1)
    sagas.sweep()
    with killed("report_step", 1, late=True, step=step):
        for number in STEPS:
            steps.run(event_of(accepted, number))  # the old execution
        run_executions()
    report = api.report(accepted["id"])
    assert report["status"] == "completed"
    later(minutes=5)
    sagas.sweep()
    api.download(report)
    assert only_file(report)
    assert api.log(report).count("saga.completed") == 1


def test_compensation_killed_in_all_its_attempts_is_resumed(api: ApiClient, later: Callable[..., None]) -> None:
    accepted = ask(api)
    for number in range(1, 5):
        steps.run(event_of(accepted, number))
    api.ok("POST", f"/api/v1/reports/{accepted['id']}/cancel")
    with killed("report_compensate", 6 * (REPORT_SAGA.max_crashes + 2)):
        run_executions()
        for _ in range(REPORT_SAGA.max_crashes + 1):
            assert resume(later)[-1] == "Left To The Sweep"
    resume(later)
    assert api.saga(accepted)["status"] == "cancelled"
    assert objects() == []


@pytest.mark.parametrize("write", range(1, WRITES, 3))
def test_a_saga_that_lost_its_execution_is_resumed_by_the_sweep(
    api: ApiClient, later: Callable[..., None], write: int
) -> None:
    accepted = ask(api)

    def restart() -> None:
        raise Restart

    with pytest.raises(Restart), after_write(write, restart):
        run_executions()
    assert sagas.sweep() == 0
    later(minutes=1)
    sagas.sweep()
    run_executions()
    report = api.report(accepted["id"])
    assert report["status"] == "completed"
    api.download(report)
    later(minutes=5)
    sagas.sweep()
    assert only_file(report)
    later(minutes=5)
    assert sagas.sweep() == 0


def test_failed_compensation_is_resumed_by_the_sweep(api: ApiClient, later: Callable[..., None]) -> None:
    accepted = ask(api)
    for number in range(1, 5):
        steps.run(event_of(accepted, number))
    api.ok("POST", f"/api/v1/reports/{accepted['id']}/cancel")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(steps.objects, "remove", lambda _: die())
        assert run_executions()[-1] == "Left To The Sweep"
    assert api.saga(accepted)["status"] == "compensating"
    later(minutes=1)
    sagas.sweep()
    run_executions()
    assert api.saga(accepted)["status"] == "cancelled"
    assert objects() == []


def test_report_is_created_even_when_its_execution_cannot_be_started(
    api: ApiClient, later: Callable[..., None]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REPORT_SAGA_ARN", settings().report_saga_arn + "-gone")
        settings.cache_clear()
        accepted = ask(api)
    settings.cache_clear()
    later(minutes=1)
    sagas.sweep()
    run_executions()
    assert api.report(accepted["id"])["status"] == "completed"


def test_sagas_whose_check_always_fails_do_not_keep_the_sweep_from_the_others(
    api: ApiClient, later: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    names = []

    def state(execution: str) -> str:
        if names[-1] not in execution:
            throttle()
        return "running"

    monkeypatch.setattr(sagas, "SWEEP_LIMIT", 2)
    monkeypatch.setattr(machine, "state", state)
    with stage_with(shards=(1, 1)):
        for _ in range(3):
            names.append(ask(api)["saga_id"])
            later(seconds=1)
        later(minutes=1)
        assert (sagas.sweep(), sagas.sweep(), sagas.sweep()) == (0, 1, 0)
        later(minutes=1)
        assert {saga.saga_id for saga in store.due_sagas(clock.now(), 10)} == set(names)
