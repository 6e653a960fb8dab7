"""Events, and the items of the outbox that hold them."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

MAX_EVENTS = 100  # of one item of the outbox
NAMESPACE = uuid.UUID("0d3e9a52-53b5-5f0b-8f0e-5f3f6c2f7a10")


@dataclass(frozen=True)
class Event:
    """A state change, with its data as webhooks and listeners get it."""

    name: str
    seq: str
    id: str
    occurred_at: datetime
    data: dict[str, Any]
    sent_at: datetime | None = None


@dataclass(frozen=True)
class OutboxItem:
    """An item of the outbox: one event, or up to `MAX_EVENTS` of the same name that are written and sent together.

    `aggregate` is what the event is about, e.g. `batch#<uuid>`; `seq` orders the items of one aggregate. `data` has the
    data of each event. An item without `has_listener` is put on the bus only while a webhook subscription has its name.
    """

    name: str
    aggregate: str
    seq: str
    id: str
    occurred_at: datetime
    data: list[dict[str, Any]]
    sent_at: datetime | None = None
    has_listener: bool = True

    def events(self) -> Iterator[Event]:
        """Yield the events of the item, each with a stable id and its `seq` in the log."""
        if len(self.data) == 1:
            yield Event(self.name, self.seq, self.id, self.occurred_at, self.data[0], self.sent_at)
            return
        for number, data in enumerate(self.data):
            seq, event_id = f"{self.seq}#{number:04d}", str(uuid.uuid5(NAMESPACE, f"{self.id}/{number}"))
            yield Event(self.name, seq, event_id, self.occurred_at, data, self.sent_at)
