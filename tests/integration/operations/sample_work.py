"""Work of every kind, written as its services leave it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.background_tasks import model as background
from chalicelib.background_tasks import store as background_store
from chalicelib.core import clock
from chalicelib.core.transactions import transaction
from chalicelib.deferred_tasks import model as deferred
from chalicelib.deferred_tasks import recurrence, schedules_store
from chalicelib.deferred_tasks import store as deferred_store
from chalicelib.long_tasks import model as long_tasks
from chalicelib.long_tasks import store as long_tasks_store
from chalicelib.reports import model as reports
from chalicelib.reports import store as reports_store

START = clock.now().astimezone(UTC).replace(microsecond=0) - timedelta(hours=3)


def at(second: int) -> datetime:
    return START + timedelta(seconds=second)


def new_id(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def background_task(second: int, user_id: int = 1, **fields: Any) -> str:
    made = background.Task(new_id(second), "import", user_id, at(second), at(second), **fields)
    with transaction() as tx:
        background_store.add(tx, made)
    return made.id


def deferred_task(second: int, user_id: int = 1, **fields: Any) -> str:
    times: dict[str, Any] = {"execute_at": at(second), "created_at": at(second), "updated_at": at(second + 60)}
    given = {"task_type": "send_sms", "payload": {"phone": "+79991234567", "text": "a"}, "due_at": None, **fields}
    made = deferred.Task(second, user_id, **times, **given)
    with transaction() as tx:
        deferred_store.add(tx, made)
    return str(second)


def schedule(second: int, user_id: int = 1, **fields: Any) -> str:
    made = recurrence.Schedule(
        id=new_id(second),
        user_id=user_id,
        name="Смена",
        task_type="send_sms",
        payload={},
        max_attempts=1,
        cron=None,
        rate="1 day",
        time_zone="UTC",
        overlap="skip",
        created_at=at(second),
        updated_at=at(second),
        anchor=at(second),
        **fields,
    )
    with transaction() as tx:
        schedules_store.add(tx, made)
    return made.id


def long_task(second: int, user_id: int = 1, **fields: Any) -> str:
    due_at = at(second) if fields.get("status", "pending") == "pending" else None
    made = long_tasks.Task(second, user_id, "fetch https://example.com/", at(second), due_at=due_at, **fields)
    with transaction() as tx:
        long_tasks_store.add(tx, made)
    return str(second)


def saga(second: int, user_id: int = 1, **fields: Any) -> str:
    made = reports.Saga(new_id(second), second, user_id, at(second), updated_at=at(second), **fields)
    item = reports_store.ReportItem(
        reports_store.key_of(second),
        created_at=clock.to_text(at(second)),
        updated_at=clock.to_text(at(second)),
        name=f"Смена {second}",
        template_id=4,
        user_id=user_id,
        status="failed",
        parameters="{}",
        format="pdf",
        saga_id=made.saga_id,
    )
    with transaction() as tx:
        reports_store.add_report(tx, item)
        reports_store.add_saga(tx, made)
    return made.saga_id


def failed_saga(second: int, user_id: int = 1) -> str:
    return saga(second, user_id, status="failed", error="Нет данных", completed_at=at(second + 60))


def failed_task(second: int, user_id: int = 1, **fields: Any) -> str:
    return deferred_task(second, user_id, status="failed", error_message="Занято", attempts=3, failures=3, **fields)
