"""Reports: the one that `make run` prints, some more, and one that fails."""

from datetime import UTC, datetime, timedelta
from typing import Any

from localstack.client import Api, ApiFailed, wait

FIRST = "Демонстрационный отчет о партии"
TEMPLATE = {"name": "Смены за прошлую неделю", "base_template_id": 2, "parameters": {"period": "last_week"}}
UNKNOWN_BATCH = {"batch_id": "00000000-0000-4000-8000-00000000dead"}  # no batch has it


def make(api: Api, batch_id: str) -> int:
    """Make the template and the missing reports, one after the other for one worker; return the number of the first."""
    if all(template["is_builtin"] for template in api.every("/api/v1/templates?limit=100", "templates")):
        api.ask("POST", "/api/v1/templates", 201, TEMPLATE)
    made = {report["name"]: report for report in api.every("/api/v1/reports/?limit=100", "reports")}
    numbers = {}
    for body in _reports(batch_id):
        existing = made.get(body["name"])
        number = int((existing or api.ask("POST", "/api/v1/reports/", 202, body))["id"])
        numbers[body["name"]] = number
        if not existing or existing["status"] not in ("completed", "failed"):
            _wait(api, number, "failed" if body["parameters"] == UNKNOWN_BATCH else "completed")
    return numbers[FIRST]


def _reports(batch_id: str) -> list[dict[str, Any]]:
    today = datetime.now(UTC).date()
    weeks = {"date_from": (today - timedelta(days=13)).isoformat(), "date_to": today.isoformat()}
    month = {"period": f"{today:%Y-%m}"}
    return [
        {"name": FIRST, "template_id": 3, "parameters": {"batch_id": batch_id}},
        {"name": "Смены за две недели", "template_id": 2, "parameters": weeks, "format": "xlsx"},
        {"name": "Продажи за месяц", "template_id": 1, "parameters": month, "format": "csv"},
        {"name": "Отчёт об удалённой партии", "template_id": 3, "parameters": UNKNOWN_BATCH},
    ]


def _wait(api: Api, number: int, end: str) -> None:
    status = wait(
        lambda: api.ask("GET", f"/api/v1/reports/{number}/status", 200),
        lambda answer: answer["status"] not in ("pending", "processing"),
        f"report {number}",
    )
    if status["status"] != end:
        raise ApiFailed(f"the report of the demo ended as {status}")
