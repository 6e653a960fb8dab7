"""Daily quotas on the deployed stack: every function that makes something in a user's name counts it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.e2e.people import person, signed_in
from tests.e2e.production import new_batch
from tests.e2e.stack import Stack
from tests.waiting import wait_for


def test_what_a_user_makes_is_counted_wherever_it_is_made(stack: Stack) -> None:
    who = person(stack, "manager")
    headers = signed_in(stack, who)

    def made(path: str, body: Any) -> Any:
        answer = stack.call("POST", path, json=body, headers=headers)
        assert answer.status_code < 300, answer.text
        return answer.json()

    def used() -> dict[str, int]:
        shown = stack.call("GET", "/v1/quotas/me", headers=headers).json()["data"]["quotas"]
        return {name: one["used"] for name, one in shown.items() if one["used"]}

    assert used() == {}
    soon = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
    sms = {"task_type": "send_sms", "payload": {"phone": "+79990000003", "text": "x"}, "execute_at": soon}
    made("/api/v1/tasks", sms)
    report = {"name": "Отчет", "template_id": 2, "parameters": {"date_from": "2025-01-01"}}
    made("/api/v1/tasks", {"task_type": "generate_report", "payload": report, "execute_at": soon})
    made("/api/v1/reports/", report)
    batch = new_batch(stack)
    made(f"/api/batches/{batch['uuid']}/reports/generate?format=xlsx&user_email=a@example.com", {})
    made("/api/batches/import/uploads", {"file_name": "a.csv"})
    wanted = {"emails": 1, "sms": 1, "reports": 3, "uploads": 1}
    wait_for(lambda: used() == wanted, timeout=60, every=0.5)
    everybody = stack.call("GET", "/v1/quotas?limit=1000").json()["data"]
    (mine,) = [one for one in everybody if one["quotas"]["reports"]["used"] == 3 and one["quotas"]["sms"]["used"] == 1]
    assert {name: one["used"] for name, one in mine["quotas"].items() if one["used"]} == wanted
