"""`/api/v1/schedules`."""

from uuid import UUID

from chalicelib.core.http import TASKS, Actor, Routes
from chalicelib.deferred_tasks import schedules
from chalicelib.deferred_tasks.schedules_schemas import (
    OneSchedule,
    ScheduleCreate,
    SchedulePatch,
    ScheduleQuery,
    Schedules,
)
from chalicelib.deferred_tasks.schemas import OneDeferredTask

api = Routes(TASKS)


@api.post("/api/v1/schedules", status=201)
def create_schedule(actor: Actor, body: ScheduleCreate) -> OneSchedule:
    """Создание расписания."""
    return schedules.create(actor, body=body)


@api.get("/api/v1/schedules")
def list_schedules(actor: Actor, query: ScheduleQuery) -> Schedules:
    """Список расписаний."""
    return schedules.list_page(actor, query=query)


@api.get("/api/v1/schedules/{schedule_id}")
def get_schedule(actor: Actor, schedule_id: UUID) -> OneSchedule:
    """Получение расписания."""
    return schedules.get(actor, schedule_id=schedule_id)


@api.patch("/api/v1/schedules/{schedule_id}")
def change_schedule(actor: Actor, schedule_id: UUID, body: SchedulePatch) -> OneSchedule:
    """Изменение расписания, приостановка и возобновление."""
    return schedules.change(actor, schedule_id=schedule_id, body=body)


@api.delete("/api/v1/schedules/{schedule_id}", status=204)
def delete_schedule(actor: Actor, schedule_id: UUID) -> None:
    """Удаление расписания."""
    schedules.delete(actor, schedule_id=schedule_id)


@api.post("/api/v1/schedules/{schedule_id}/run", status=201)
def run_schedule(actor: Actor, schedule_id: UUID) -> OneDeferredTask:
    """Запуск вне очереди."""
    return schedules.run_now(actor, schedule_id=schedule_id)
