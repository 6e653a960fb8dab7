"""`/api/v1/operations`."""

from chalicelib.core.http import TASKS, Actor, Routes
from chalicelib.operations import replaying, service
from chalicelib.operations.schemas import OperationQuery, Operations, Replay, Replayed

api = Routes(TASKS)


@api.get("/api/v1/operations")
def list_operations(actor: Actor, query: OperationQuery) -> Operations:
    """Все, что выполняется, ждет или завершилось, одним списком."""
    return service.list_page(actor, query=query)


@api.post("/api/v1/operations/replay")
def replay_operations(actor: Actor, body: Replay) -> Replayed:
    """Повтор операций с ошибкой, или предпросмотр того, что он повторит."""
    return replaying.replay(actor, body=body)
