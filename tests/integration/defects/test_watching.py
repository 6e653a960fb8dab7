"""Watching deadlines and progress: lists with every filter, what is overdue, the figures of a site."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from chalicelib.analytics import recount
from chalicelib.core import clock
from chalicelib.core import recount as core_recount
from chalicelib.core.recount import compare
from chalicelib.defects import overdue, store
from chalicelib.reports.layouts import tasks
from chalicelib.reports.layouts.layout import Row
from tests.construction import DEFECTS, SITES, UserClient
from tests.crash_injection import Died, after_write, die
from tests.production import dump, events_of, nothing_written

Later = Callable[..., None]
Day = Callable[[int], str]


def announced(defect: dict[str, Any]) -> list[str]:
    """The due dates for which a defect was announced as overdue."""
    return [data["due_date"] for name, data in events_of(f"defect#{defect['id']}") if name == "defect.overdue"]


def progress(who: UserClient, site: dict[str, Any], query: str = "") -> dict[str, Any]:
    """The progress of a site."""
    found: dict[str, Any] = who.ok("GET", f"{SITES}/{site['id']}/progress{query}")
    return found


def test_overdue_is_a_filter_and_its_opposite_has_the_rest(day: Day) -> None:
    manager = UserClient("manager")
    site, other = manager.site(), manager.site()
    late = manager.defect(site["id"], due_date=day(-1))["id"]
    late_there = manager.defect(other["id"], due_date=day(-30), severity="low")["id"]
    fixed = manager.defect(site["id"], due_date=day(-1), assignee_id=manager.id)["id"]
    manager.move(fixed, "in_progress", "fixed")
    rejected = manager.defect(site["id"], due_date=day(-1))["id"]
    manager.move(rejected, "rejected")
    today, never = manager.defect(site["id"], due_date=day(0))["id"], manager.defect(site["id"])["id"]
    assert set(manager.ids("overdue=true")) == {late, late_there}
    assert set(manager.ids("overdue=false")) == {fixed, rejected, today, never}
    assert manager.ids(f"overdue=true&site_id={site['id']}") == [late]
    assert manager.ids("overdue=true&severity=low&sort_field=due_date") == [late_there]
    shown = {item["id"]: item["is_overdue"] for item in manager.ok("GET", DEFECTS)["items"]}
    assert {name for name, is_overdue in shown.items() if is_overdue} == {late, late_there}
    manager.ok("PUT", f"{DEFECTS}/{fixed}/status", {"status": "reopened"})
    assert set(manager.ids("overdue=true")) == {late, late_there, fixed}
    assert (progress(manager, site)["overdue"], progress(manager, other)["overdue"]) == (2, 1)
    assert "overdue" in manager.refused(400, "GET", f"{DEFECTS}?overdue=maybe")


def test_lists_filter_by_everything_and_sort_by_rank(day: Day) -> None:
    manager, engineer = UserClient("manager"), UserClient("engineer")
    site = manager.site()
    made = [
        manager.defect(site["id"], severity=severity, due_date=day(number))
        for number, severity in enumerate(("medium", "critical", "low", "high"))
    ]
    ids = [defect["id"] for defect in made]
    manager.assign(ids[1], engineer.id)
    engineer.move(ids[1], "in_progress")
    own = engineer.defect(site["id"])["id"]
    by_rank = [ids[1], ids[3], *sorted([ids[0], own], key=[own, ids[0]].index), ids[2]]
    assert manager.ids("sort_field=severity") == by_rank
    assert manager.ids("sort_field=status&sort_direction=DESC")[0] == ids[1]
    assert manager.ids("sort_field=due_date&sort_direction=ASC") == [own, *ids]
    assert manager.ids("sort_field=updated_at")[0] == own
    assert manager.ids("severity=high") == [ids[3]]
    assert manager.ids("status=in_progress") == [ids[1]]
    assert manager.ids(f"assignee_id={engineer.id}") == [ids[1]]
    assert manager.ids(f"reporter_id={engineer.id}") == [own]
    assert manager.ids("number=3") == [ids[2]]
    assert manager.ids(f"due_from={day(1)}&due_to={day(2)}") == [ids[2], ids[1]]
    assert manager.ids(f"due_to={day(0)}") == [ids[0]]
    assert manager.ids(f"site_id={site['id']}&status=new&severity=low") == [ids[2]]
    for query, named in (
        ("status=x", "status"), ("severity=x", "severity"), ("sort_field=title", "sort_field"), ("limit=0", "limit"),
        (f"due_from={day(2)}&due_to={day(1)}", "due_from"), ("site_id=1", "site_id"), ("number=0", "number"),
    ):  # fmt: skip
        assert named in manager.refused(400, "GET", f"{DEFECTS}?{query}")


def test_overdue_defect_is_announced_once_for_each_due_date(day: Day, later: Later) -> None:
    manager, engineer = UserClient("manager"), UserClient("engineer")
    site = manager.site()
    defect = manager.defect(site["id"], due_date=day(0), assignee_id=engineer.id)
    done = manager.defect(site["id"], due_date=day(0))
    manager.move(done["id"], "rejected")
    assert overdue.sweep() == 0
    later(days=1)
    assert (overdue.sweep(), overdue.sweep()) == (1, 0)
    assert (announced(defect), announced(done)) == ([day(0)], [])
    assert events_of(f"defect#{defect['id']}")[-1][1]["assignee_id"] == engineer.id
    assert manager.ok("GET", f"{DEFECTS}/{defect['id']}")["version"] == 1
    # fixed, and reopened: the same due date is not announced again, a new one is
    engineer.move(defect["id"], "in_progress", "fixed")
    manager.move(defect["id"], "reopened")
    assert overdue.sweep() == 0
    manager.ok("PATCH", f"{DEFECTS}/{defect['id']}", {"due_date": day(1)})
    assert overdue.sweep() == 0
    later(days=1)
    assert overdue.sweep() == 1
    assert announced(defect) == [day(0), day(1)]
    exact()


class Rows(list[Row]):
    """What a report collects."""

    def expect(self, total: int) -> None:
        assert total == 2

    add = list[Row].append


@pytest.mark.parametrize(
    ("hour", "zone", "today"),
    [(22, "Asia/Vladivostok", "2030-01-08"), (22, "UTC", "2030-01-07"), (3, "America/Anchorage", "2030-01-06")],
)
def test_overdue_is_what_was_due_before_the_day_of_the_site(
    hour: int, zone: str, today: str, site_in: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = UserClient("manager")
    monkeypatch.setattr(clock, "now", lambda: datetime(2030, 1, 7, hour, tzinfo=UTC))  # a Monday
    site_in(zone)
    site = manager.site()
    yesterday = date.fromisoformat(today) - timedelta(days=1)
    late = manager.defect(site["id"], due_date=yesterday.isoformat())
    manager.defect(site["id"], due_date=today)
    assert manager.ids("overdue=true") == [late["id"]]
    assert [item["id"] for item in manager.ok("GET", DEFECTS)["items"] if item["is_overdue"]] == [late["id"]]
    shown = progress(manager, site, "?weeks=1")
    assert shown["overdue"] == 1
    assert [(week["week_start"], week["created"]) for week in shown["weeks"]] == [("2030-01-07", 2)]
    collected = tasks.collect({}, rows := Rows(), None)
    assert collected["today"] == today
    assert [row[1] for row in rows if row[8] is not None] == [late["number"]]
    assert overdue.sweep() == 1
    assert announced(late) == [yesterday.isoformat()]


def test_a_sweep_may_die_after_any_write_and_two_may_run_at_once(
    day: Day, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = UserClient("manager")
    site = manager.site()
    defects = [manager.defect(site["id"], due_date=day(0)) for _ in range(4)]
    later(days=1)
    for write in (1, 2):
        with pytest.raises(Died), after_write(write, die):
            overdue.sweep()
    found = list(store.unannounced(clock.site_today()))
    assert len(found) == 1
    save, others = store.save, [overdue.sweep]

    def slow(*arguments: Any) -> None:
        """Before one sweep has written what it read, another one is done."""
        if others:
            assert others.pop()() == 1
        save(*arguments)

    monkeypatch.setattr(store, "save", slow)
    assert overdue.sweep() == 0
    with nothing_written():
        assert overdue.sweep() == 0
    assert [announced(defect) for defect in defects] == [[day(0)]] * 4


def test_a_sweep_is_bounded_and_the_next_ones_announce_the_rest(
    day: Day, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = UserClient("manager")
    site = manager.site()
    defects = [manager.defect(site["id"], due_date=day(0)) for _ in range(3)]
    later(days=1)
    monkeypatch.setattr(overdue, "SWEEP_LIMIT", 2)
    assert (overdue.sweep(), overdue.sweep(), overdue.sweep()) == (2, 1, 0)
    assert [announced(defect) for defect in defects] == [[day(0)]] * 3


def test_an_index_that_lags_behind_announces_nothing_twice(
    day: Day, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = UserClient("manager")
    defect = manager.defect(manager.site()["id"], due_date=day(0))
    later(days=1)
    monkeypatch.setattr(store, "unannounced", lambda _today: iter([defect["id"], defect["id"]]))
    assert (overdue.sweep(), overdue.sweep()) == (1, 0)
    manager.ok("DELETE", f"{DEFECTS}/{defect['id']}")
    assert overdue.sweep() == 0


def test_the_progress_of_a_site(later: Later) -> None:
    manager, admin = UserClient("manager"), UserClient("admin")
    site = manager.site()
    assert progress(manager, site) | {"weeks": []} == {
        "site_id": site["id"], "total": 0, "open": 0, "overdue": 0, "percent_closed": 0.0, "mean_hours_to_fix": None,
        "by_status": dict.fromkeys(store.STATUSES, 0), "by_severity": dict.fromkeys(store.SEVERITIES, 0),
        "open_by_severity": dict.fromkeys(store.SEVERITIES, 0), "weeks": [],
    }  # fmt: skip
    first, second, third, _ = (
        manager.defect(site["id"], severity=severity, assignee_id=manager.id)
        for severity in ("critical", "high", "high", "low")
    )
    manager.move(third["id"], "rejected")
    later(hours=2)
    for defect in (first, second):
        manager.move(defect["id"], "in_progress", "fixed")
    admin.move(first["id"], "verified", "closed")
    now = progress(manager, site, "?weeks=2")
    assert (now["total"], now["open"], now["percent_closed"], now["mean_hours_to_fix"]) == (4, 1, 33.3, 2.0)
    assert {name: amount for name, amount in now["by_status"].items() if amount} == {
        "assigned": 1, "fixed": 1, "closed": 1, "rejected": 1,
    }  # fmt: skip
    assert now["by_severity"] == {"low": 1, "medium": 0, "high": 2, "critical": 1}
    assert now["open_by_severity"] == {"low": 1, "medium": 0, "high": 0, "critical": 0}
    assert [sum(week[name] for week in now["weeks"]) for name in ("created", "fixed", "closed")] == [4, 2, 1]
    days = [date.fromisoformat(week["week_start"]) for week in now["weeks"]]
    assert (days[1] - days[0], days[1].weekday()) == (timedelta(weeks=1), 0)
    manager.move(second["id"], "reopened")
    manager.ok("DELETE", f"{DEFECTS}/{first['id']}")
    after = progress(manager, site)
    assert (after["total"], after["open"], after["mean_hours_to_fix"], len(after["weeks"])) == (3, 2, None, 12)
    assert sum(week["fixed"] + week["closed"] for week in after["weeks"]) == 0
    for weeks in (0, 105):
        assert "weeks" in manager.refused(400, "GET", f"{SITES}/{site['id']}/progress?weeks={weeks}")
    exact()


def test_figures_and_lists_agree_wherever_defects_are(day: Day) -> None:
    admin, engineer = UserClient("admin"), UserClient("engineer")
    site, other = admin.site(), admin.site()
    admin.defect(other["id"], due_date=day(-1))
    for number in range(5):
        defect = admin.defect(site["id"], severity=store.SEVERITIES[number % 4], due_date=day(number % 2 - 1))
        if number:
            admin.assign(defect["id"], engineer.id)
        admin.move(defect["id"], *["in_progress", "fixed", "verified"][: max(0, number - 1)])
    found = progress(admin, site)
    listed = Counter(item["status"] for item in admin.ok("GET", f"{DEFECTS}?site_id={site['id']}")["items"])
    assert found["by_status"] == {status: listed[status] for status in store.STATUSES}
    assert found["overdue"] == len(admin.ids(f"site_id={site['id']}&overdue=true"))
    assert (found["total"], progress(admin, other)["total"]) == (5, 1)
    exact()


def test_damaged_figures_are_found_and_repaired(monkeypatch: pytest.MonkeyPatch) -> None:
    from pynamodb.expressions.operand import Path

    from chalicelib.core.dynamo import update_if
    from chalicelib.defects.totals import TotalsItem

    monkeypatch.setattr(core_recount, "PAUSE_SECONDS", 0)
    manager = UserClient("manager")
    site = manager.site()
    manager.defect(site["id"])
    before = dump()
    update_if(TotalsItem(site["id"], "whole#1"), [Path("new_low").add(7)])
    assert progress(manager, site)["total"] == 8
    result = recount.run(lambda: 900_000)
    assert [(row["where"], row["outcome"]) for row in result["differences"]] == [("defect_totals", "corrected")]
    assert progress(manager, site)["total"] == 1
    assert set(before) == set(dump())


def exact() -> None:
    """Everything that is counted is what there is."""
    for counts in recount._everything_counted():
        wrong, moved, _ = compare(counts)
        assert (counts.title, wrong, moved) == (counts.title, {}, set())
