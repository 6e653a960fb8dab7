"""An event: its name, what it is about, and its data as webhooks and listeners see it."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

MOST = 100  # events in one outbox item
NAMESPACE = uuid.UUID("0d3e9a52-53b5-5f0b-8f0e-5f3f6c2f7a10")


@dataclass(frozen=True)
class Event:
    """One thing that happened."""

    name: str
    seq: str
    id: str
    occurred_at: datetime
    data: dict[str, Any]
    sent_at: datetime | None = None


@dataclass(frozen=True)
class Record:
    """What the outbox keeps as one item: one event, or up to `MOST` of the same name, written and sent together.

    `aggregate` is the thing it happened to, e.g. `batch#<uuid>`; `seq` orders the records of one aggregate. `data` has
    an entry for each event. `only_webhooks`: no listener of ours gets it, so it goes on the bus only while a
    subscription asks for its name.
    """

    name: str
    aggregate: str
    seq: str
    id: str
    occurred_at: datetime
    data: list[dict[str, Any]]
    sent_at: datetime | None = None
    only_webhooks: bool = False

    def events(self) -> Iterator[Event]:
        """The events of the record, each with an id that does not change and its place in the log."""
        if len(self.data) == 1:
            yield Event(self.name, self.seq, self.id, self.occurred_at, self.data[0], self.sent_at)
            return
        for number, data in enumerate(self.data):
            seq, event_id = f"{self.seq}#{number:04d}", str(uuid.uuid5(NAMESPACE, f"{self.id}/{number}"))
            yield Event(self.name, seq, event_id, self.occurred_at, data, self.sent_at)
