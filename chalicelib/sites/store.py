"""Table `sites` and its list."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.operand import Path
from pynamodb.models import Model

from chalicelib.core import clock
from chalicelib.core.dynamo import batch_get, fetch, table
from chalicelib.core.listing import Listing
from chalicelib.core.transactions import Changed, Transaction
from chalicelib.sites import model
from chalicelib.sites.schemas import SiteQuery


@table("sites")
class SiteItem(Model):
    """A site; `version` counts changes."""

    uuid = UnicodeAttribute(hash_key=True)
    code = UnicodeAttribute()
    name = UnicodeAttribute()
    address = UnicodeAttribute(null=True)
    customer_id = UnicodeAttribute(null=True)
    status = UnicodeAttribute()
    created_at = UnicodeAttribute()
    updated_at = UnicodeAttribute(null=True)
    version = NumberAttribute(default=1)


SITES = Listing(
    "sites",
    SiteItem,
    id_field="uuid",
    sorts=SiteQuery.SORTS,
    equals=("code", "status", "customer_id"),
    counted=("status", "customer_id"),
)


def find(site_id: str) -> SiteItem | None:
    """Return the site; None when there is none."""
    return fetch(SiteItem, site_id)


def get(site_id: str) -> SiteItem:
    """Return the site; NotFound."""
    item = find(site_id)
    if item is None:
        raise model.not_found()
    return item


def find_many(ids: Collection[str]) -> dict[str, SiteItem]:
    """Return the existing ones of these sites, by id."""
    return {item.uuid: item for item in batch_get(SiteItem, [(site_id,) for site_id in sorted(ids)])}


def add(tx: Transaction, item: SiteItem) -> None:
    """Write a new site; Conflict when its code is taken."""
    tx.claim(model.code_claim(item.code), item.uuid, model.code_taken(item.code))
    tx.put_new(item, index=SITES.index(item))
    SITES.count(tx, item, +1)


def change(tx: Transaction, item: SiteItem, at: datetime, changes: Mapping[str, Any]) -> None:
    """Set fields of a site; Changed when it is not as it was read."""
    seen = item.version
    if changes.get("code", item.code) != item.code:
        tx.release(model.code_claim(item.code))
        tx.claim(model.code_claim(changes["code"]), item.uuid, model.code_taken(changes["code"]))
    for name, value in changes.items():
        SITES.count_change(tx, name, getattr(item, name), value)
        setattr(item, name, value)
    item.updated_at, item.version = clock.to_text(at), seen + 1
    tx.put(item, index=SITES.index(item), condition=Path("version") == seen, error=Changed())


def remove(tx: Transaction, item: SiteItem) -> None:
    """Delete a site; Changed when it is not as it was read, Conflict when it has defects."""
    tx.delete(item, condition=Path("version") == item.version, error=Changed())
    tx.release(model.code_claim(item.code))
    tx.seal(model.defects_counter(item.uuid), model.has_defects())
    SITES.count(tx, item, -1)


def require_unchanged(tx: Transaction, item: SiteItem) -> None:
    """Add a condition to a transaction: the site is as it was read, or Changed."""
    tx.require(SiteItem(item.uuid), Path("version") == item.version, Changed())
