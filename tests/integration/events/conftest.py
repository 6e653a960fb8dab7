"""Empty tables, and a bus that rejects events on demand."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ConfigDict

from chalicelib.core.aws import client
from chalicelib.events import relay, service
from chalicelib.events.data.base import EventData
from chalicelib.events.types import EventType
from tests.production import empty_tables


class Bus:
    """Accepts events, except those whose name or aggregate is in `refuses`; raises when it is `down`."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.calls: list[int] = []
        self.sizes: list[int] = []
        self.refuses: set[str] = set()
        self.down = False

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - as boto3 calls it
        """Return a result for each entry, in order, like EventBridge."""
        if self.down:
            raise ConnectionError("the bus is down")
        self.calls.append(len(Entries))
        self.sizes.append(sum(len(entry["Detail"].encode()) for entry in Entries))
        results: list[dict[str, str]] = []
        for entry in Entries:
            if entry["DetailType"] in self.refuses or entry["Resources"][0] in self.refuses:
                results.append({"ErrorCode": "InternalFailure", "ErrorMessage": "not now"})
            else:
                self.taken.append(entry)
                results.append({"EventId": str(len(self.taken))})
        return {"Entries": results, "FailedEntryCount": sum("ErrorCode" in result for result in results)}

    def names(self, aggregate: str) -> list[str]:
        """Return the names of the accepted events of an aggregate, in order."""
        return [entry["DetailType"] for entry in self.taken if entry["Resources"] == [aggregate]]


class Anything(EventData):
    """Data of events that exist in tests only."""

    model_config = ConfigDict(extra="allow")


class MadeUp(dict[str, EventType]):
    """Event types for any name: `hook.*` is for webhooks only, `log.*` is not published."""

    def __missing__(self, name: str) -> EventType:
        for_webhooks, for_nobody = name.startswith("hook."), name.startswith("log.")
        return EventType(name, "", Anything, not for_nobody, has_listener=not (for_webhooks or for_nobody))


@pytest.fixture
def bus(tables_of_the_system: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bus]:
    """Return a bus in place of EventBridge; the tables are empty."""
    made = Bus()
    monkeypatch.setattr(service, "EVENT_TYPES", MadeUp())
    monkeypatch.setattr(relay, "client", lambda service: made if service == "events" else client(service))
    yield made
    empty_tables()
