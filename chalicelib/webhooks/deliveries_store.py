"""Table `webhook_deliveries` and its list.

A pending delivery has `due_at`, the time from which it may be taken. Taking it moves `due_at` forward by the lease. So
the second of two messages for one delivery has no effect, the delivery of a deliverer that dies is due again, and
`due_at` is also the fence: a deliverer that finds it changed has lost the delivery to another one.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.models import Model

from chalicelib.core import clock
from chalicelib.core.dynamo import batch_get, fetch, table, update_if
from chalicelib.core.index_reads import IndexReads, Interval, index_of
from chalicelib.core.later_work import DueIndex
from chalicelib.core.listing import Listing, Range
from chalicelib.core.paging import SEPARATOR, PageOf, PageRequest
from chalicelib.core.threads import map_in_parallel
from chalicelib.core.transactions import Changed, Transaction, transaction
from chalicelib.webhooks import model
from chalicelib.webhooks.model import Status

DELIVERIES_PER_TRANSACTION = 20  # each may have three counters of its own
REMOVE_TRANSACTIONS = 4  # at a time
MAX_WRITES = 90  # of one transaction: deliveries and their counters
MAX_PAYLOAD = 2_000_000  # characters of their payloads; a transaction carries 4 MB
DUE = DueIndex("webhook_deliveries")
FAILING = index_of("failing")  # sparse: the failing ones


@table("webhook_deliveries", indexes=[DUE.spec, FAILING])
class DeliveryItem(Model):
    """A delivery: `payload` as it is sent, `log` its attempts as JSON, `tries` those since the last restart.

    `of_status` and `of_type` are filters of the list; `postponed` counts refusals by an open breaker in a row;
    `s_failing` is its position in the list of failing ones, while it has failed or waits for a retry.
    """

    uuid = UnicodeAttribute(hash_key=True)
    created_at = UnicodeAttribute()
    updated_at = UnicodeAttribute(null=True)
    subscription_id = UnicodeAttribute()
    event_type = UnicodeAttribute()
    timestamp = UnicodeAttribute()
    payload = UnicodeAttribute()
    status = UnicodeAttribute()
    of_status = UnicodeAttribute()
    of_type = UnicodeAttribute()
    is_test = BooleanAttribute(default=False)
    attempts = NumberAttribute(default=0)
    tries = NumberAttribute(default=0)
    postponed = NumberAttribute(default=0)
    log = UnicodeAttribute(default="[]")
    response_status = NumberAttribute(null=True)
    response_body = UnicodeAttribute(null=True)
    error_message = UnicodeAttribute(null=True)
    delivered_at = UnicodeAttribute(null=True)
    due_at = UnicodeAttribute(null=True)
    s_failing = UnicodeAttribute(null=True)


DELIVERIES = Listing(
    "webhook_deliveries",
    DeliveryItem,
    id_field="uuid",
    sorts=("created_at",),
    equals=("subscription_id", "of_status", "of_type"),
    ranges={"created_from": Range("created_at", lower=True), "created_before": Range("created_at", lower=False)},
    counted=("subscription_id", "of_status", "of_type"),
)
_failing = IndexReads("webhook_deliveries", "uuid")


def of_status(subscription_id: str, status: Status) -> str:
    """Return the filter value for the deliveries of a subscription with a status."""
    return f"{subscription_id}#{status}"


def of_type(subscription_id: str, event_type: str) -> str:
    """Return the filter value for the deliveries of a subscription with an event type."""
    return f"{subscription_id}#{event_type}"


def new(
    delivery_id: str, subscription_id: str, event_type: str, timestamp: str, payload: str, at: datetime
) -> DeliveryItem:
    """Return a new delivery that is due at once."""
    now = clock.to_text(at)
    return DeliveryItem(
        delivery_id,
        created_at=now,
        subscription_id=subscription_id,
        event_type=event_type,
        timestamp=timestamp,
        payload=payload,
        status="pending",
        of_status=of_status(subscription_id, "pending"),
        of_type=of_type(subscription_id, event_type),
        due_at=now,
    )


def get(subscription_id: str, delivery_id: str) -> DeliveryItem:
    """Read a delivery of that subscription, or raise NotFound."""
    item = fetch(DeliveryItem, delivery_id)
    if item is None or item.subscription_id != subscription_id:
        raise model.delivery_not_found()
    return item


def find_many(delivery_ids: Sequence[str]) -> dict[str, DeliveryItem]:
    """Read those of these deliveries that exist, by id."""
    return {item.uuid: item for item in batch_get(DeliveryItem, [(delivery_id,) for delivery_id in delivery_ids])}


def failing(request: PageRequest) -> PageOf[DeliveryItem]:
    """Read a page of the deliveries of all subscriptions that have failed or wait for a retry, newest first. They are
    not counted: the total is that of the page.
    """
    after = request.position(FAILING.name)
    found = _failing.in_order(Interval("failing"), request.limit + 1, True, after)
    keys = list(islice(found, request.limit + 1))
    shown, is_last = keys[: request.limit], len(keys) <= request.limit
    items = find_many([key["uuid"]["S"] for key in shown])
    left = [key for key in shown if key["uuid"]["S"] in items]

    def cursor_after(count: int) -> str:
        return request.next_cursor(FAILING.name, left[count - 1]["s_failing"]["S"])

    cursor = None if is_last else request.next_cursor(FAILING.name, shown[-1]["s_failing"]["S"])
    page = [items[key["uuid"]["S"]] for key in left]
    return PageOf(page, len(page), request.limit, 0, cursor, cursor_after=cursor_after)


def chunks(items: Iterable[DeliveryItem]) -> Iterator[list[DeliveryItem]]:
    """Yield new deliveries in their order, in chunks that fit into a transaction.

    Deliveries of one subscription and type share their counters, so they should be neighbours.
    """
    chunk: list[DeliveryItem] = []
    counters, size = {""}, 0
    for item in items:
        own = {item.subscription_id, item.of_status, item.of_type}
        if chunk and (len(chunk) + 1 + len(counters | own) > MAX_WRITES or size + len(item.payload) > MAX_PAYLOAD):
            yield chunk
            chunk, counters, size = [], {""}, 0
        chunk.append(item)
        counters |= own
        size += len(item.payload)
    if chunk:
        yield chunk


def add(items: Sequence[DeliveryItem]) -> None:
    """Write a chunk of new deliveries; Changed when one of them exists."""
    with transaction() as tx:
        for item in items:
            tx.put_new(item, index=DELIVERIES.index(item), error=Changed())
            DELIVERIES.count(tx, item, +1)


def take(delivery_id: str, at: datetime) -> DeliveryItem | None:
    """Take a pending delivery that is due, for the time of the lease; None when that is not possible."""
    item = DeliveryItem(delivery_id)
    is_free = (Path("status") == "pending") & (Path("due_at") <= clock.to_text(at))
    return item if update_if(item, [Path("due_at").set(clock.to_text(at + model.LEASE))], is_free) else None


def take_many(delivery_ids: Sequence[str], at: datetime) -> dict[str, DeliveryItem]:
    """Take those of these deliveries that are pending and due, with one read and one transaction.

    Changed when another run has written one of them; then none is taken.
    """
    now, lease = clock.to_text(at), clock.to_text(at + model.LEASE)
    free = {
        key: item for key, item in find_many(delivery_ids).items() if item.status == "pending" and item.due_at <= now
    }
    with transaction() as tx:
        for item in free.values():
            tx.update(item, [Path("due_at").set(lease)], condition=_has_lease(item.due_at), error=Changed())
    for item in free.values():
        item.due_at = lease
    return free


def give_back(item: DeliveryItem, lease: str) -> bool:
    """Write a delivery that stays pending; return False when the lease was lost."""
    changed = ("updated_at", "attempts", "tries", "postponed", "log", "response_status", "response_body")
    attributes = DeliveryItem.get_attributes()
    actions = [attributes[name].set(value) for name in changed if (value := getattr(item, name)) is not None]
    actions += [Path(name).remove() for name in changed if getattr(item, name) is None]
    actions += [Path("error_message").set(item.error_message), Path("due_at").set(item.due_at)]
    actions += [Path("s_failing").set(_failing_place(item))]
    return update_if(DeliveryItem(item.uuid), actions, _has_lease(lease))


def settle(tx: Transaction, item: DeliveryItem, lease: str, status: Status) -> None:
    """Write a delivery that has ended; Changed when the lease was lost. May be called again after that."""
    item.status, item.of_status = "pending", of_status(item.subscription_id, "pending")
    _move(tx, item, status, _has_lease(lease))


def restart(tx: Transaction, item: DeliveryItem, at: datetime) -> None:
    """Make an ended delivery due again, with all its attempts; Changed when it was changed since it was read."""
    seen = (Path("status") == item.status) & (Path("attempts") == item.attempts)
    item.tries, item.postponed, item.delivered_at = 0, 0, None
    item.updated_at = item.due_at = clock.to_text(at)
    _move(tx, item, "pending", seen)


def _move(tx: Transaction, item: DeliveryItem, status: Status, condition: Condition) -> None:
    before = item.of_status
    item.status, item.of_status = status, of_status(item.subscription_id, status)
    item.s_failing = _failing_place(item) if status == "failed" else None
    tx.put(item, index=DELIVERIES.index(item), condition=condition, error=Changed())
    DELIVERIES.count_change(tx, "of_status", before, item.of_status)


def _failing_place(item: DeliveryItem) -> str:
    return f"{item.created_at}{SEPARATOR}{item.uuid}"


def _has_lease(lease: str) -> Condition:
    pending: Condition = Path("status") == "pending"
    held: Condition = pending & (Path("due_at") == lease)
    return held


# -- the sweep ------------------------------------------------------------------------------------------------------


def due(until: datetime, limit: int) -> list[str]:
    """Return the ids of up to `limit` pending deliveries of each partition that have been due since then."""
    return [key["uuid"]["S"] for key in DUE.keys(until, limit)]


def expired(before: datetime) -> Iterator[DeliveryItem]:
    """Read the deliveries made before a time, oldest first."""
    return DELIVERIES.every({"created_before": clock.to_text(before)})


def remove_expired(before: datetime, most: int, seconds: float) -> int:
    """Delete up to `most` deliveries made before a time and update the counters, the oldest first, for up to `seconds`;
    return how many were deleted.
    """
    old, removed, ends = islice(expired(before), most), 0, time.monotonic() + seconds
    while time.monotonic() < ends:
        found = list(islice(old, DELIVERIES_PER_TRANSACTION * REMOVE_TRANSACTIONS))
        if not found:
            break
        starts = range(0, len(found), DELIVERIES_PER_TRANSACTION)
        removed += sum(map_in_parallel(_remove, [found[n : n + DELIVERIES_PER_TRANSACTION] for n in starts]))
    return removed


def _remove(chunk: Sequence[DeliveryItem]) -> int:
    try:
        with transaction() as tx:
            for item in chunk:
                unchanged = Path("of_status") == item.of_status
                tx.delete(item, condition=unchanged, error=Changed())
                DELIVERIES.count(tx, item, -1)
    except Changed:
        return 0  # one of them was changed or deleted meanwhile: left to the next sweep
    return len(chunk)
