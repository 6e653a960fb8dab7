"""Everything between a change of state and the receivers, in one process: the stream, the bus, two queues, the outside.

DynamoDB is moto's; calls to EventBridge and SQS are answered here. Any call to AWS or to a receiver can be the end of
the process that makes it (`dies_at`): that one and all after it fail, its messages come again after their visibility
timeout, and what it was about to do has not been done.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from chalicelib.core import clock, outgoing
from chalicelib.core.aws import client
from chalicelib.core.dynamo import table_name
from chalicelib.core.outgoing import OutsideResponse
from chalicelib.events import relay
from chalicelib.events.types import webhook_names
from chalicelib.webhooks import deliveries_store, fan_out, sending, subscribed, sweep
from tests.killable_process import KillableProcess

VISIBILITY = timedelta(minutes=6)
OK = OutsideResponse(200, "OK", 5)


@dataclass
class Call:
    """What a receiver got."""

    url: str
    headers: dict[str, str]
    body: bytes
    timeout: float
    at: datetime

    @property
    def envelope(self) -> Any:
        """The body, read."""
        return json.loads(self.body)


@dataclass
class Message:
    """A message in a queue, visible from a moment on."""

    id: str
    body: str
    visible_at: datetime
    delay: int = 0


@dataclass(kw_only=True)
class FakeAws(KillableProcess):
    """See the module."""

    later: Callable[..., None]
    answers: dict[str, list[OutsideResponse | outgoing.Failed]] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    queues: dict[str, list[Message]] = field(default_factory=lambda: {"webhooks": [], "deliveries": []})
    sent: int = 0

    # -- what the code under test calls -----------------------------------------------------------------------------

    def aws(self, real: Callable[..., Any]) -> Callable[..., Any]:
        """In place of boto3's own way to make a call."""

        def call(this: Any, operation: str, arguments: dict[str, Any]) -> Any:
            self.step(operation)
            if operation == "PutEvents":
                return self._bus(arguments["Entries"])
            if operation == "SendMessageBatch":
                assert arguments["QueueUrl"] == "deliveries-url"
                for entry in arguments["Entries"]:
                    self.put("deliveries", entry["MessageBody"], entry["DelaySeconds"])
                return {"Successful": [{"Id": entry["Id"]} for entry in arguments["Entries"]]}
            return real(this, operation, arguments)

        return call

    def request(self, method: str, url: str, headers: dict[str, str], body: bytes, timeout: float) -> OutsideResponse:
        """In place of core.outgoing: answers as told, 200 when told nothing."""
        self.step()
        assert method == "POST"
        self.calls.append(Call(url, dict(headers), body, timeout, clock.now()))
        told = self.answers.get(url) or [OK]
        answer = told.pop(0) if len(told) > 1 else told[0]
        if isinstance(answer, outgoing.Failed):
            raise answer
        return answer

    def _bus(self, entries: list[dict[str, Any]]) -> Any:
        for entry in entries:
            if entry["DetailType"] in webhook_names():
                message = {"detail-type": entry["DetailType"], "detail": json.loads(entry["Detail"])}
                self.put("webhooks", json.dumps(message))
        return {"Entries": [{"EventId": "e"} for _ in entries], "FailedEntryCount": 0}

    def put(self, queue: str, body: str, delay: int = 0) -> None:
        """A message into a queue."""
        self.sent += 1
        visible = clock.now() + timedelta(seconds=delay)
        self.queues[queue].append(Message(str(self.sent), body, visible, delay))

    # -- what AWS does ----------------------------------------------------------------------------------------------

    def stream(self) -> bool:
        """The stream wakes the relay, which is tried again when it dies; False when there is nothing new."""
        items = client("dynamodb").scan(TableName=table_name("events"))["Items"]
        new = sorted((item for item in items if "sent_at" not in item), key=lambda item: str(item["seq"]["S"]))
        records = [
            {"eventName": "INSERT", "dynamodb": {"NewImage": item, "SequenceNumber": str(number)}}
            for number, item in enumerate(new)
        ]
        if records:
            self.invoke(lambda: relay.relay({"Records": records}, subscribed.event_names))
        return bool(records)

    def run(self, minutes: int = 8) -> None:
        """Let time pass, by events and seconds, until nothing is left to do or that many minutes are over."""
        end = clock.now() + timedelta(minutes=minutes)
        while clock.now() < end:
            while self.stream() or self._receive("webhooks", fan_out.handle) or self._deliver():
                pass
            if not any(self.queues.values()) and not self.pending():
                return
            waiting = [message.visible_at for queue in self.queues.values() for message in queue]
            next_minute = clock.now() + timedelta(minutes=1)
            moment = min([*waiting, next_minute])
            self.later(seconds=max(0.0, (moment - clock.now()).total_seconds()) + 0.001)
            if moment == next_minute:
                self.sweep()

    def fan_out(self) -> None:
        """What is in the first queue becomes deliveries in the second."""
        while self._receive("webhooks", fan_out.handle):
            pass

    def sweep(self) -> None:
        """What runs every minute."""
        self.invoke(lambda: relay.sweep(subscribed.event_names))
        self.invoke(sweep.announce_late)

    def _deliver(self) -> bool:
        return self._receive("deliveries", sending.handle)

    def _receive(self, queue: str, handler: Callable[[Any], Any]) -> bool:
        """Hand the visible messages of a queue to its function; False when there are none."""
        batch = [message for message in self.queues[queue] if message.visible_at <= clock.now()][:10]
        for message in batch:
            message.visible_at = clock.now() + VISIBILITY
        if not batch:
            return False
        records = [{"messageId": message.id, "body": message.body, "eventSource": "aws:sqs"} for message in batch]
        answer = self.invoke(lambda: handler({"Records": records}))
        if answer is not None:
            failed = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
            done = [message for message in batch if message.id not in failed]
            self.queues[queue] = [message for message in self.queues[queue] if message not in done]
        return True

    # -- looking ----------------------------------------------------------------------------------------------------

    def pending(self) -> list[str]:
        """The deliveries that have not ended."""
        return [item.uuid for item in deliveries() if item.status == "pending"]

    def got(self, url: str) -> list[Call]:
        """What a receiver got, in order."""
        return [call for call in self.calls if call.url == url]


def deliveries() -> list[deliveries_store.DeliveryItem]:
    """All deliveries there are."""
    raw = client("dynamodb").scan(TableName=table_name("webhook_deliveries"))["Items"]
    return [deliveries_store.DeliveryItem.from_raw_data(item) for item in raw]
