"""Use cases of orders. Users with orders: details.py, deletion.py."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from chalicelib.core import clock, ids
from chalicelib.core.auth import Actor
from chalicelib.core.circuits import through_circuit
from chalicelib.core.envelope import Meta
from chalicelib.core.paging import PageRequest
from chalicelib.core.texts import text
from chalicelib.core.transactions import Transaction, optimistic, transaction
from chalicelib.events import service as events
from chalicelib.orders import model, store, totals
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
    """Create an order of a user; an actor that sees only own orders orders for itself."""
    model.check_customer(actor, str(body.user_id))
    order = store.new(ids.new(), str(body.user_id), body.lines(), clock.now())
    with through_circuit("users"):
        users.by_id(body.user_id)
    with transaction() as tx:
        store.add(tx, order)
        record(tx, "order.created", order, **_amounts(order))
    return view(order)


def get(actor: Actor, *, order_id: UUID) -> OrderView:
    """Return an order."""
    return view(_get(actor, order_id))


def list_page(actor: Actor, *, query: OrderQuery) -> OrderPage:
    """Return a page of orders: all, or the own ones."""
    filters = query.model_dump(include={"user_id", "status", "created_from", "created_to"})
    if not actor.sees_all:
        if query.user_id and str(query.user_id) != actor.uuid:
            return OrderPage(data=[], meta=Meta(total=0, limit=query.limit, offset=query.offset))
        filters["user_id"] = actor.uuid
    descending = query.sort_direction == "DESC"
    request = PageRequest(query.limit, query.offset, descending=descending, filters=filters, cursor=query.cursor)
    page = ORDERS.page(request)
    return OrderPage.of(page, [view(order) for order in page.items])


@optimistic
def update(actor: Actor, *, order_id: UUID, body: OrderUpdate) -> OrderView:
    """Change the lines of an order in the status `created`, and the status by an allowed transition.

    Unchanged values change nothing, so a client may send the whole order.
    """
    order, at, lines = _get(actor, order_id), clock.now(), body.lines()
    if lines is None and body.status is None:
        raise model.nothing_to_change()
    before = store.status_of(order)
    changes = _new_lines(order, lines)
    if body.status and body.status != before:
        model.check_transition(before, body.status)
        changes["status"] = body.status
    if changes:
        with transaction() as tx:
            store.change(tx, order, at, changes)
            if "items" in changes:
                record(tx, "order.updated", order, **_amounts(order))
            if "status" in changes:
                record(tx, "order.status_changed", order, old_status=before, new_status=order.status)
    return view(order)


def _new_lines(order: OrderItem, lines: list[Item] | None) -> dict[str, Any]:
    """Return the attributes that change with these lines; none when the order has them already."""
    if lines is None or lines == store.lines_of(order):
        return {}
    model.check_items_changeable(store.status_of(order))
    return {"items": store.pack(lines), "total_kopecks": model.kopecks(model.total(lines))}


@optimistic
def change_status(actor: Actor, *, order_id: UUID, status: Status) -> OrderView:
    """Change the status of an order."""
    order, at = _get(actor, order_id), clock.now()
    before = store.status_of(order)
    model.check_transition(before, status)
    with transaction() as tx:
        store.change(tx, order, at, {"status": status})
        record(tx, "order.status_changed", order, old_status=before, new_status=status)
    return view(order)


@optimistic
def delete(actor: Actor, *, order_id: UUID) -> DeletedOrder:
    """Delete an order; return the deleted order."""
    order = _get(actor, order_id)
    with transaction() as tx:
        remove(tx, order)
    return DeletedOrder(message=text("Заказ удален"), deleted_order=view(order))


def my_stats(actor: Actor) -> Stats:
    """Return numbers and sums of the actor's orders by status; reads no orders."""
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
    """Delete an order and record its event; Changed when the order is not as it was read."""
    store.remove(tx, order)
    record(tx, "order.deleted", order, status=order.status, total_amount=model.amount_of(int(order.total_kopecks)))


def record(tx: Transaction, name: str, item: OrderItem, **data: Any) -> None:
    """Record an event of an order, with the ids that all its events have."""
    data |= {"order_id": item.uuid, "user_id": item.user_id}
    events.record(tx, name, f"order#{item.uuid}", clock.now(), **data)


def _amounts(order: OrderItem) -> dict[str, Any]:
    """Return the amounts of an order for its events."""
    amount = model.amount_of(int(order.total_kopecks))
    return {"status": order.status, "items_total": len(store.lines_of(order)), "total_amount": amount}


def _get(actor: Actor, order_id: UUID) -> OrderItem:
    """Return an order that the actor may see; NotFound."""
    order = store.find(str(order_id))
    if order is None:
        raise model.not_found()
    model.check_owner(actor, order.user_id)
    return order


def view(order: OrderItem) -> OrderView:
    """Return an order as the API shows it."""
    lines = store.lines_of(order)
    fields = {name: getattr(order, name) for name in ("user_id", "status", "created_at", "updated_at")}
    return OrderView.model_validate(
        fields
        | {
            "id": order.uuid,
            "items": [
                {"product": line.product, "quantity": line.quantity, "price": float(line.price)} for line in lines
            ],
            "items_total": len(lines),
            "total_amount": model.amount_of(int(order.total_kopecks)),
        }
    )


# -- for reports ----------------------------------------------------------------------------------------------------


def between(start: datetime, end: datetime, user_id: str | None = None) -> Iterator[OrderItem]:
    """Yield the orders created in a period, both ends included, oldest first; all, or those of a user."""
    return ORDERS.every({"created_from": start, "created_to": end, "user_id": user_id})


def count_between(start: datetime, end: datetime, user_id: str | None = None) -> int:
    """Count the orders created in a period, both ends included."""
    return ORDERS.total({"created_from": start, "created_to": end, "user_id": user_id})
