"""What needs action: counts, shown items, roles."""

from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib.background_tasks.store import TaskItem
from chalicelib.core import clock
from chalicelib.core.transactions import transaction
from chalicelib.deferred_tasks import store as deferred_store
from chalicelib.deferred_tasks.model import Task
from chalicelib.today import attention
from chalicelib.webhooks import store as webhooks_store
from tests.exchange import csv_file, imported, row, send
from tests.people import person, signed_in
from tests.production import ask, ok
from tests.tasks import run_tasks

TODAY = "/api/analytics/today"


def shown(name: str) -> Any:
    """One of the parts."""
    return ok("GET", TODAY)["attention"][name]


def test_where_all_is_well_nothing_is_counted() -> None:
    imported(csv_file([row()]))
    assert ok("GET", TODAY)["attention"] == {
        "failed_imports": {"total": 0, "at_least": False, "items": []},
        "overdue_defects": {"total": 0, "at_least": False, "items": []},
        "webhooks": {"disabled": 0, "failing": 0, "items": []},
        "failed_tasks": {"total": 0, "at_least": False, "items": []},
    }


def test_failed_imports_are_counted_newest_first() -> None:
    imported(csv_file([row(team=""), row()]))
    imported(csv_file([row(team="")]), dry_run="true")
    send(b"no columns\r\n", "x.csv")
    run_tasks()
    found = shown("failed_imports")
    assert (found["total"], found["at_least"]) == (2, False)
    whole, part = found["items"]
    assert (whole["status"], whole["failed"]) == ("FAILURE", None) and whole["error"]
    assert (part["status"], part["total"], part["failed"]) == ("SUCCESS", 2, 1)
    assert part["errors_url"].startswith("/api/reports/")
    assert ok("GET", f"/api/background_tasks/{part['task_id']}")["result"]["failed"] == 1


def test_an_import_is_counted_for_a_day_and_not_when_it_was_cancelled() -> None:
    cancelled = send(csv_file([row(team="")])).json["task_id"]
    ok("DELETE", f"/api/background_tasks/{cancelled}")
    imported(csv_file([row(team="")]))
    (kept,) = shown("failed_imports")["items"]
    before = clock.to_text(clock.now() - timedelta(hours=25))
    TaskItem(kept["task_id"]).update(actions=[TaskItem.finished_at.set(before)])
    assert shown("failed_imports")["total"] == 0


def defect(title: str, due: date, **fields: Any) -> dict[str, Any]:
    site = ok("POST", "/api/v1/sites", {"code": title, "name": title, "address": "ул. Заводская, 1"})
    body = {"site_id": site["id"], "title": title, "severity": "high", "due_date": due.isoformat()}
    return dict(ok("POST", "/api/v1/defects", body | fields))


def test_overdue_defects_are_counted_and_those_that_became_so_last_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    today = clock.now().date()
    for days in (3, 1, 2, 7, 6, 5, 4):
        defect(f"D{days}", today - timedelta(days=days))
    defect("now", today)
    found = shown("overdue_defects")
    assert (found["total"], found["at_least"]) == (7, False)
    assert [one["title"] for one in found["items"]] == ["D1", "D2", "D3", "D4", "D5"]
    assert found["items"][0]["due_date"] == str(today - timedelta(days=1))
    monkeypatch.setattr(attention, "MAX_COUNTED", 1)  # of each of six shards, one of which has two
    assert shown("overdue_defects")["at_least"] is True


def test_subscriptions_that_get_nothing_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def subscription(**fields: Any) -> str:
        body = {"url": "https://example.com/x", "events": ["batch.created"], "secret_key": "secret-key"} | fields
        return str(ok("POST", "/api/webhooks", body)["uuid"])

    dead, shaky, _fine, _resting = subscription(), subscription(), subscription(), subscription(is_active=False)
    webhooks_store.count_failure(shaky)
    webhooks_store.count_failure(shaky)
    item = webhooks_store.get(dead)
    with transaction() as tx:
        webhooks_store.disable(tx, item, clock.now(), "Получатель ответил 410: подписка отключена")
    found = shown("webhooks")
    assert (found["disabled"], found["failing"]) == (1, 1)
    assert [(one["uuid"], one["is_active"], one["failures"]) for one in found["items"]] == [
        (dead, False, 0),
        (shaky, True, 2),
    ]
    assert found["items"][0]["disabled_reason"].startswith("Получатель ответил 410")
    ok("PATCH", f"/api/webhooks/{dead}", {"is_active": True})
    assert shown("webhooks")["disabled"] == 0


def test_deferred_tasks_that_failed_are_counted_until_they_are_set_going() -> None:
    at = clock.now()
    for number in range(1, 8):
        status = "failed" if number < 7 else "completed"
        task = Task(
            number=number, user_id=1, task_type="call_webhook", payload={}, execute_at=at,
            created_at=at + timedelta(seconds=number), updated_at=at, due_at=None, max_attempts=1, far=False,
        )  # fmt: skip
        task.status, task.error_message, task.completed_at = status, "Не отвечает", at  # type: ignore[assignment]
        with transaction() as tx:
            deferred_store.add(tx, task)
    found = shown("failed_tasks")
    assert (found["total"], [one["id"] for one in found["items"]]) == (6, [6, 5, 4, 3, 2])
    assert found["items"][0]["error_message"] == "Не отвечает"


@pytest.mark.parametrize(
    ("role", "hidden"),
    [
        ("admin", set()),
        ("manager", set()),
        ("engineer", {"webhooks"}),
        ("executive", {"webhooks"}),
        ("user", {"failed_imports", "overdue_defects", "webhooks", "failed_tasks"}),
    ],
)
def test_part_without_right_to_all_records_is_null(role: str, hidden: set[str]) -> None:
    answer = ask("GET", TODAY, headers=signed_in(person(role)))
    assert answer.status == 200
    assert {name for name, part in answer.json["attention"].items() if part is None} == hidden


def test_a_customer_is_refused() -> None:
    assert ask("GET", TODAY, headers=signed_in(person("customer"))).status == 403
