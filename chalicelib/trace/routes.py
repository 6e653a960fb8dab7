"""`/api/trace`."""

from chalicelib.core.http import PRODUCTION, Actor, Routes
from chalicelib.trace import service
from chalicelib.trace.schemas import Trace, TraceQuery

api = Routes(PRODUCTION)


@api.get("/api/trace")
def trace_code(actor: Actor, query: TraceQuery) -> Trace:
    """Путь кода маркировки.

    Где этот код: партии, рабочие центры, кто и когда добавил и агрегировал продукт, события и отчеты. Неизвестный
    код дает пустой список.
    """
    return service.trace(actor, query=query)
