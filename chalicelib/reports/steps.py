"""The Lambda functions of the saga: one for its six steps, one for the undoing. saga.asl.json calls them.

A step is three moves: begin (under the fence, see model.py), the work, finish (under the fence again, in one
transaction with its event). What goes wrong for good is an answer, {"outcome": "failed"}, and the machine undoes;
{"outcome": "stopped"} says that the run is no longer wanted; an exception means try again, and after some attempts the
machine leaves the saga to the sweep.
Only the step that renders imports the libraries for that, when it gets there.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from chalicelib.core import clock, objects
from chalicelib.core.errors import Invalid, NotFound
from chalicelib.core.later_work import Broken, attempt
from chalicelib.core.logs import note
from chalicelib.core.transactions import Changed, Transaction, optimistic, transaction
from chalicelib.core.validation import sentence
from chalicelib.events import service as events
from chalicelib.reports import files, model, production, sagas, store
from chalicelib.reports.layouts import BUILT_IN
from chalicelib.reports.layouts.period import with_days, with_defaults
from chalicelib.reports.model import Refused, Saga, Superseded
from chalicelib.reports.store import ReportItem
from chalicelib.users import service as users

Outcome = dict[str, str]
OK, FAILED, STOPPED, MORE = ({"outcome": word} for word in ("ok", "failed", "stopped", "more"))


@dataclass(frozen=True)
class Work:
    """What a step works on: the saga as it was when its attempt began, and its report, which is read when needed."""

    saga: Saga
    run: int
    number: int
    attempt: int

    @cached_property
    def report(self) -> ReportItem:
        """Superseded when it was deleted."""
        return _report_of(self.saga)


def run(event: dict[str, Any]) -> Outcome:
    """One attempt of a step, `{"step", "saga_id", "run", "retries"}`."""
    number, saga_id, its_run = int(event["step"]), str(event["saga_id"]), int(event["run"])
    note(saga_id=saga_id, step=number, run=its_run)
    try:
        work = _begin(saga_id, its_run, number)
        if work is None:
            return OK
        try:
            with attempt(event, model.BROKEN, Superseded):
                notes = STEPS[number](work)
        except (Refused, NotFound, Invalid, Broken) as refusal:
            _fail(work, sentence(refusal.fields) if refusal.fields else refusal.message)
            return FAILED
        saga = _finish(work, notes)
    except Superseded:
        return STOPPED
    if saga.status == "completed":
        objects.remove(files.superfluous(saga))
    return OK


# -- the moves ------------------------------------------------------------------------------------------------------


@optimistic
def _begin(saga_id: str, its_run: int, number: int) -> Work | None:
    """Start an attempt; None when the step was done before."""
    saga, at = _find(saga_id), clock.now()
    is_first = saga.status == "pending"
    attempt = saga.begin(its_run, number, at)
    if not attempt:
        return None
    with transaction() as tx:
        store.save_saga(tx, saga)
        if is_first:
            store.change_report(tx, _report_of(saga), at, status="processing")
        _log_step(tx, saga, "saga.step_started", number, at)
    saga.seen_status = saga.status
    return Work(saga, its_run, number, attempt)


def _finish(work: Work, notes: dict[str, Any] | None) -> Saga:
    """The saga after the step; mostly nobody has changed it since the step began, so it is not read again."""
    try:
        return _write_finish(work.saga, work, notes)
    except Changed:
        return _finish_anew(work, notes)


@optimistic
def _finish_anew(work: Work, notes: dict[str, Any] | None) -> Saga:
    return _write_finish(_find(work.saga.saga_id), work, notes)


def _write_finish(saga: Saga, work: Work, notes: dict[str, Any] | None) -> Saga:
    at = clock.now()
    saga.finish(work.run, work.number, work.attempt, at, notes)
    with transaction() as tx:
        store.save_saga(tx, saga)
        _log_step(tx, saga, "saga.step_completed", work.number, at)
        if work.number == model.LAST:
            _complete(tx, saga, at)
    return saga


def _complete(tx: Transaction, saga: Saga, at: datetime) -> None:
    """The notification is an event, so it goes out if and only if the report is there."""
    report, file = _report_of(saga), saga.notes["file"]
    batch_id = model.batch_named(saga.notes["plan"]["parameters"])  # it may be the template that names it
    stored = {"batch_id": batch_id, "file_key": file["key"], "file_size": file["size"], "md5_hash": file["md5"]}
    store.change_report(tx, report, at, status="completed", error=None, **stored)
    about: dict[str, Any] = {"report_id": report.number, "user_id": int(report.user_id), "saga_id": saga.saga_id}
    about |= {"file_path": f"/reports/report_{report.number}.{report.format}", "file_size": file["size"]}
    events.record(tx, "report.completed", f"report#{report.number}", at, **about, md5_hash=file["md5"])
    for email in report.recipients or ():
        events.record(
            tx, "report.mail_requested", f"report#{report.number}", at, report_id=report.number, user_email=email
        )
    sagas.log(tx, saga, "saga.completed", at)


@optimistic
def _fail(work: Work, reason: str) -> None:
    saga, at = _find(work.saga.saga_id), clock.now()
    saga.fail(work.run, work.number, work.attempt, reason, at)
    with transaction() as tx:
        store.save_saga(tx, saga)
        _log_step(tx, saga, "saga.step_failed", work.number, at, reason=reason)
        sagas.log(tx, saga, "saga.compensating", at, reason=reason)


# -- the work of each step ------------------------------------------------------------------------------------------


def _validate_user(work: Work) -> None:
    users.get(work.saga.user_id)


def _validate_template(work: Work) -> dict[str, Any]:
    """Settles what will be made: later steps do not see that a template changes."""
    number, parameters = int(work.report.template_id), json.loads(work.report.parameters)
    if number not in BUILT_IN:
        template = store.find_template(number)
        if template is None:
            raise model.template_not_found(number)
        number, parameters = int(template.base_template_id), with_defaults(json.loads(template.parameters), parameters)
    layout = BUILT_IN[number]
    if layout.shows_production:
        model.check_may_see_production(users.get(work.saga.user_id).roles)
    parameters = with_days(parameters, work.saga.created_at)
    layout.check(parameters)
    return {"plan": {"layout": number, "parameters": parameters}}


def _store_file(work: Work) -> dict[str, Any]:
    draft = work.saga.notes["draft"]
    stored = objects.copy(draft["key"], files.report_key(work.saga, work.attempt))
    if stored.md5 != draft["md5"]:
        raise RuntimeError(f"{stored.key} is not what was rendered")
    return {"file": asdict(stored)}


def _collect_data(work: Work) -> dict[str, Any]:
    return {"data": production.collect(work.saga, work.attempt)}


def _generate_report(work: Work) -> dict[str, Any]:
    return {"draft": production.generate(work.saga, work.report, work.attempt)}


def _send_notification(_work: Work) -> None:
    """The event is written with the completion itself."""


STEPS: dict[int, Callable[[Work], dict[str, Any] | None]] = {
    1: _validate_user,
    2: _validate_template,
    3: _collect_data,
    4: _generate_report,
    5: _store_file,
    6: _send_notification,
}


# -- undoing --------------------------------------------------------------------------------------------------------


def compensate(event: dict[str, Any]) -> Outcome:
    """Undo the last step that is not undone yet, one a call; with nothing left, end the saga."""
    saga_id, its_run = str(event["saga_id"]), int(event["run"])
    note(saga_id=saga_id, run=its_run)
    try:
        saga = _find(saga_id)
        saga.assert_undoing(its_run)
        step = saga.next_undo()
        if step is None:
            objects.remove(files.every_key(saga))
            _settle(saga_id, its_run)
            return OK
        objects.remove(files.keys_of(saga, step.id))
        _note_undone(saga_id, its_run, step.id)
    except Superseded:
        return STOPPED
    return MORE


@optimistic
def _note_undone(saga_id: str, its_run: int, number: int) -> None:
    saga, at = _find(saga_id), clock.now()
    saga.undone(its_run, number, at)
    with transaction() as tx:
        store.save_saga(tx, saga)
        _log_step(tx, saga, "saga.step_compensated", number, at)


@optimistic
def _settle(saga_id: str, its_run: int) -> None:
    saga, at = _find(saga_id), clock.now()
    saga.settle(its_run, at)
    report, status = _report_of(saga), saga.ending
    with transaction() as tx:
        store.save_saga(tx, saga)
        store.change_report(tx, report, at, status=status, error=saga.error)
        about: dict[str, Any] = {
            "report_id": report.number,
            "user_id": int(report.user_id),
            "saga_id": saga_id,
            "error": saga.error,
        }
        events.record(tx, f"report.{status}", f"report#{report.number}", at, **about)
        sagas.log(tx, saga, f"saga.{saga.status}", at, reason=saga.error)


# -- parts ----------------------------------------------------------------------------------------------------------


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


def _log_step(tx: Transaction, saga: Saga, name: str, number: int, at: datetime, **data: Any) -> None:
    step = saga.step(number)
    sagas.log(tx, saga, name, at, step=number, step_name=step.name, attempt=step.attempts, **data)
