"""Table `users` and its list."""

from typing import Any

from pynamodb.attributes import ListAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.operand import Path
from pynamodb.models import Model

from chalicelib.core.dynamo import fetch, owner_of, table
from chalicelib.core.listing import Listing
from chalicelib.core.transactions import Changed, Transaction
from chalicelib.users import model
from chalicelib.users.model import User


@table("users")
class UserItem(Model):
    """A user. `version` grows with every change, `token_version` with every change that ends the tokens issued."""

    class Meta:
        pass

    uuid = UnicodeAttribute(hash_key=True)
    number = NumberAttribute()
    name = UnicodeAttribute()
    email = UnicodeAttribute(null=True)
    roles: ListAttribute[Any] = ListAttribute(of=UnicodeAttribute)
    password_hash = UnicodeAttribute(null=True)
    token_version = NumberAttribute(default=0)
    created_at = UnicodeAttribute()
    updated_at = UnicodeAttribute(null=True)
    version = NumberAttribute(default=1)


USERS = Listing("users", UserItem, id_field="uuid", sorts=("created_at",))


def user_of(item: UserItem) -> User:
    """The user of a record."""
    return User(int(item.number), item.uuid, item.name, item.email, tuple(item.roles))


def find(user_id: str) -> UserItem | None:
    """The record of a user."""
    return fetch(UserItem, user_id)


def find_by_number(number: int) -> UserItem | None:
    """The record of the user with that number."""
    owner = owner_of(model.number_claim(number))
    return find(owner) if owner else None


def add(tx: Transaction, item: UserItem) -> None:
    """Write a new user; Conflict when the e-mail is taken."""
    tx.claim(model.number_claim(int(item.number)), item.uuid, model.email_taken())
    if item.email:
        tx.claim(model.email_claim(item.email), item.uuid, model.email_taken())
    tx.put_new(item, index=USERS.index(item))
    USERS.count(tx, item, +1)


def remove(tx: Transaction, item: UserItem) -> None:
    """Delete a user without orders, as it was read; Conflict when there are some, Changed when it is no longer so."""
    tx.delete(item, condition=Path("version") == item.version, otherwise=Changed())
    tx.release(model.number_claim(int(item.number)))
    if item.email:
        tx.release(model.email_claim(item.email))
    tx.seal(model.orders_counter(item.uuid), model.has_orders())
    USERS.count(tx, item, -1)
