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
    """Создание отложенного задания.

    Начнется в `execute_at`, обычно не позже чем через секунду и никогда раньше. Время в прошлом и время без
    смещения дают 400. Что можно создать, зависит от роли: вызовы, письма и СМС не для всех. Неизвестный тип и
    данные, которые ему не подходят, называет `warnings`: такое задание закончится `failed`.
    """
    return service.create(actor, body=body)


@api.get("/api/v1/tasks")
def list_deferred_tasks(actor: Actor, query: DeferredTaskQuery) -> DeferredTasks:
    """Список отложенных заданий.

    Страница заданий, сначала новые. Чужие секреты в данных показаны как `***`.
    """
    return service.list_page(actor, query=query)


@api.post("/api/v1/tasks/retry", status=202)
def retry_failed_tasks(actor: Actor, body: RetryFilter) -> Retried:
    """Повтор всех неудачных заданий.

    До 1 000 заданий за запрос, подходящих под условия; без условий все. Если `more` равно `true`, повторите запрос. Что
    будет повторено, показывает заранее `POST /api/v1/operations/replay` с `dry_run`.
    """
    return service.retry_failed(actor, body=body)


@api.get("/api/v1/tasks/{task_id}")
def get_deferred_task(actor: Actor, task_id: int) -> OneDeferredTask:
    """Отложенное задание по номеру.

    Состояние, сколько было попыток, когда следующая и чем кончилась последняя.
    """
    return service.get(actor, number=task_id)


@api.patch("/api/v1/tasks/{task_id}")
def change_deferred_task(actor: Actor, task_id: int, body: DeferredTaskPatch) -> OneDeferredTask:
    """Изменение отложенного задания.

    Переносит время или меняет данные, пока задание ждет; начавшееся дает 409.
    """
    return service.change(actor, number=task_id, body=body)


@api.delete("/api/v1/tasks/{task_id}")
def cancel_deferred_task(actor: Actor, task_id: int) -> OneDeferredTask:
    """Отмена отложенного задания.

    Задание больше не начнется. То, что уже выполняется, может доделаться, но останется отмененным. Закончившееся
    даст 404.
    """
    return service.cancel(actor, number=task_id)


@api.get("/api/v1/tasks/{task_id}/attempts")
def list_attempts(actor: Actor, task_id: int) -> TaskAttempts:
    """Попытки отложенного задания.

    Когда начиналась каждая попытка, когда и чем кончилась; последние сто.
    """
    return service.attempts(actor, number=task_id)


@api.post("/api/v1/tasks/{task_id}/retry", status=202)
def retry_deferred_task(actor: Actor, task_id: int) -> OneDeferredTask:
    """Повтор отложенного задания.

    Начинает неудачное задание сразу и дает ему все попытки заново; в другом состоянии ответ 409.
    """
    return service.retry(actor, number=task_id)
