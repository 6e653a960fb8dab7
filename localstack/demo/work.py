"""Deferred tasks that wait, have completed and have failed; schedules; long tasks."""

from datetime import UTC, datetime, timedelta
from typing import Any

from localstack.client import Api, ApiFailed

DEAD = "http://127.0.0.1:9/scales"
SOON = timedelta(seconds=1)  # the API requires a time in the future
LONGEST = timedelta(seconds=35)  # after that a request is given up
YESTERDAY, LAST_WEEK = ({"period": word, "time_zone": "Europe/Moscow"} for word in ("yesterday", "last_week"))
SCHEDULES: tuple[dict[str, Any], ...] = (
    {
        "name": "Сменный отчёт каждое утро",
        "task_type": "generate_report",
        "payload": {"name": "Сменный отчёт за вчера", "template_id": 2, "format": "pdf", "parameters": YESTERDAY},
        "cron": "30 8 * * *",
        "time_zone": "Europe/Moscow",
    },
    {
        "name": "Продажи за неделю",
        "task_type": "generate_report",
        "payload": {"name": "Продажи за неделю", "template_id": 1, "format": "xlsx", "parameters": LAST_WEEK},
        "cron": "0 9 * * MON",
        "time_zone": "Europe/Moscow",
    },
    {
        "name": "Сверка весов",
        "task_type": "http_callback",
        "payload": {"url": DEAD, "data": {"check": "scales"}},
        "rate": "1 hour",
        "paused": True,
    },
)
LONG = ("Пересчёт норм выработки", "Сверка остатков со складом")


def make(api: Api, user: int) -> None:
    """Create the missing schedules and tasks; `user`: the number of the owner of the long tasks."""
    names = {schedule["name"] for schedule in api.every("/api/v1/schedules?limit=100", "schedules")}
    for schedule in SCHEDULES:
        if schedule["name"] not in names:
            api.ask("POST", "/api/v1/schedules", 201, schedule)
    payloads = [task["payload"] for task in api.every("/api/v1/tasks?limit=100", "tasks")]
    for later, task in _deferred(api.url):
        if task["payload"] not in payloads:
            _plan(api, later, task)
    texts = {task["task"] for task in api.ask("GET", f"/tasks/{user}?limit=100", 200)}
    for text in (*LONG, f"fetch {DEAD}"):
        if text not in texts:
            api.ask("POST", f"/task/{user}", 200, {"task": text})


def _plan(api: Api, later: timedelta, task: dict[str, Any]) -> None:
    """Create a task; when its time has passed before the request was read, try again with twice the lead."""
    at = (datetime.now(UTC) + later).isoformat()
    try:
        api.ask("POST", "/api/v1/tasks", 201, {"execute_at": at, **task})
    except ApiFailed as failed:
        if "execute_at" not in str(failed) or later > LONGEST:
            raise
        _plan(api, 2 * later, task)


def _deferred(url: str) -> list[tuple[timedelta, dict[str, Any]]]:
    email = {"to": "manager@shopfloor.local", "subject": "Планёрка", "body": "Сводка за смену — в отчётах"}
    report = {"name": "Отчёт по задачам за месяц", "template_id": 4, "format": "xlsx"}
    scales = {"url": DEAD, "data": {"scales": 2, "command": "zero"}}
    done = {"url": f"{url}/api/webhooks/test", "data": {"shift": "передана"}}
    return [
        (SOON, {"task_type": "http_callback", "payload": done}),
        (SOON, {"task_type": "http_callback", "payload": scales, "max_attempts": 1}),
        (timedelta(hours=3), {"task_type": "send_email", "payload": email}),
        (timedelta(hours=9), {"task_type": "generate_report", "payload": report}),
        (timedelta(days=30), {"task_type": "publish_event", "payload": {"name": "stocktaking.begins", "detail": {}}}),
    ]
