"""An event: its name, what it is about, and its data as webhooks and listeners see it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Event:
    """`aggregate` is the thing it happened to, e.g. `batch#<uuid>`; `seq` orders the events of one aggregate."""

    name: str
    aggregate: str
    seq: str
    id: str
    occurred_at: datetime
    data: dict[str, Any]
    sent_at: datetime | None = None

    @property
    def aggregate_id(self) -> str:
        """The id part of `aggregate`."""
        return self.aggregate.partition("#")[2]
