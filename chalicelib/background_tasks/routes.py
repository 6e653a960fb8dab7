"""`/api/background_tasks`."""

from uuid import UUID

from chalicelib.background_tasks import model, service
from chalicelib.background_tasks.schemas import BackgroundTask, BackgroundTaskQuery
from chalicelib.core.fields import Page
from chalicelib.core.http import PRODUCTION, Actor, Routes

api = Routes(PRODUCTION)


@api.get("/api/background_tasks")
def list_background_tasks(actor: Actor, query: BackgroundTaskQuery) -> Page[BackgroundTask]:
    """Список фоновых задач.

    Импорты, экспорты, агрегации и добавления продуктов за 24 часа, сначала новые.
    """
    return service.list_page(actor, query=query)


@api.get("/api/background_tasks/{task_id}")
def get_background_task(actor: Actor, task_id: str) -> BackgroundTask:
    """Ход фоновой задачи.

    Спрашивайте каждую секунду или две, пока `status` не станет `SUCCESS` или `FAILURE`. Через 24 часа после конца
    задачи ответ 404.
    """
    return service.get(actor, task_id=_id(task_id))


@api.delete("/api/background_tasks/{task_id}")
def cancel_background_task(actor: Actor, task_id: str) -> BackgroundTask:
    """Отмена фоновой задачи.

    Сделанное остается, кроме добавления продуктов с `mode=rollback`. Закончившаяся задача дает 409.
    """
    return service.cancel(actor, task_id=_id(task_id))


def _id(text: str) -> str:
    """Return the id in its usual form; NotFound for a text that is no UUID."""
    try:
        return str(UUID(text))
    except ValueError:
        raise model.not_found() from None
