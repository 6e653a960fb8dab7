"""Imports with refused rows and with an invalid file, and two exports.

Background tasks are deleted after a day; later starts create them again.
"""

from datetime import UTC, datetime

from localstack.client import Api, Form, form_of
from localstack.demo.plant import CENTERS
from localstack.demo.production import ended, imported, sheet

FIRST_NUMBER = 990  # of the batches of the file


def make(api: Api) -> None:
    """Import and export files, where their tasks do not exist."""
    imports = list(api.every("/api/background_tasks?type=import&limit=100", "items"))
    if not any((task.get("result") or {}).get("failed") for task in imports):
        imported(api, _with_errors(), failed=3)
    if not any(task["status"] == "FAILURE" for task in imports):
        ended(api, _send(api, "batches.csv", "Партия;Дата\n12;сегодня\n"))
    if not api.ask("GET", "/api/background_tasks?type=export&limit=1", 200)["items"]:
        for kind in ("xlsx", "csv"):
            ended(api, api.ask("POST", f"/api/batches/export?format={kind}", 202, {"is_closed": True})["task_id"])


def _send(api: Api, name: str, text: str) -> str:
    return str(api.ask("POST", "/api/batches/import", 202, form_of({}, name, text.encode()))["task_id"])


def _with_errors() -> Form:
    """Return a file with five rows, two of them valid."""
    center, today = CENTERS[1], datetime.now(UTC).date()
    day, begin, end = f"{today:%d.%m.%Y}", f"{today}T06:00:00Z", f"{today}T10:00:00Z"
    nut, washer = [goods.nomenclature for goods in center.goods]
    rows = [
        (day, nut, end),
        (day, washer, end),
        (f"31.02.{today.year}", nut, end),
        (day, "#Н/Д", end),
        (day, washer, "в конце смены"),
    ]
    return sheet(
        [
            str(FIRST_NUMBER + index), when, nomenclature, "EKN-011", "1", "Бригада Д", "После переналадки", begin,
            until, center.identifier, center.name, "", "", "20", "[]",
        ]
        for index, (when, nomenclature, until) in enumerate(rows)
    )  # fmt: skip
