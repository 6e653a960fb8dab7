"""`/api/events`: the event types."""

from chalicelib.core.http import PRODUCTION, Routes
from chalicelib.events import types
from chalicelib.events.schemas import EventTypeDetails, EventTypes, EventTypeView

api = Routes(PRODUCTION)


@api.get("/api/events")
def list_event_types() -> EventTypes:
    """Список типов событий.

    Все события сервиса; `webhook_enabled` говорит, на какие можно подписаться.
    """
    return EventTypes(items=[EventTypeView.model_validate(kind) for kind in types.EVENT_TYPES.values()])


@api.get("/api/events/{name}")
def get_event_type(name: str) -> EventTypeDetails:
    """Тип события по имени.

    JSON Schema и пример того, что получит подписчик.
    """
    return EventTypeDetails.model_validate(types.get(name))
