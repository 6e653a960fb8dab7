"""Use cases of the directory of users. Login and passwords are in accounts.py."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chalicelib.core import clock, ids, texts
from chalicelib.core.auth import Actor
from chalicelib.core.counters import next_id
from chalicelib.core.paging import PageRequest, page_in_memory
from chalicelib.core.settings import settings
from chalicelib.core.transactions import Transaction, optimistic, transaction
from chalicelib.events import service as events
from chalicelib.quotas import service as quotas
from chalicelib.users import model, passwords, store
from chalicelib.users.model import BUILT_IN, User
from chalicelib.users.schemas import ProfileUpdate, Roles, UserCreate, UserPage, UserQuery, UserUpdate, UserView
from chalicelib.users.store import USERS, UserItem

__all__ = ["Roles", "User", "UserView"]


# -- for other packages --------------------------------------------------------------------------------------------


def get(number: int) -> User:
    """Return the user with that number; NotFound."""
    if number == BUILT_IN.number and settings().allows_anonymous_admin:
        return BUILT_IN
    item = store.find_by_number(number)
    if item is None:
        raise model.not_found(number)
    return store.user_of(item)


def actors(numbers: Collection[int]) -> dict[int, Actor]:
    """Return the existing ones of these users as actors with their current roles, by number."""
    found: dict[int, Actor] = {}
    if BUILT_IN.number in numbers and settings().allows_anonymous_admin:
        found[BUILT_IN.number] = BUILT_IN.actor()
    others = sorted(set(numbers) - found.keys())
    if others:
        found |= {int(item.number): store.user_of(item).actor() for item in store.find_by_numbers(others)}
    return found


def by_id(user_id: UUID | str) -> User:
    """Return the user with that UUID; NotFound."""
    if str(user_id) == BUILT_IN.id and settings().allows_anonymous_admin:
        return BUILT_IN
    item = store.find(str(user_id))
    if item is None:
        raise model.unknown()
    return store.user_of(item)


def view(user: User) -> UserView:
    """Return a user as the API shows it."""
    return UserView.model_validate(user)


def names(user_ids: Collection[str]) -> dict[str, str]:
    """Return the names of the existing ones of these users, by UUID."""
    found = {item.uuid: item.name for item in store.find_many(sorted(user_ids))}
    return found | ({BUILT_IN.id: BUILT_IN.name} if BUILT_IN.id in user_ids else {})


def create(
    name: str,
    email: str | None,
    roles: Sequence[str] = model.DEFAULT_ROLES,
    password_hash: str | None = None,
    *,
    invited_by: Actor | None = None,
) -> User:
    """Create a user; Conflict EMAIL_EXISTS when the email is taken. With `invited_by` the user gets an email with a
    link to set a password, which counts against the quota of that actor.
    """
    user_id = ids.new()
    with transaction() as tx:
        made = _add(tx, user_id, name, roles, email=email, password_hash=password_hash)
        if invited_by:
            invite(tx, invited_by, made)
    return store.user_of(made)


def add_machine(tx: Transaction, user_id: str, name: str, roles: Sequence[str], until: datetime | None) -> User:
    """Create the account of an API key in the transaction of the caller: without email and password. It has its roles
    until the key expires, and so its tasks fail from then on.
    """
    roles_until = clock.to_text(until) if until else None
    return store.user_of(_add(tx, user_id, name, roles, is_machine=True, roles_until=roles_until))


def retire_machine(tx: Transaction, user_id: str) -> None:
    """Remove the roles of the account of an API key in the transaction of the caller, which is `optimistic`.

    The account may do nothing from then on, and may be deleted.
    """
    item = _find(user_id)
    store.change(tx, item, clock.now(), roles=[])
    record(tx, "user.updated", item)


def _add(tx: Transaction, user_id: str, name: str, roles: Sequence[str], **fields: Any) -> UserItem:
    number, at = model.FIRST_NUMBER - 1 + next_id("users"), clock.to_text(clock.now())
    item = UserItem(user_id, number=number, name=name, roles=list(roles), created_at=at, **fields)
    store.add(tx, item)
    record(tx, "user.created", item)
    return item


def remove(tx: Transaction, user_id: UUID | str, *, with_orders: bool = False) -> User:
    """Delete a user in the transaction of the caller, which is `optimistic`; return the deleted user.

    NotFound; Conflict for the built-in administrator, for the account of an active API key, and while the user has
    orders. Seals `model.orders_counter`, so that a later order is refused; `with_orders` seals it at any count, and the
    caller deletes the orders. The tokens of the user are invalid from then on. Takes 4 to 5 writes and one for each
    shard of the counter: 21 of the 100 of a transaction.
    """
    item = _find(user_id)
    if item.is_machine and item.roles:
        raise model.has_api_key()
    store.remove(tx, item, with_orders=with_orders)
    record(tx, "user.deleted", item)
    return store.user_of(item)


# -- use cases of /users -------------------------------------------------------------------------------------------


def add(actor: Actor, *, body: UserCreate) -> UserView:
    """Create a user, and send an invitation when there is no password. Only an administrator gives other roles than
    `user`.
    """
    roles = body.roles or model.DEFAULT_ROLES
    model.check_grants(actor, model.DEFAULT_ROLES, roles)
    password_hash = passwords.hashed(body.password) if body.password else None
    invited_by = actor if settings().mail_from and not body.password else None
    return view(create(body.name, body.email, roles, password_hash, invited_by=invited_by))


def show(actor: Actor, *, user_id: UUID | str) -> UserView:
    """Return a user; NotFound for another user when the actor sees only own records."""
    model.check_sees(actor, str(user_id))
    return view(by_id(user_id))


def list_page(actor: Actor, *, query: UserQuery) -> UserPage:
    """Return a page of users."""
    descending = query.sort_direction == "DESC"
    request = PageRequest(query.limit, query.offset, descending=descending, cursor=query.cursor)
    if query.email:
        found = store.find_by_email(query.email)
        page = page_in_memory("users_by_email", request, [found] if found else [], lambda item: str(item.uuid))
    else:
        page = USERS.page(request)
    return UserPage.of(page, [view(store.user_of(item)) for item in page.items])


@optimistic
def update(actor: Actor, *, user_id: UUID | str, body: UserUpdate | ProfileUpdate) -> UserView:
    """Change the given fields of a user: the own name and email, or as an administrator any field of any user."""
    model.check_changes(actor, str(user_id))
    item = existing(user_id)
    given = body.model_dump(exclude_none=True)
    model.check_grants(actor, item.roles, given.get("roles", item.roles))
    changes = {name: value for name, value in given.items() if value != getattr(item, name)}
    if changes:
        with transaction() as tx:
            store.change(tx, item, clock.now(), **changes)
            record(tx, "user.updated", item)
    return view(store.user_of(item))


# -- shared by the use cases ---------------------------------------------------------------------------------------


def existing(user_id: UUID | str) -> UserItem:
    """Return the record of a user to change; NotFound, Conflict for the built-in administrator, who has none, and for
    the account of an API key.
    """
    item = _find(user_id)
    if item.is_machine:
        raise model.is_machine()
    return item


def _find(user_id: UUID | str) -> UserItem:
    item = store.find(str(user_id))
    if item is None:
        raise model.is_built_in() if by_id(user_id) is BUILT_IN else model.unknown()
    return item


def invite(tx: Transaction, actor: Actor, item: UserItem) -> None:
    """Send a user a link to set a password; Exhausted when the actor has sent too many emails today."""
    quotas.take(tx, actor, emails=1)
    record(tx, "user.invited", item, language=texts.current())


def record(tx: Transaction, name: str, item: UserItem, **more: str) -> None:
    """Record an event of a user; it has the ids and no personal data."""
    about: dict[str, Any] = {"id": item.uuid, "number": int(item.number), **more}
    events.record(tx, name, f"user#{item.uuid}", clock.now(), **about)
