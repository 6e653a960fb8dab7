"""Use case: deleting a user, who may have orders.

A user is deleted in one transaction, which also seals the counter of his orders: no order can slip in afterwards. With
`cascade` his orders follow: at once when there are few, otherwise (or when this run dies) by the listener of
`user.deleted`. Purging may run twice and side by side: each order is deleted and counted out once.
"""

from itertools import islice
from uuid import UUID

from chalicelib.core.auth import Actor
from chalicelib.core.circuits import guard
from chalicelib.core.errors import Unavailable
from chalicelib.core.settings import settings
from chalicelib.core.transactions import Changed, optimistic, transaction
from chalicelib.orders import service, store
from chalicelib.orders.schemas import DeletedUser
from chalicelib.orders.store import ORDERS, OrderItem
from chalicelib.users import service as users
from chalicelib.users.service import User

CHUNK = 30  # orders purged by one transaction: each takes 2 of its 100 writes, counters and totals the rest


def delete_user(actor: Actor, *, user_id: UUID, cascade: bool) -> DeletedUser:
    """Delete a user; with `cascade` his orders too. Answers with him as he was."""
    with guard("orders"):
        user = _delete(user_id, cascade)
        if cascade and ORDERS.total({"user_id": user.id}) <= settings().inline_purge_limit:
            purge(user.id)
    return DeletedUser(message="Пользователь удален", deleted_user=users.view(user))


@optimistic
def _delete(user_id: UUID, cascade: bool) -> User:
    with transaction() as tx:
        return users.remove(tx, user_id, with_orders=cascade)


def follow_deletion(user_id: str) -> None:
    """`user.deleted`: his orders are gone, or the message comes again: an index may not have all that are counted."""
    purge(user_id)
    if left := ORDERS.total({"user_id": user_id}):
        raise Unavailable("Не все заказы пользователя найдены", reason=f"{left} left of {user_id}")


def purge(user_id: str) -> int:
    """Remove what is left of the orders of a deleted user; returns how many there were."""
    left, removed = ORDERS.every({"user_id": user_id}), 0
    while chunk := list(islice(left, CHUNK)):
        removed += _purge_chunk(chunk)
    return removed


def _purge_chunk(chunk: list[OrderItem]) -> int:
    """Remove orders; returns how many, without those that another purge has removed meanwhile."""
    try:
        with transaction() as tx:
            for order in chunk:
                service.remove(tx, order)
    except Changed:
        return sum(_purge_one(order.uuid) for order in chunk)
    return len(chunk)


@optimistic
def _purge_one(order_id: str) -> int:
    """Remove an order as it is now, if it still is."""
    order = store.find(order_id)
    if order is None:
        return 0
    with transaction() as tx:
        service.remove(tx, order)
    return 1
