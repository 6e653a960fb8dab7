"""Response models of events, and the query of an event log."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from chalicelib.core.fields import Input, ListAnswer, Output

SEQ = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z#[0-9]{4}#[0-9a-f]{8}(#[0-9]{4})?$"
"""The `seq` of an event in its log, see `model.Event`."""


class LogQuery(Input):
    """A page of an event log, newest first; `cursor` is the `next_cursor` of the page before."""

    limit: Annotated[int, Field(ge=1, le=100)] = 25
    cursor: Annotated[str | None, Field(pattern=SEQ)] = None


class LoggedEvent(Output):
    """An event of a log; `sent_at` is null until the event is on the bus. One that never goes there has it at once."""

    id: str
    name: str
    occurred_at: datetime
    data: dict[str, Any]
    sent_at: datetime | None


class EventLog(ListAnswer):
    """A page of the events of one aggregate, newest first. `next_cursor` is null on the last page."""

    items: list[LoggedEvent]
    next_cursor: str | None


class EventTypeView(Output):
    """An event type, as the list of event types shows it."""

    uuid: UUID
    created_at: datetime
    updated_at: datetime | None = None
    name: str
    version: int
    webhook_enabled: bool
    description: str


class EventTypes(Output):
    """All event types."""

    items: list[EventTypeView]


class EventTypeDetails(EventTypeView):
    """An event type with the JSON Schema of what webhooks receive, and an example."""

    json_schema: Annotated[dict[str, Any], Field(serialization_alias="schema")]
    example: dict[str, Any]
