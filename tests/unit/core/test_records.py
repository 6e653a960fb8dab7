"""Items of dataclasses: what is written is read again."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.background_tasks import store as background
from chalicelib.background_tasks.model import Task as BackgroundTask
from chalicelib.deferred_tasks import schedules_store, store
from chalicelib.deferred_tasks.model import Attempt, Task
from chalicelib.deferred_tasks.recurrence import Schedule

AT = datetime(2025, 1, 15, 10, 30, 0, 5, tzinfo=UTC)
JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists)


@given(JSON, st.booleans())
def test_a_deferred_task_is_read_as_it_was_written(payload: object, far: bool) -> None:
    task = Task(7, 1, "send_email", payload, AT, AT, AT, None, far=far, log=[Attempt(1, AT, AT, "Нет", {"a": 1})])
    item = store._records.item_of(task)
    assert store.task_of(item) == task
    assert (item.id, item.due_at, item.far) == ("0" * 17 + "7", None, far or None)


def test_a_schedule_is_read_as_it_was_written() -> None:
    made = Schedule("id", 1, "Отчет", "send_email", {"a": "б"}, 3, None, "5 minutes", "UTC", "skip", AT, AT, AT)
    made.plan(AT + timedelta(seconds=1))
    assert schedules_store.schedule_of(schedules_store._records.item_of(made)) == made


def test_a_background_task_is_read_as_it_was_written() -> None:
    task = BackgroundTask("id", "import", 1, AT, AT, "FAILURE", result={"error": "Нет"}, finished_at=AT)
    item = background._item(task)
    assert background.task_of(item) == task
    assert (item.task_id, item.type, item.trouble) == ("id", "import", "import")
    assert item.due_at == "2025-01-16T10:30:00.000005Z"
