"""Reports: the one that `make run` prints, three more, and one that fails."""

from datetime import UTC, datetime, timedelta
from typing import Any

from localstack.client import Api, ApiFailed, wait

FIRST = "Демонстрационный отчет о партии"
LOST = {"batch_id": "00000000-0000-4000-8000-00000000dead"}  # of no batch


def make(api: Api, batch_id: str) -> int:
    """Request the missing reports one by one, so that one worker makes all; return the number of the first one."""
    made = {report["name"]: report for report in api.every("/api/v1/reports/?limit=100", "reports")}
    numbers = {}
    for wanted in _reports(batch_id):
        there = made.get(wanted["name"])
        number = int((there or api.ask("POST", "/api/v1/reports/", 202, wanted))["id"])
        numbers[wanted["name"]] = number
        if not there or there["status"] not in ("completed", "failed"):
            _wait(api, number, "failed" if wanted["parameters"] == LOST else "completed")
    return numbers[FIRST]


def _reports(batch_id: str) -> list[dict[str, Any]]:
    today = datetime.now(UTC).date()
    weeks = {"date_from": (today - timedelta(days=13)).isoformat(), "date_to": today.isoformat()}
    month = {"period": f"{today:%Y-%m}"}
    return [
        {"name": FIRST, "template_id": 3, "parameters": {"batch_id": batch_id}},
        {"name": "Смены за две недели", "template_id": 2, "parameters": weeks, "format": "xlsx"},
        {"name": "Продажи за месяц", "template_id": 1, "parameters": month, "format": "csv"},
        {"name": "Отчёт об удалённой партии", "template_id": 3, "parameters": LOST},
    ]


def _wait(api: Api, number: int, end: str) -> None:
    status = wait(
        lambda: api.ask("GET", f"/api/v1/reports/{number}/status", 200),
        lambda answer: answer["status"] not in ("pending", "processing"),
        f"report {number}",
    )
    if status["status"] != end:
        raise ApiFailed(f"the report of the demo ended as {status}")
