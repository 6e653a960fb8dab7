"""Functions of the tests of the relay: record events, and relay them."""

from datetime import timedelta
from typing import Any

from chalicelib.core import clock
from chalicelib.core.aws import client
from chalicelib.core.dynamo import table_name
from chalicelib.core.transactions import transaction
from chalicelib.events import relay, service, store

ONE, OTHER = "batch#1", "batch#2"
WANTED = {"hook.wanted", "hook.too"}


def record(name: str, aggregate: str = ONE, age: timedelta = timedelta(0)) -> str:
    """Record an event like a use case; returns its id."""
    with transaction() as tx:
        return service.record(tx, name, aggregate, clock.now() - age, number=name)


def stream_records(*aggregates: str) -> list[dict[str, Any]]:
    """Return the stream records of the events of these aggregates, in the order of their writes."""
    items = client("dynamodb").scan(TableName=table_name("events"))["Items"]
    mine = sorted((item for item in items if item["aggregate"]["S"] in aggregates), key=lambda item: item["seq"]["S"])
    return [
        {"eventName": "INSERT", "dynamodb": {"NewImage": item, "SequenceNumber": str(number)}}
        for number, item in enumerate(mine, 100)
    ]


def send(records: list[dict[str, Any]]) -> dict[str, Any]:
    """Call the relay with stream records, while there are subscriptions to `WANTED`; returns its result."""
    return relay.relay({"Records": records}, lambda: WANTED)


def failed(answer: dict[str, Any]) -> list[str]:
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def unsent() -> list[str]:
    return [record.name for record in store.read_unsent(store.oldest_unsent(1_000))]
