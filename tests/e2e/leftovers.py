"""What is written to the tables of a stack for its functions to find: unsent events, a purge, a changed site."""

import uuid
import zlib
from typing import Any

from tests.e2e.stack import Stack


def change_hands(stack: Stack, site_id: str) -> None:
    """Give a site another customer without an event, so that only the test's own call follows."""
    stack.client("dynamodb").update_item(
        TableName=f"{stack.name}-sites",
        Key={"uuid": {"S": site_id}},
        UpdateExpression="SET customer_id = :customer",
        ExpressionAttributeValues={":customer": {"S": str(uuid.uuid4())}},
    )


def leave_behind(stack: Stack, item: dict[str, Any]) -> None:
    """Write an event that stays unsent."""
    dynamodb = stack.client("dynamodb")
    place = {"TableName": f"{stack.name}-events", "Key": {name: item[name] for name in ("aggregate", "seq")}}
    dynamodb.put_item(TableName=place["TableName"], Item=item | {"sent_at": item["occurred_at"]})  # not for the relay
    again = {":shard": item["lshard"], ":waiting": item["waiting"]}
    change = "SET lshard = :shard, waiting = :waiting REMOVE sent_at"
    dynamodb.update_item(**place, UpdateExpression=change, ExpressionAttributeValues=again)


def event_item(stack: Stack) -> dict[str, Any]:
    """An event of long ago that was never sent, as the stream shows it."""
    aggregate, shards = f"batch#{uuid.uuid4()}", int(stack.shards()["LISTING_SHARDS"])
    seq = "2026-01-15T08:00:00.000Z#0000#aaaaaaaa"
    texts = {
        "aggregate": aggregate,
        "seq": seq,
        "id": str(uuid.uuid4()),
        "name": "batch.closed",
        "occurred_at": "2026-01-15T08:00:00.000Z",
        "data": "{}",
        "lshard": str(zlib.crc32(aggregate.encode()) % shards),
        "waiting": f"{aggregate}#{seq}",
    }
    return {**{name: {"S": value} for name, value in texts.items()}, "expires_at": {"N": "4102444800"}}


def mark_for_purge(stack: Stack, batch_id: str) -> None:
    """What deleting a batch of many products leaves to the listener."""
    key = {"pk": {"S": "purges"}, "sk": {"S": batch_id}}
    change = {"UpdateExpression": "SET purge_upto = :all", "ExpressionAttributeValues": {":all": {"N": "1"}}}
    stack.client("dynamodb").update_item(TableName=f"{stack.name}-products", Key=key, **change)
