"""Table `users` and its list."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from pynamodb.attributes import BooleanAttribute, ListAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.operand import Path
from pynamodb.models import Model

from chalicelib.core import clock
from chalicelib.core.dynamo import batch_get, fetch, owner_of, owners_of, table, update_if
from chalicelib.core.listing import Listing
from chalicelib.core.transactions import Changed, Transaction
from chalicelib.users import model
from chalicelib.users.model import User

NO_USER_ID = "nobody"  # a key that no user has


@table("users")
class UserItem(Model):
    """A user. `version` counts changes, `token_version` the changes that revoke the issued tokens."""

    uuid = UnicodeAttribute(hash_key=True)
    number = NumberAttribute()
    name = UnicodeAttribute()
    email = UnicodeAttribute(null=True)
    roles: ListAttribute[Any] = ListAttribute(of=UnicodeAttribute)
    password_hash = UnicodeAttribute(null=True)
    token_version = NumberAttribute(default=0)
    email_confirmed = BooleanAttribute(null=True)  # a link that was sent there was used
    links: ListAttribute[Any] = ListAttribute(of=UnicodeAttribute, null=True)  # expiry, blank, hash of the token
    created_at = UnicodeAttribute()
    updated_at = UnicodeAttribute(null=True)
    version = NumberAttribute(default=1)
    is_machine = BooleanAttribute(null=True)  # the account of an API key
    roles_until = UnicodeAttribute(null=True)  # when the key expires; the account has no roles from then on


USERS = Listing("users", UserItem, id_field="uuid", sorts=("created_at",))


def user_of(item: UserItem) -> User:
    """Return the user of a record."""
    updated_at = clock.from_text(item.updated_at) if item.updated_at else None
    created_at = clock.from_text(item.created_at)
    is_over = bool(item.roles_until) and clock.from_text(str(item.roles_until)) <= clock.now()
    roles = () if is_over else tuple(item.roles)
    made = User(int(item.number), item.uuid, item.name, item.email, roles, created_at, updated_at)
    return replace(made, email_confirmed=bool(item.email_confirmed), is_machine=bool(item.is_machine))


def find(user_id: str) -> UserItem | None:
    """Return the record of a user; None when there is none."""
    return fetch(UserItem, user_id)


def find_many(user_ids: Sequence[str]) -> list[UserItem]:
    """Return the records of the existing ones of these users, in no order."""
    return batch_get(UserItem, [(user_id,) for user_id in user_ids])


def find_by_number(number: int) -> UserItem | None:
    """Return the record of the user with that number; None when there is none."""
    owner = owner_of(model.number_claim(number))
    return find(owner) if owner else None


def find_by_numbers(numbers: Sequence[int]) -> list[UserItem]:
    """Return the records of the existing users with these numbers, in no order."""
    return find_many(sorted(owners_of([model.number_claim(number) for number in numbers]).values()))


def find_by_email(email: str) -> UserItem | None:
    """Return the record of the user with that email, in any case. Reads as much when there is none."""
    return find(owner_of(model.email_claim(email)) or NO_USER_ID)


def add(tx: Transaction, item: UserItem) -> None:
    """Write a new user; Conflict when the email is taken."""
    tx.claim(model.number_claim(int(item.number)), item.uuid, model.email_taken())
    if item.email:
        tx.claim(model.email_claim(item.email), item.uuid, model.email_taken())
    tx.put_new(item, index=USERS.index(item))
    USERS.count(tx, item, +1)


def change(tx: Transaction, item: UserItem, at: datetime, **changes: Any) -> None:
    """Set fields of a user; Changed when it is not as it was read, Conflict when the new email is taken.

    A new address is not confirmed. A new password or address removes the links. Roles that allow more revoke tokens.
    """
    if model.allows_more(item.roles, changes.get("roles", item.roles)):
        changes.setdefault("token_version", int(item.token_version) + 1)
    seen, email = item.version, changes.get("email", item.email)
    old, new = (model.email_claim(address) if address else None for address in (item.email, email))
    if old != new:
        if old:
            tx.release(old)
        tx.claim(str(new), item.uuid, model.email_taken())
        changes.setdefault("email_confirmed", None)
    if old != new or "password_hash" in changes:
        changes["links"] = None
    for name, value in changes.items():
        setattr(item, name, value)
    item.updated_at, item.version = clock.to_text(at), seen + 1
    tx.put(item, index=USERS.index(item), condition=Path("version") == seen, error=Changed())


def replace_hash(item: UserItem, password_hash: str) -> None:
    """Store another hash of the same password; does nothing when the password has been changed meanwhile."""
    update_if(
        UserItem(item.uuid), [Path("password_hash").set(password_hash)], Path("password_hash") == item.password_hash
    )


def set_links(item: UserItem, links: Sequence[str]) -> bool:
    """Store these links to set a password; False when the user is not as it was read. Not a change of the user."""
    seen = int(item.version)
    actions = [Path("links").set(list(links)), Path("version").set(seen + 1)]
    return update_if(UserItem(item.uuid), actions, Path("version") == seen)


def remove(tx: Transaction, item: UserItem, *, with_orders: bool) -> None:
    """Delete a user; Changed when it is not as it was read, Conflict when it has orders, unless `with_orders`."""
    tx.delete(item, condition=Path("version") == item.version, error=Changed())
    tx.release(model.number_claim(int(item.number)))
    if item.email:
        tx.release(model.email_claim(item.email))
    if with_orders:
        tx.close(model.orders_counter(item.uuid))
    else:
        tx.seal(model.orders_counter(item.uuid), model.has_orders())
    USERS.count(tx, item, -1)
