"""Webhooks: from events to deliveries, and from deliveries to receivers."""

from infra import rights
from infra.functions.function import Function, Makers, from_queue
from infra.messaging import DELIVERIES_TIMEOUT, WEBHOOKS_TIMEOUT
from infra.rights import Statement


def late_delivery_rights() -> list[Statement]:
    """Return the rights of the sweep: find deliveries without a message or too old, send messages, delete."""
    return [
        *rights.query_indexes(["webhook_deliveries"]),
        rights.tables(["webhook_deliveries"], ["dynamodb:BatchGetItem", "dynamodb:DeleteItem"]),
        rights.tables(["counters"], ["dynamodb:UpdateItem"]),
        rights.send("DeliveriesQueue"),
    ]


def _fan_out() -> Function:
    return Function(
        memory=256,
        timeout=WEBHOOKS_TIMEOUT,
        statements=[
            rights.consume("WebhooksQueue"),
            rights.tables(["webhook_subscriptions"], ["dynamodb:Query"]),
            rights.tables(["webhook_deliveries"], ["dynamodb:BatchGetItem", "dynamodb:PutItem"]),
            rights.tables(["counters"], ["dynamodb:UpdateItem"]),
            rights.send("DeliveriesQueue"),
        ],
        events=from_queue("WebhooksQueue", batch=10, concurrency=2),
    )


def _deliver() -> Function:
    # many at once: a call that waits for a slow host occupies its whole batch
    return Function(
        memory=512,
        timeout=DELIVERIES_TIMEOUT,
        statements=[
            rights.consume("DeliveriesQueue"),
            rights.tables(["webhook_subscriptions", "webhook_secrets"], ["dynamodb:BatchGetItem"]),
            rights.tables(["webhook_subscriptions", "webhook_health"], ["dynamodb:UpdateItem"]),
            rights.tables(["webhook_deliveries"], ["dynamodb:BatchGetItem", "dynamodb:UpdateItem", "dynamodb:PutItem"]),
            rights.tables(["breakers"], ["dynamodb:BatchGetItem", "dynamodb:UpdateItem"]),
            rights.tables(["counters"], ["dynamodb:UpdateItem"]),
            rights.tables(["events"], ["dynamodb:PutItem"]),
            rights.send("DeliveriesQueue"),
        ],
        events=from_queue("DeliveriesQueue", batch=10, concurrency=8),
        sends_to_itself=True,
    )


MAKERS: Makers = {"fan_out": _fan_out, "deliver": _deliver}
