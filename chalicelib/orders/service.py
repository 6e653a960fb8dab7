"""Use cases of orders. A user with his orders: details.py, deletion.py."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from chalicelib.core import clock, ids
from chalicelib.core.auth import Actor
from chalicelib.core.circuits import guard
from chalicelib.core.envelope import Meta
from chalicelib.core.paging import PageRequest
from chalicelib.core.transactions import Transaction, optimistic, transaction
from chalicelib.events import service as events
from chalicelib.orders import model, store, totals, view
from chalicelib.orders.model import Item, Status
from chalicelib.orders.schemas import (
    DeletedOrder,
    OrderCreate,
    OrderPage,
    OrderQuery,
    OrderUpdate,
    OrderView,
    Stats,
    StatusTotal,
)
from chalicelib.orders.store import ORDERS, OrderItem
from chalicelib.users import service as users

lines_of = store.lines_of


def create(actor: Actor, *, body: OrderCreate) -> OrderView:
    """Place an order for a user; those who see only what is theirs order for themselves."""
    model.check_customer(actor, str(body.user_id))
    order = store.new(ids.new(), str(body.user_id), body.lines(), clock.now())
    with guard("users"):
        users.by_id(body.user_id)
    with transaction() as tx:
        store.add(tx, order)
        record(tx, "order.created", order, **_amounts(order))
    return view.whole(order)


def get(actor: Actor, *, order_id: UUID) -> OrderView:
    """One order."""
    return view.whole(_mine(actor, order_id))


def list_page(actor: Actor, *, query: OrderQuery) -> OrderPage:
    """A page of orders: everybody's, or one's own."""
    filters = query.model_dump(include={"user_id", "status", "created_from", "created_to"})
    if not actor.sees_all:
        if query.user_id and str(query.user_id) != actor.uuid:
            return OrderPage(data=[], meta=Meta(total=0, limit=query.limit, offset=query.offset))
        filters["user_id"] = actor.uuid
    descending = query.sort_direction == "DESC"
    request = PageRequest(query.limit, query.offset, descending=descending, filters=filters, cursor=query.cursor)
    page = ORDERS.page(request)
    return OrderPage.of(page, [view.whole(order) for order in page.items])


@optimistic
def update(actor: Actor, *, order_id: UUID, body: OrderUpdate) -> OrderView:
    """Change the lines of an order that nobody works on yet, and its status by a move that is allowed.

    What is sent as it is already changes nothing, so a client may send the whole order back.
    """
    order, at, lines = _mine(actor, order_id), clock.now(), body.lines()
    if lines is None and body.status is None:
        raise model.nothing_to_change()
    before = store.status_of(order)
    changes = _new_lines(order, lines)
    if body.status and body.status != before:
        model.check_move(before, body.status)
        changes["status"] = body.status
    if changes:
        with transaction() as tx:
            store.change(tx, order, at, changes)
            if "items" in changes:
                record(tx, "order.updated", order, **_amounts(order))
            if "status" in changes:
                record(tx, "order.status_changed", order, old_status=before, new_status=order.status)
    return view.whole(order)


def _new_lines(order: OrderItem, lines: list[Item] | None) -> dict[str, Any]:
    """What changes with these lines: nothing when they are what the order has."""
    if lines is None or lines == store.lines_of(order):
        return {}
    model.check_items_changeable(store.status_of(order))
    return {"items": store.pack(lines), "total_kopecks": model.kopecks(model.total(lines))}


@optimistic
def move(actor: Actor, *, order_id: UUID, status: Status) -> OrderView:
    """Change the status of an order."""
    order, at = _mine(actor, order_id), clock.now()
    before = store.status_of(order)
    model.check_move(before, status)
    with transaction() as tx:
        store.change(tx, order, at, {"status": status})
        record(tx, "order.status_changed", order, old_status=before, new_status=status)
    return view.whole(order)


@optimistic
def delete(actor: Actor, *, order_id: UUID) -> DeletedOrder:
    """Delete an order; answers with it as it was."""
    order = _mine(actor, order_id)
    with transaction() as tx:
        remove(tx, order)
    return DeletedOrder(message="Заказ удален", deleted_order=view.whole(order))


def my_stats(actor: Actor) -> Stats:
    """How many orders the actor has, and their sums; reads no orders."""
    found = totals.of_user(actor.uuid)
    return Stats(
        user_id=UUID(actor.uuid),
        total_orders=sum(total.orders for total in found.values()),
        total_amount=model.amount_of(sum(total.kopecks for total in found.values())),
        by_status={
            status: StatusTotal(count=total.orders, total_amount=model.amount_of(total.kopecks))
            for status, total in found.items()
        },
    )


def remove(tx: Transaction, order: OrderItem) -> None:
    """Delete an order that is as it was read, with its event."""
    store.remove(tx, order)
    record(tx, "order.deleted", order, status=order.status, total_amount=model.amount_of(int(order.total_kopecks)))


def record(tx: Transaction, name: str, item: OrderItem, **data: Any) -> None:
    """Record an event of an order, with the ids that all of them carry."""
    data |= {"order_id": item.uuid, "user_id": item.user_id}
    events.record(tx, name, f"order#{item.uuid}", clock.now(), **data)


def _amounts(order: OrderItem) -> dict[str, Any]:
    """What an order is about, for its events."""
    amount = model.amount_of(int(order.total_kopecks))
    return {"status": order.status, "items_total": len(store.lines_of(order)), "total_amount": amount}


def _mine(actor: Actor, order_id: UUID) -> OrderItem:
    """An order that the actor may see."""
    order = store.find(str(order_id))
    if order is None:
        raise model.not_found()
    model.check_owner(actor, order.user_id)
    return order


# -- for reports ----------------------------------------------------------------------------------------------------


def between(start: datetime, end: datetime, user_id: str | None = None) -> Iterator[OrderItem]:
    """The orders made from one instant to the other, both included, oldest first; of everybody, or of one user."""
    return ORDERS.every({"created_from": start, "created_to": end, "user_id": user_id})


def count_between(start: datetime, end: datetime, user_id: str | None = None) -> int:
    """How many orders those are."""
    return ORDERS.total({"created_from": start, "created_to": end, "user_id": user_id})
