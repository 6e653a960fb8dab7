"""Table `api_keys` and its list."""

from datetime import datetime
from typing import Any

from pynamodb.attributes import ListAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.operand import Path
from pynamodb.models import Model

from chalicelib.api_keys import model
from chalicelib.core import clock
from chalicelib.core.dynamo import fetch, table, update_if
from chalicelib.core.listing import Listing
from chalicelib.core.transactions import Changed, Transaction


@table("api_keys")
class ApiKeyItem(Model):
    """A key, active or expired; the key itself is not stored. Only `last_used_at` changes."""

    uuid = UnicodeAttribute(hash_key=True)
    number = NumberAttribute()
    name = UnicodeAttribute()
    roles: ListAttribute[Any] = ListAttribute(of=UnicodeAttribute)
    prefix = UnicodeAttribute()
    hash = UnicodeAttribute()
    created_at = UnicodeAttribute()
    created_by = UnicodeAttribute()
    expires_at = UnicodeAttribute(null=True)
    last_used_at = UnicodeAttribute(null=True)


API_KEYS = Listing("api_keys", ApiKeyItem, id_field="uuid", sorts=("created_at",))


def find(key_id: str) -> ApiKeyItem | None:
    """Return the record of a key; None when there is none."""
    return fetch(ApiKeyItem, key_id)


def get(key_id: str) -> ApiKeyItem:
    """Return the record of a key; NotFound."""
    item = find(key_id)
    if item is None:
        raise model.not_found()
    return item


def add(tx: Transaction, item: ApiKeyItem) -> None:
    """Write a new key."""
    tx.put_new(item, index=API_KEYS.index(item))
    API_KEYS.count(tx, item, +1)


def remove(tx: Transaction, item: ApiKeyItem) -> None:
    """Delete a key; Changed when it is deleted already."""
    tx.delete(item, condition=Path("uuid").exists(), error=Changed())
    API_KEYS.count(tx, item, -1)


def record_use(item: ApiKeyItem, at: datetime) -> None:
    """Write when a key was used, about once a minute for all instances together."""
    seen = item.last_used_at
    if seen and at < clock.from_text(seen) + model.LAST_USE_PRECISION:
        return
    unchanged = (Path("last_used_at") == seen) if seen else Path("last_used_at").does_not_exist()
    exists = Path("uuid").exists()  # a key that is being revoked is not written again
    update_if(ApiKeyItem(item.uuid), [Path("last_used_at").set(clock.to_text(at))], exists & unchanged)
