"""`/api/v1/tasks`."""

from chalicelib.core.http import TASKS, Actor, Routes
from chalicelib.deferred_tasks import service
from chalicelib.deferred_tasks.schemas import (
    DeferredTaskCreate,
    DeferredTaskPatch,
    DeferredTaskQuery,
    DeferredTasks,
    OneDeferredTask,
    Retried,
    RetryFilter,
    TaskAttempts,
)

api = Routes(TASKS)


@api.post("/api/v1/tasks", status=201)
def create_deferred_task(actor: Actor, body: DeferredTaskCreate) -> OneDeferredTask:
    """Создание задания."""
    return service.create(actor, body=body)


@api.get("/api/v1/tasks")
def list_deferred_tasks(actor: Actor, query: DeferredTaskQuery) -> DeferredTasks:
    """Список заданий."""
    return service.list_page(actor, query=query)


@api.post("/api/v1/tasks/retry", status=202)
def retry_failed_tasks(actor: Actor, body: RetryFilter) -> Retried:
    """Повтор всех заданий с ошибкой, подходящих под фильтр."""
    return service.retry_failed(actor, body=body)


@api.get("/api/v1/tasks/{task_id}")
def get_deferred_task(actor: Actor, task_id: int) -> OneDeferredTask:
    """Получение задания."""
    return service.get(actor, number=task_id)


@api.patch("/api/v1/tasks/{task_id}")
def change_deferred_task(actor: Actor, task_id: int, body: DeferredTaskPatch) -> OneDeferredTask:
    """Изменение ожидающего задания."""
    return service.change(actor, number=task_id, body=body)


@api.delete("/api/v1/tasks/{task_id}")
def cancel_deferred_task(actor: Actor, task_id: int) -> OneDeferredTask:
    """Отмена задания."""
    return service.cancel(actor, number=task_id)


@api.get("/api/v1/tasks/{task_id}/attempts")
def list_attempts(actor: Actor, task_id: int) -> TaskAttempts:
    """Попытки выполнения задания."""
    return service.attempts(actor, number=task_id)


@api.post("/api/v1/tasks/{task_id}/retry", status=202)
def retry_deferred_task(actor: Actor, task_id: int) -> OneDeferredTask:
    """Повтор задания с ошибкой."""
    return service.retry(actor, number=task_id)
