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
    """Создание расписания.

    Создает отложенное задание в каждое время `cron` или через каждый интервал `rate`. Непонятное выражение дает 400
    и говорит, какая часть неверна. Неизвестный тип и данные, которые ему не подходят, тоже дают 400.
    """
    return schedules.create(actor, body=body)


@api.get("/api/v1/schedules")
def list_schedules(actor: Actor, query: ScheduleQuery) -> Schedules:
    """Список расписаний.

    Страница расписаний, сначала новые, с временем следующего срабатывания.
    """
    return schedules.list_page(actor, query=query)


@api.get("/api/v1/schedules/{schedule_id}")
def get_schedule(actor: Actor, schedule_id: UUID) -> OneSchedule:
    """Расписание по UUID.

    Когда сработает, сколько раз сработало и пропущено, почему приостановлено.
    """
    return schedules.get(actor, schedule_id=schedule_id)


@api.patch("/api/v1/schedules/{schedule_id}")
def change_schedule(actor: Actor, schedule_id: UUID, body: SchedulePatch) -> OneSchedule:
    """Изменение расписания.

    Меняет присланные поля; `paused` приостанавливает и возобновляет. Расписание, приостановленное сервисом,
    возобновится, когда исчезнет причина (иначе 409).
    """
    return schedules.change(actor, schedule_id=schedule_id, body=body)


@api.delete("/api/v1/schedules/{schedule_id}", status=204)
def delete_schedule(actor: Actor, schedule_id: UUID) -> None:
    """Удаление расписания.

    Новых заданий не будет; уже созданные останутся и выполнятся.
    """
    schedules.delete(actor, schedule_id=schedule_id)


@api.post("/api/v1/schedules/{schedule_id}/run", status=201)
def run_schedule(actor: Actor, schedule_id: UUID) -> OneDeferredTask:
    """Запуск вне очереди.

    Создает задание сразу, и у приостановленного расписания. С `overlap: skip` при незаконченном предыдущем задании
    ответ 409.
    """
    return schedules.run_now(actor, schedule_id=schedule_id)
