"""The way of a defect: every pair of statuses with everybody who might try it, and what a step changes."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from chalicelib.core.errors import Conflict, Forbidden
from chalicelib.defects import model
from chalicelib.defects.model import MOVES, STATUSES, Defect, Person, Status, Who

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
TODAY = date(2026, 3, 2)
REPORTER, WORKER = Person("reporter", "Олег"), Person("worker", "Вера")

PEOPLE = {
    "admin": Who(Person("admin", "А"), ("admin",)),
    "manager": Who(Person("manager", "М"), ("manager",)),
    "assignee": Who(WORKER, ("engineer",)),
    "reporter": Who(REPORTER, ("engineer",)),
    "engineer": Who(Person("engineer", "И"), ("engineer",)),
    "executive": Who(Person("executive", "Р"), ("executive",)),
    "customer": Who(Person("customer", "З"), ("customer",)),
    "reporter without the role": Who(REPORTER, ("executive",)),
}
# who may take a defect from one status into another, as the guide says
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
    """What comes of a move that somebody tries."""
    try:
        return model.moved(defect(old), new, PEOPLE[name], AT).status
    except Conflict:
        return "409"
    except Forbidden:
        return "403"


@pytest.mark.parametrize("old", STATUSES)
def test_every_move_by_everybody(old: Status) -> None:
    for new, name in product(STATUSES, PEOPLE):
        may = MAY.get((old, new))
        expected = "409" if may is None else new if name in may.split() else "403"
        assert outcome(old, new, name) == expected, (old, new, name)


@pytest.mark.parametrize("old", STATUSES)
def test_what_is_told_as_possible_is_what_is_done(old: Status) -> None:
    for name, who in PEOPLE.items():
        told = model.allowed_moves(defect(old), who)
        assert told == [new for new in STATUSES if outcome(old, new, name) == new], (old, name)
        assert model.may_assign(defect(old), who) == (name in ("admin", "manager") and old in model.OPEN)
        edits = name in ("admin", "manager", "assignee", "reporter") and old not in model.ENDED
        assert model.may_edit(defect(old), who) == edits, (old, name)


def test_nobody_moves_a_defect_without_an_assignee_to_assigned() -> None:
    assert model.allowed_moves(defect("new", assignee=None), PEOPLE["manager"]) == ["rejected"]


def test_the_table_has_no_move_that_is_not_listed_here() -> None:
    assert set(MOVES) == set(MAY)


def test_from_every_status_there_is_a_way_to_closed() -> None:
    reached = {"closed"}
    while more := {old for old, new in MOVES if new in reached} - reached:
        reached |= more
    assert reached == set(STATUSES)


def test_the_error_of_a_wrong_move_names_the_right_ones() -> None:
    with pytest.raises(Conflict, match="возможны: in_progress, rejected"):
        model.moved(defect("assigned"), "closed", PEOPLE["manager"], AT)


@pytest.mark.parametrize("to", ["verified", "rejected"])
def test_who_did_the_work_does_not_judge_it(to: Status) -> None:
    own = defect("fixed", reporter=WORKER)
    with pytest.raises(Forbidden):
        model.moved(own, to, PEOPLE["assignee"], AT)
    with pytest.raises(Forbidden):
        model.moved(defect("fixed", fixed_by="manager"), to, PEOPLE["manager"], AT)
    assert model.moved(defect("fixed", fixed_by="admin"), to, PEOPLE["admin"], AT).status == to


def test_nobody_is_assigned_by_a_move() -> None:
    with pytest.raises(Conflict, match="assignee"):
        model.moved(defect("new", assignee=None), "assigned", PEOPLE["manager"], AT)


def test_a_fix_is_dated_and_forgotten_when_it_was_none() -> None:
    later = AT + timedelta(hours=5)
    fixed = model.moved(defect("in_progress", fixed_by=None), "fixed", PEOPLE["assignee"], later)
    assert (fixed.fixed_at, fixed.fixed_by) == (later, "worker")
    closed = model.moved(model.moved(fixed, "verified", PEOPLE["reporter"], AT), "closed", PEOPLE["manager"], AT)
    assert (closed.fixed_at, closed.closed_at) == (later, AT)
    again = model.moved(closed, "reopened", PEOPLE["engineer"], AT)
    assert (again.fixed_at, again.fixed_by, again.closed_at, again.times_reopened) == (None, None, None, 1)


@pytest.mark.parametrize("status", STATUSES)
def test_assigning_in_every_status(status: Status) -> None:
    if status not in model.OPEN:
        with pytest.raises(Conflict):
            model.assigned(defect(status), Person("other", "Петр"), None)
        return
    assert model.assigned(defect(status), Person("other", "Петр"), TODAY).status == "assigned"
    same = model.assigned(defect(status), Person("worker", "Новое имя"), None)
    assert same.status == ("in_progress" if status == "in_progress" else "assigned")
    assert same.assignee == WORKER


def test_only_what_is_open_and_due_before_today_is_overdue() -> None:
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
def test_who_edits_what(name: str, changes: dict[str, Any], allowed: bool) -> None:
    if allowed:
        assert model.edited(defect(), changes, PEOPLE[name]) == replace(defect(), **changes)
    else:
        with pytest.raises(Forbidden):
            model.edited(defect(), changes, PEOPLE[name])


def test_what_has_ended_is_not_edited() -> None:
    for status in model.ENDED:
        with pytest.raises(Conflict):
            model.edited(defect(status), {"title": "Другое"}, PEOPLE["manager"])


def test_the_history_has_what_is_new() -> None:
    after = defect("in_progress", title="Другое", due_date=TODAY, assignee=None)
    assert model.differences(defect(), after) == [
        {"field": "title", "from": "Трещина", "to": "Другое"},
        {"field": "status", "from": "assigned", "to": "in_progress"},
        {"field": "assignee", "from": {"id": "worker", "name": "Вера"}, "to": None},
        {"field": "due_date", "from": None, "to": "2026-03-02"},
    ]
