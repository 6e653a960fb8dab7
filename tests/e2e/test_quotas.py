"""Daily quotas on the deployed stack: every function that makes something in a user's name counts it."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from tests.e2e.due import plan
from tests.e2e.people import person, signed_in
from tests.e2e.production import new_batch
from tests.e2e.stack import Stack
from tests.waiting import wait_for


def test_what_a_user_makes_is_counted_wherever_it_is_made(stack: Stack) -> None:
    who = person(stack, "manager")
    headers, first_day = signed_in(stack, who), f"{datetime.now(UTC).date()}"

    def made(path: str, body: Any) -> Any:
        answer = stack.call("POST", path, json=body, headers=headers)
        assert answer.status_code < 300, answer.text
        return answer.json()

    def listed(day: str) -> list[Any]:
        everybody = stack.call("GET", f"/v1/quotas?limit=1000&day={day}").json()["data"]
        return [one for one in everybody if one["user_id"] == who["number"]]

    def used() -> dict[str, int]:
        """What is counted since the beginning, which may have been yesterday."""
        today = stack.call("GET", "/v1/quotas/me", headers=headers).json()["data"]
        return summed([today, *(listed(first_day) if today["day"] != first_day else [])])

    assert used() == {}
    plan(stack, "send_sms", {"phone": "+79990000003", "text": "x"}, 1, headers=headers)
    report = {"name": "Отчет", "template_id": 2, "parameters": {"date_from": "2025-01-01"}}
    plan(stack, "generate_report", report, 1, headers=headers)
    made("/api/v1/reports/", report)
    batch = new_batch(stack)
    made(f"/api/batches/{batch['uuid']}/reports/generate?format=xlsx&user_email=a@example.com", {})
    made("/api/batches/import/uploads", {"file_name": "a.csv"})
    wanted = {"emails": 1, "sms": 1, "reports": 3, "uploads": 1}
    wait_for(lambda: used() == wanted, timeout=60, every=0.5)
    days = {first_day, f"{datetime.now(UTC).date()}"}
    assert summed([one for day in days for one in listed(day)]) == wanted


def summed(days: list[Any]) -> dict[str, int]:
    """What a user has used in these days."""
    return sum((Counter({name: one["used"] for name, one in day["quotas"].items()}) for day in days), Counter())
