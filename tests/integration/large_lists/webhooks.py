"""Lists of events, subscriptions, deliveries, circuits and dead letters."""

import json

from chalicelib.core import circuits, clock, dead_letters
from chalicelib.core.aws import client
from chalicelib.core.transactions import Transaction
from chalicelib.events.types import EVENT_TYPES, webhook_names
from chalicelib.webhooks import deliveries_store
from tests.integration.large_lists.lists import (
    EMAIL_HOST,
    WIDE,
    Filled,
    at,
    fills,
    new_id,
    write,
)
from tests.production import ok


@fills("GET /api/events")
def event_types() -> Filled:
    return Filled("/api/events", "name", list(EVENT_TYPES))


def subscription(number: int, host: str = "example.com") -> str:
    url = f"https://{host}/{number:03d}".ljust(2_000, "x")
    body = {
        "url": url,
        "events": webhook_names(),
        "secret_key": "secret-key",
        "notify_email": f"{'x' * 64}@{EMAIL_HOST}",
    }
    return str(ok("POST", "/api/webhooks", body)["uuid"])


@fills("GET /api/webhooks")
def subscriptions() -> Filled:
    made = [subscription(number) for number in range(100)]
    return Filled("/api/webhooks?limit=40", "uuid", made[::-1])


@fills("GET /api/webhooks/{subscription_id}/deliveries")
def deliveries() -> Filled:
    made, payload = subscription(1), '{"text":"%s"}' % ('\\"' * 20_000)

    def one(tx: Transaction, number: int) -> None:
        item = deliveries_store.new(new_id(number), made, "batch.created", "", payload, at(number))
        item.response_body = item.error_message = WIDE * 1_000
        tx.put_new(item, index=deliveries_store.DELIVERIES.index(item))
        deliveries_store.DELIVERIES.count(tx, item, +1)

    write(120, one, together=10)
    ids = [new_id(number) for number in range(120, 0, -1)]
    return Filled(f"/api/webhooks/{made}/deliveries?limit=100", "uuid", ids, cut=True)


@fills("GET /api/webhooks/failing")
def failing_deliveries() -> Filled:
    made, payload = subscription(1), '{"text":"%s"}' % ('\\"' * 20_000)

    items = [deliveries_store.new(new_id(n), made, "batch.created", "", payload, at(n)) for n in range(1, 121)]

    def one(tx: Transaction, number: int) -> None:
        item = items[number - 1]
        item.response_body = item.error_message = WIDE * 1_000
        deliveries_store.settle(tx, item, item.due_at, "failed")

    for chunk in deliveries_store.chunks(items):
        deliveries_store.add(chunk)
    write(120, one, together=10)
    ids = [new_id(number) for number in range(120, 0, -1)]
    return Filled("/api/webhooks/failing?limit=100", "uuid", ids, cut=True)


@fills("GET /api/webhooks/{subscription_id}/deliveries/{delivery_id}")
def attempts_of_a_delivery() -> Filled:
    made = subscription(1)
    item = deliveries_store.new(new_id(1), made, "batch.created", "", "{}", at(1))
    times = [clock.to_json(at(number)) for number in range(500)]
    item.log = json.dumps([{"at": time, "status": 500, "ms": 1, "error": "x" * 300} for time in times])
    deliveries_store.add([item])
    return Filled(f"/api/webhooks/{made}/deliveries/{new_id(1)}", "at", times)


def queues_of_the_stack() -> None:
    """All queues, and in each dead letter queue ten messages as large as SQS takes."""
    sqs = client("sqs")
    for name in dead_letters.QUEUES:
        for full_name in (name, f"{name}-dlq"):
            url = sqs.create_queue(QueueName=f"shopfloor-test-{full_name}")["QueueUrl"]
        for number in range(10):
            sqs.send_message(QueueUrl=url, MessageBody=f"{number}{WIDE * 65_000}")


@fills("GET /api/v1/system")
def circuits_of_the_system() -> Filled:
    queues_of_the_stack()
    hosts = [subscription(number, host=f"{'x' * 60}.{number:03d}.example") for number in range(100)]
    names = [f"webhook:{'x' * 60}.{number:03d}.example:443" for number in range(len(hosts))]
    return Filled("/api/v1/system", "name", [*circuits.DEPENDENCIES, *names])


@fills("GET /api/v1/system/dead-letters/{queue}")
def dead_letters_of_a_queue() -> Filled:
    queues_of_the_stack()
    return Filled("/api/v1/system/dead-letters/work", "body_cut", [True] * 10)
