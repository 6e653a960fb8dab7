"""Defect workflow: every pair of statuses for every kind of actor, and what a transition changes."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from chalicelib.core.actor import Actor
from chalicelib.core.errors import Conflict, Forbidden
from chalicelib.defects import model, workflow
from chalicelib.defects.model import STATUSES, Defect, Person, Status

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
TODAY = date(2026, 3, 2)
REPORTER, WORKER = Person("reporter", "Олег"), Person("worker", "Вера")


def actor(person: Person, *roles: str) -> Actor:
    return Actor(7, person.id, person.name, None, roles)


ACTORS = {
    "admin": actor(Person("admin", "А"), "admin"),
    "manager": actor(Person("manager", "М"), "manager"),
    "assignee": actor(WORKER, "engineer"),
    "reporter": actor(REPORTER, "engineer"),
    "engineer": actor(Person("engineer", "И"), "engineer"),
    "executive": actor(Person("executive", "Р"), "executive"),
    "customer": actor(Person("customer", "З"), "customer"),
    "reporter without the role": actor(REPORTER, "executive"),
}
# the actors that may make each transition, as docs/construction.md says
MAY: dict[tuple[str, str], str] = {
    ("new", "assigned"): "admin manager",
    ("new", "rejected"): "admin manager reporter",
    ("assigned", "in_progress"): "admin manager assignee",
    ("assigned", "rejected"): "admin manager reporter",
    ("in_progress", "assigned"): "admin manager assignee",
    ("in_progress", "fixed"): "admin manager assignee",
    ("in_progress", "rejected"): "admin manager reporter",
    ("fixed", "verified"): "admin manager reporter",
    ("fixed", "rejected"): "admin manager reporter",
    ("fixed", "reopened"): "admin manager reporter",
    ("verified", "closed"): "admin manager",
    ("verified", "reopened"): "admin manager assignee reporter engineer",
    ("closed", "reopened"): "admin manager assignee reporter engineer",
    ("rejected", "reopened"): "admin manager reporter",
    ("reopened", "assigned"): "admin manager",
    ("reopened", "in_progress"): "admin manager assignee",
    ("reopened", "rejected"): "admin manager reporter",
}


def defect(status: Status = "assigned", **fields: Any) -> Defect:
    """A defect in a status, with an assignee."""
    start = Defect(
        id="d", number=1, site_id="s", customer_id=None, title="Трещина", description="", location=None,
        severity="high", reporter=REPORTER, created_at=AT, updated_at=AT, status=status, assignee=WORKER,
        fixed_by="worker",
    )  # fmt: skip
    return replace(start, **fields)


def outcome(old: Status, new: Status, name: str) -> str:
    """The status after a transition that an actor tries, or the status code of its refusal."""
    try:
        return workflow.change_status(defect(old), new, ACTORS[name], AT).status
    except Conflict:
        return "409"
    except Forbidden:
        return "403"


@pytest.mark.parametrize("old", STATUSES)
def test_every_transition_by_every_actor(old: Status) -> None:
    for new, name in product(STATUSES, ACTORS):
        may = MAY.get((old, new))
        expected = "409" if may is None else new if name in may.split() else "403"
        assert outcome(old, new, name) == expected, (old, new, name)


@pytest.mark.parametrize("old", STATUSES)
def test_allowed_transitions_are_those_that_succeed(old: Status) -> None:
    for name, user in ACTORS.items():
        allowed = workflow.allowed_transitions(defect(old), user)
        assert allowed == [new for new in STATUSES if outcome(old, new, name) == new], (old, name)
        assert workflow.may_assign(defect(old), user) == (name in ("admin", "manager") and old in model.OPEN)
        edits = name in ("admin", "manager", "assignee", "reporter") and old not in model.ENDED
        assert workflow.may_edit(defect(old), user) == edits, (old, name)


def test_defect_without_assignee_cannot_become_assigned() -> None:
    assert workflow.allowed_transitions(defect("new", assignee=None), ACTORS["manager"]) == ["rejected"]


def test_no_transition_is_missing_in_this_test() -> None:
    assert set(workflow.TRANSITIONS) == set(MAY)


def test_every_status_leads_to_closed() -> None:
    reached = {"closed"}
    while more := {old for old, new in workflow.TRANSITIONS if new in reached} - reached:
        reached |= more
    assert reached == set(STATUSES)


def test_error_of_unknown_transition_names_the_possible_ones() -> None:
    with pytest.raises(Conflict, match="возможны: in_progress, rejected"):
        workflow.change_status(defect("assigned"), "closed", ACTORS["manager"], AT)


@pytest.mark.parametrize("to", ["verified", "rejected"])
def test_only_an_admin_verifies_own_work(to: Status) -> None:
    own = defect("fixed", reporter=WORKER)
    with pytest.raises(Forbidden):
        workflow.change_status(own, to, ACTORS["assignee"], AT)
    with pytest.raises(Forbidden):
        workflow.change_status(defect("fixed", fixed_by="manager"), to, ACTORS["manager"], AT)
    assert workflow.change_status(defect("fixed", fixed_by="admin"), to, ACTORS["admin"], AT).status == to


def test_status_assigned_needs_an_assignee() -> None:
    with pytest.raises(Conflict, match="assignee"):
        workflow.change_status(defect("new", assignee=None), "assigned", ACTORS["manager"], AT)


def test_fix_is_dated_until_the_defect_is_reopened() -> None:
    later = AT + timedelta(hours=5)
    fixed = workflow.change_status(defect("in_progress", fixed_by=None), "fixed", ACTORS["assignee"], later)
    assert (fixed.fixed_at, fixed.fixed_by) == (later, "worker")
    closed = workflow.change_status(
        workflow.change_status(fixed, "verified", ACTORS["reporter"], AT), "closed", ACTORS["manager"], AT
    )
    assert (closed.fixed_at, closed.closed_at) == (later, AT)
    again = workflow.change_status(closed, "reopened", ACTORS["engineer"], AT)
    assert (again.fixed_at, again.fixed_by, again.closed_at, again.times_reopened) == (None, None, None, 1)


@pytest.mark.parametrize("status", STATUSES)
def test_assign_in_every_status(status: Status) -> None:
    if status not in model.OPEN:
        with pytest.raises(Conflict):
            workflow.assign(defect(status), Person("other", "Петр"), None)
        return
    assert workflow.assign(defect(status), Person("other", "Петр"), TODAY).status == "assigned"
    same = workflow.assign(defect(status), Person("worker", "Новое имя"), None)
    assert same.status == ("in_progress" if status == "in_progress" else "assigned")
    assert same.assignee == WORKER


def test_only_open_defects_due_before_today_are_overdue() -> None:
    yesterday = TODAY - timedelta(days=1)
    assert {status for status in STATUSES if defect(status, due_date=yesterday).is_overdue(TODAY)} == model.OPEN
    assert not defect(due_date=TODAY).is_overdue(TODAY)
    assert not defect(due_date=None).is_overdue(TODAY)


def test_a_due_date_is_announced_once() -> None:
    late = defect(due_date=TODAY)
    assert late.unannounced == "2026-03-02"
    assert replace(late, overdue_for=TODAY).unannounced is None
    assert replace(late, overdue_for=TODAY, due_date=TODAY + timedelta(days=3)).unannounced == "2026-03-05"


@pytest.mark.parametrize(
    ("name", "changes", "allowed"),
    [
        ("manager", {"title": "Другое", "due_date": TODAY}, True),
        ("assignee", {"title": "Другое"}, True),
        ("reporter", {"severity": "low"}, True),
        ("reporter", {"due_date": TODAY}, False),
        ("engineer", {"title": "Другое"}, False),
        ("customer", {"title": "Другое"}, False),
    ],
)
def test_fields_that_each_actor_may_edit(name: str, changes: dict[str, Any], allowed: bool) -> None:
    if allowed:
        assert workflow.edit(defect(), changes, ACTORS[name]) == replace(defect(), **changes)
    else:
        with pytest.raises(Forbidden):
            workflow.edit(defect(), changes, ACTORS[name])


def test_closed_and_rejected_defects_cannot_be_edited() -> None:
    for status in model.ENDED:
        with pytest.raises(Conflict):
            workflow.edit(defect(status), {"title": "Другое"}, ACTORS["manager"])


def test_history_has_the_changed_fields() -> None:
    after = defect("in_progress", title="Другое", due_date=TODAY, assignee=None)
    assert model.differences(defect(), after) == [
        {"field": "title", "from": "Трещина", "to": "Другое"},
        {"field": "status", "from": "assigned", "to": "in_progress"},
        {"field": "assignee", "from": {"id": "worker", "name": "Вера"}, "to": None},
        {"field": "due_date", "from": None, "to": "2026-03-02"},
    ]
