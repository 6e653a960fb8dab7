"""`/api/trace`."""

from chalicelib.core.http import PRODUCTION, Actor, Routes
from chalicelib.trace import service
from chalicelib.trace.schemas import Trace, TraceQuery

api = Routes(PRODUCTION)


@api.get("/api/trace")
def trace_code(actor: Actor, query: TraceQuery) -> Trace:
    """Где находится код: партии, события и отчеты."""
    return service.trace(actor, query=query)
