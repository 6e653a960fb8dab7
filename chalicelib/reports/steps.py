"""The Lambda functions of the saga: one for its six steps, one for compensation. saga.asl.json calls them.

An attempt of a step is begun and finished by one transaction each, with its event, and does its work in between. Both
are made only while the attempt may change the saga (model.py). The result decides what the state machine does next:
`{"outcome": "failed"}` compensation, because the step can never succeed; `{"outcome": "stopped"}` nothing, because this
attempt may no longer change the saga: another run or attempt has started, or the saga has ended. An exception means
that the step may succeed later: the state machine retries it, and in the end leaves the saga to the sweep.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from chalicelib.core import clock, later_work, objects, texts
from chalicelib.core.errors import Invalid, NotFound
from chalicelib.core.logs import note
from chalicelib.core.transactions import Changed, Transaction, optimistic, transaction
from chalicelib.core.validation import sentence
from chalicelib.events import service as events
from chalicelib.reports import files, keys, making, model, plans, sagas, store
from chalicelib.reports.model import Refused, Saga, Superseded
from chalicelib.reports.store import ReportItem
from chalicelib.users import service as users

Outcome = dict[str, str]
OK, FAILED, STOPPED, MORE = ({"outcome": word} for word in ("ok", "failed", "stopped", "more"))


@dataclass(frozen=True)
class StepAttempt:
    """An attempt of a step: the saga as it was when the attempt began, and the report, which is read when needed."""

    saga: Saga
    run: int
    step_number: int
    attempt_number: int

    @cached_property
    def report(self) -> ReportItem:
        """The report; Superseded when it was deleted."""
        return _report_of(self.saga)


def run(event: dict[str, Any]) -> Outcome:
    """Run one attempt of a step; the event is `{"step", "saga_id", "run", "retries"}`."""
    step_number, saga_id, run_number = int(event["step"]), str(event["saga_id"]), int(event["run"])
    note(saga_id=saga_id, step=step_number, run=run_number)
    try:
        current = _begin(saga_id, run_number, step_number)
        if current is None:
            return OK
        with texts.language(current.saga.spoken):
            saga = _work(current, event)
        if saga is None:
            return FAILED
    except Superseded:
        return STOPPED
    if saga.status == "completed":
        objects.remove(files.superfluous_keys(saga))
    return OK


def _work(current: StepAttempt, event: dict[str, Any]) -> Saga | None:
    """Do the work of an attempt and write its end; return the saga, None when the step can never succeed."""
    try:
        with later_work.attempt(event, model.INTERNAL_ERROR, Superseded):
            notes = STEPS[current.step_number](current)
    except (Refused, NotFound, Invalid, later_work.Broken) as refusal:
        _fail(current, sentence(refusal.fields) if refusal.fields else refusal.message)
        return None
    return _finish(current, notes)


# -- beginning and finishing -------------------------------------------------------------------------------------------


@optimistic
def _begin(saga_id: str, run_number: int, step_number: int) -> StepAttempt | None:
    """Begin an attempt; None when the step is completed already."""
    saga, at = _find(saga_id), clock.now()
    is_first = saga.status == "pending"
    attempt_number = saga.begin_step(run_number, step_number, at)
    if not attempt_number:
        return None
    with transaction() as tx:
        store.save_saga(tx, saga)
        if is_first:
            store.change_report(tx, _report_of(saga), at, status="processing")
        _record_step_event(tx, saga, "saga.step_started", step_number, at)
    saga.seen_status = saga.status  # as it is in the table now; the end of the attempt writes this object again
    return StepAttempt(saga, run_number, step_number, attempt_number)


def _finish(current: StepAttempt, notes: dict[str, Any] | None) -> Saga:
    """Return the saga after the step. It is read again only when it was changed since the attempt began."""
    try:
        return _write_finish(current.saga, current, notes)
    except Changed:
        return _finish_fresh(current, notes)


@optimistic
def _finish_fresh(current: StepAttempt, notes: dict[str, Any] | None) -> Saga:
    return _write_finish(_find(current.saga.saga_id), current, notes)


def _write_finish(saga: Saga, current: StepAttempt, notes: dict[str, Any] | None) -> Saga:
    at = clock.now()
    saga.finish_step(current.run, current.step_number, current.attempt_number, at, notes)
    with transaction() as tx:
        store.save_saga(tx, saga)
        _record_step_event(tx, saga, "saga.step_completed", current.step_number, at)
        if current.step_number == model.LAST_STEP:
            _complete(tx, saga, at)
    return saga


def _complete(tx: Transaction, saga: Saga, at: datetime) -> None:
    """Complete the report. The notification is its event, so it is sent exactly when the report is completed."""
    report, file = _report_of(saga), saga.notes["file"]
    batch_id = keys.batch_id_in(saga.notes["plan"]["parameters"])  # it may come from the template
    stored = {"batch_id": batch_id, "file_key": file["key"], "file_size": file["size"], "md5_hash": file["md5"]}
    stored["language"] = saga.spoken
    store.change_report(tx, report, at, status="completed", error=None, **stored)
    data: dict[str, Any] = {"report_id": report.number, "user_id": int(report.user_id), "saga_id": saga.saga_id}
    data |= {"file_path": f"/reports/report_{report.number}.{report.format}", "file_size": file["size"]}
    events.record(tx, "report.completed", f"report#{report.number}", at, **data, md5_hash=file["md5"])
    for email in report.recipients or ():
        about: dict[str, Any] = {"report_id": report.number, "user_email": email, "language": saga.spoken}
        events.record(tx, "report.mail_requested", f"report#{report.number}", at, **about)
    sagas.record_event(tx, saga, "saga.completed", at)


@optimistic
def _fail(current: StepAttempt, reason: str) -> None:
    saga, at = _find(current.saga.saga_id), clock.now()
    saga.fail_step(current.run, current.step_number, current.attempt_number, reason, at)
    with transaction() as tx:
        store.save_saga(tx, saga)
        _record_step_event(tx, saga, "saga.step_failed", current.step_number, at, reason=reason)
        sagas.record_event(tx, saga, "saga.compensating", at, reason=reason)


# -- the work of each step ---------------------------------------------------------------------------------------------


def _validate_user(current: StepAttempt) -> None:
    users.get(current.saga.user_id)


def _validate_template(current: StepAttempt) -> dict[str, Any]:
    """Fix layout and parameters of the report."""
    saga, report = current.saga, current.report
    wanted = plans.Wanted(
        int(report.template_id),
        report.parameters,
        saga.format,
        lambda: users.get(saga.user_id).roles,
        saga.created_at,
    )
    return {"plan": plans.make(wanted)}


def _collect_data(current: StepAttempt) -> dict[str, Any]:
    return {"data": making.collect(current.saga, current.attempt_number)}


def _generate_report(current: StepAttempt) -> dict[str, Any]:
    return {"draft": making.generate(current.saga, current.report, current.attempt_number)}


def _store_file(current: StepAttempt) -> dict[str, Any]:
    draft = current.saga.notes["draft"]
    stored = objects.copy(draft["key"], files.report_key(current.saga, current.attempt_number))
    if stored.md5 != draft["md5"]:
        raise RuntimeError(f"{stored.key} differs from the rendered file")
    return {"file": asdict(stored)}


def _send_notification(_current: StepAttempt) -> None:
    """Do nothing: the notification is the event that is written with the completion."""


STEPS: dict[int, Callable[[StepAttempt], dict[str, Any] | None]] = {
    1: _validate_user,
    2: _validate_template,
    3: _collect_data,
    4: _generate_report,
    5: _store_file,
    6: _send_notification,
}


# -- compensation ------------------------------------------------------------------------------------------------------


def compensate(event: dict[str, Any]) -> Outcome:
    """Compensate one step, the last that is not compensated; end the saga when none is left."""
    saga_id, run_number = str(event["saga_id"]), int(event["run"])
    note(saga_id=saga_id, run=run_number)
    try:
        saga = _find(saga_id)
        saga.assert_compensating(run_number)
        step = saga.next_to_compensate()
        if step is None:
            objects.remove(files.all_keys(saga))
            _settle(saga_id, run_number)
            return OK
        objects.remove(files.step_keys(saga, step.id))
        _mark_compensated(saga_id, run_number, step.id)
    except Superseded:
        return STOPPED
    return MORE


@optimistic
def _mark_compensated(saga_id: str, run_number: int, step_number: int) -> None:
    saga, at = _find(saga_id), clock.now()
    saga.mark_compensated(run_number, step_number, at)
    with transaction() as tx:
        store.save_saga(tx, saga)
        _record_step_event(tx, saga, "saga.step_compensated", step_number, at)


@optimistic
def _settle(saga_id: str, run_number: int) -> None:
    saga, at = _find(saga_id), clock.now()
    saga.settle(run_number, at)
    report, status = _report_of(saga), saga.ending
    with transaction() as tx:
        store.save_saga(tx, saga)
        store.change_report(tx, report, at, status=status, error=saga.error)
        data: dict[str, Any] = {"report_id": report.number, "user_id": int(report.user_id), "saga_id": saga_id}
        events.record(tx, f"report.{status}", f"report#{report.number}", at, **data, error=saga.error)
        sagas.record_event(tx, saga, f"saga.{saga.status}", at, reason=saga.error)


# -- helpers -----------------------------------------------------------------------------------------------------------


def _find(saga_id: str) -> Saga:
    saga = store.find_saga(saga_id)
    if saga is None or saga.deleted:
        raise Superseded
    return saga


def _report_of(saga: Saga) -> ReportItem:
    report = store.find_report(saga.report_id)
    if report is None:
        raise Superseded
    return report


def _record_step_event(tx: Transaction, saga: Saga, name: str, step_number: int, at: datetime, **data: Any) -> None:
    step = saga.step(step_number)
    sagas.record_event(tx, saga, name, at, step=step_number, step_name=step.name, attempt=step.attempts, **data)
