"""Use cases of users."""

import uuid
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chalicelib.core import clock
from chalicelib.core.dynamo import next_id
from chalicelib.core.settings import settings
from chalicelib.core.transactions import Transaction, transaction
from chalicelib.events import service as events
from chalicelib.users import model, store
from chalicelib.users.model import BUILT_IN, User
from chalicelib.users.store import UserItem

__all__ = ["User"]


def get(number: int) -> User:
    """The user with that number, or NotFound."""
    if number == BUILT_IN.number and not settings().auth_required:
        return BUILT_IN
    item = store.find_by_number(number)
    if item is None:
        raise model.not_found(number)
    return store.user_of(item)


def by_id(user_id: UUID | str) -> User:
    """The user with that UUID, or NotFound."""
    if str(user_id) == BUILT_IN.id and not settings().auth_required:
        return BUILT_IN
    item = store.find(str(user_id))
    if item is None:
        raise model.unknown()
    return store.user_of(item)


def create(name: str, email: str | None, roles: Sequence[str] = ("user",), password_hash: str | None = None) -> User:
    """Make a user; Conflict EMAIL_EXISTS when the e-mail is taken."""
    item = UserItem(
        str(uuid.uuid4()),
        number=model.FIRST_NUMBER - 1 + next_id("users"),
        name=name,
        email=email,
        roles=list(roles),
        password_hash=password_hash,
        created_at=clock.to_text(clock.now()),
    )
    with transaction() as tx:
        store.add(tx, item)
    return store.user_of(item)


def remove(tx: Transaction, user_id: UUID | str) -> User:
    """Delete a user in the transaction of the caller, who is `optimistic`; returns the user as he was.

    NotFound; Conflict for the built-in administrator and while orders are counted under `model.orders_counter`, which
    is sealed: an order that comes later is refused. His tokens are refused from then on. Takes 4 to 5 writes and one
    for each shard of the counter (21 of the 100 of a transaction).
    """
    item = store.find(str(user_id))
    if item is None:
        raise model.is_built_in() if by_id(user_id) is BUILT_IN else model.unknown()
    store.remove(tx, item)
    about: dict[str, Any] = {"id": item.uuid, "number": int(item.number)}
    events.record(tx, "user.deleted", f"user#{item.uuid}", clock.now(), **about)
    return store.user_of(item)
