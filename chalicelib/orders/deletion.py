"""Use case: delete a user, with or without orders.

One transaction deletes the user and seals the counter of the user's orders, so that no order can be added afterwards.
With `cascade` the orders are deleted next: at once when there are few, else (or when this run fails) by the listener of
`user.deleted`. Purges may run twice and at the same time: each order is deleted and counted once.
"""

from itertools import islice
from uuid import UUID

from chalicelib.core.auth import Actor
from chalicelib.core.circuits import through_circuit
from chalicelib.core.errors import Unavailable
from chalicelib.core.logs import log
from chalicelib.core.settings import settings
from chalicelib.core.texts import text
from chalicelib.core.transactions import Changed, optimistic, transaction
from chalicelib.orders import service, store
from chalicelib.orders.schemas import DeletedUser
from chalicelib.orders.store import ORDERS, OrderItem
from chalicelib.users import service as users
from chalicelib.users.service import User

ORDERS_PER_TRANSACTION = 30  # each takes 2 of the 100 writes, counters and totals the rest


def delete_user(actor: Actor, *, user_id: UUID, cascade: bool) -> DeletedUser:
    """Delete a user, with `cascade` also the orders of the user; return the deleted user."""
    with through_circuit("orders"):
        user = _delete(user_id, cascade)
        if cascade and ORDERS.total({"user_id": user.id}) <= settings().inline_purge_limit:
            purge(user.id)
    return DeletedUser(message=text("Пользователь удален"), deleted_user=users.view(user))


@optimistic
def _delete(user_id: UUID, cascade: bool) -> User:
    with transaction() as tx:
        return users.remove(tx, user_id, with_orders=cascade)


def follow_deletion(user_id: str) -> None:
    """Delete the orders of a deleted user; Unavailable, for a retry, while the index lags behind the counter."""
    purge(user_id)
    if left := ORDERS.total({"user_id": user_id}):
        log.warning("orders of a deleted user are left", extra={"user": user_id, "orders": left})
        raise Unavailable("Не все заказы пользователя найдены")


def purge(user_id: str) -> int:
    """Delete the remaining orders of a deleted user; return their number."""
    orders, removed = ORDERS.every({"user_id": user_id}), 0
    while chunk := list(islice(orders, ORDERS_PER_TRANSACTION)):
        removed += _purge_chunk(chunk)
    return removed


def _purge_chunk(chunk: list[OrderItem]) -> int:
    """Delete orders; return how many, without those that another purge has deleted meanwhile."""
    try:
        with transaction() as tx:
            for order in chunk:
                service.remove(tx, order)
    except Changed:
        return sum(_purge_one(order.uuid) for order in chunk)
    return len(chunk)


@optimistic
def _purge_one(order_id: str) -> int:
    """Delete an order as it is now; return 0 when there is none."""
    order = store.find(order_id)
    if order is None:
        return 0
    with transaction() as tx:
        service.remove(tx, order)
    return 1
