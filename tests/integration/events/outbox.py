"""Writing events and relaying them, for the tests of the relay."""

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
    """An event written as by a use case; its id."""
    with transaction() as tx:
        return service.record(tx, name, aggregate, clock.now() - age, number=name)


def stream_records(*aggregates: str) -> list[dict[str, Any]]:
    """The stream records of what these aggregates have, in the order written."""
    items = client("dynamodb").scan(TableName=table_name("events"))["Items"]
    mine = sorted((item for item in items if item["aggregate"]["S"] in aggregates), key=lambda item: item["seq"]["S"])
    return [
        {"eventName": "INSERT", "dynamodb": {"NewImage": item, "SequenceNumber": str(number)}}
        for number, item in enumerate(mine, 100)
    ]


def send(records: list[dict[str, Any]]) -> dict[str, Any]:
    """What the relay answers to these stream records, while there is a subscription to `WANTED`."""
    return relay.relay({"Records": records}, lambda: WANTED)


def failed(answer: dict[str, Any]) -> list[str]:
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def unsent() -> list[str]:
    return [record.name for record in store.read_unsent(list(store.all_unsent()))]
