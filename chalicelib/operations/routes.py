"""`/api/v1/operations`."""

from chalicelib.core.http import TASKS, Actor, Routes
from chalicelib.operations import replaying, service
from chalicelib.operations.schemas import OperationQuery, Operations, Replay, Replayed

api = Routes(TASKS)


@api.get("/api/v1/operations")
def list_operations(actor: Actor, query: OperationQuery) -> Operations:
    """Список операций.

    Все, что выполняется, ждет или закончилось, сначала новое, и что вы можете с этим сделать (`links`). Общего
    числа нет: идите по `next_cursor`.
    """
    return service.list_page(actor, query=query)


@api.post("/api/v1/operations/replay")
def replay_operations(actor: Actor, body: Replay) -> Replayed:
    """Повтор неудачных операций.

    Сначала с `dry_run: true`, чтобы увидеть, что будет повторено. За запрос до 100 заданий или 20 саг; дальше ведет
    `next_cursor`.
    """
    return replaying.replay(actor, body=body)
