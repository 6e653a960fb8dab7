"""Use cases of sites."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any
from uuid import UUID

from chalicelib.core import clock, ids
from chalicelib.core.auth import Actor
from chalicelib.core.fields import Page
from chalicelib.core.transactions import Transaction, optimistic, transaction
from chalicelib.events import service as events
from chalicelib.sites import model, store
from chalicelib.sites.schemas import Site, SiteCreate, SitePatch, SiteQuery
from chalicelib.sites.store import SITES, SiteItem
from chalicelib.users import service as users

__all__ = ["SiteItem", "require_unchanged"]

NULLABLE = ("address", "customer_id")
require_unchanged = store.require_unchanged


def create(actor: Actor, *, body: SiteCreate) -> Site:
    """Create a site."""
    _check_customer(body.customer_id)
    at = clock.now()
    fields = _as_attributes(body.model_dump())
    item = SiteItem(ids.new(), created_at=clock.to_text(at), version=1, **fields)
    with transaction() as tx:
        store.add(tx, item)
        _record(tx, "site.created", item, sorted(fields))
    return Site.model_validate(item)


def get(actor: Actor, *, site_id: UUID) -> Site:
    """Return a site."""
    return Site.model_validate(visible(actor, str(site_id)))


def list_page(actor: Actor, *, query: SiteQuery) -> Page[Site]:
    """Return a page of sites; for a customer, of the own ones."""
    request = query.request()
    if not actor.sees_all:
        request = replace(request, filters={**request.filters, "customer_id": actor.uuid})
    page = SITES.page(request)
    return Page.of(page, [Site.model_validate(item) for item in page.items])


@optimistic
def update(actor: Actor, *, site_id: UUID, body: SitePatch) -> Site:
    """Change the given fields of a site."""
    item = store.get(str(site_id))
    if body.version and body.version != item.version:
        raise model.outdated(int(item.version))
    given = body.model_dump(exclude_unset=True, exclude={"version"})
    fields = _as_attributes({name: value for name, value in given.items() if value is not None or name in NULLABLE})
    changes = {name: value for name, value in fields.items() if value != getattr(item, name)}
    if "customer_id" in changes:
        _check_customer(body.customer_id)
    if changes:
        with transaction() as tx:
            store.change(tx, item, clock.now(), changes)
            _record(tx, "site.updated", item, sorted(changes))
    return Site.model_validate(item)


@optimistic
def delete(actor: Actor, *, site_id: UUID) -> None:
    """Delete a site that has no defects."""
    item = store.get(str(site_id))
    with transaction() as tx:
        store.remove(tx, item)
        data: dict[str, Any] = {"site_id": item.uuid, "code": item.code}
        events.record(tx, "site.deleted", f"site#{item.uuid}", clock.now(), **data)


# -- for defects and reports ----------------------------------------------------------------------------------------


def visible(actor: Actor, site_id: str) -> SiteItem:
    """Return a site that the actor may see; NotFound."""
    item = store.get(site_id)
    if not may_see(actor, item):
        raise model.not_found()
    return item


def find(site_id: str) -> SiteItem | None:
    """Return a site; None when there is none."""
    return store.find(site_id)


def visible_among(actor: Actor, ids: Collection[str]) -> dict[str, SiteItem]:
    """Return the ones of these sites that the actor may see, by id."""
    return {site_id: item for site_id, item in store.find_many(ids).items() if may_see(actor, item)}


def titles(ids: Collection[str]) -> dict[str, tuple[str, str]]:
    """Return code and name of the existing ones of these sites, by id."""
    return {site_id: (item.code, item.name) for site_id, item in store.find_many(ids).items()}


def may_see(actor: Actor, item: SiteItem) -> bool:
    """Whether the actor may see a site: as its customer, or with a role that sees all sites."""
    return actor.sees_all or item.customer_id == actor.uuid


def _check_customer(customer_id: UUID | None) -> None:
    if customer_id is not None and "customer" not in users.by_id(customer_id).roles:
        raise model.no_customer()


def _as_attributes(values: dict[str, Any]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, UUID) else value for name, value in values.items()}


def _record(tx: Transaction, name: str, item: SiteItem, changed: list[str]) -> None:
    data: dict[str, Any] = {"site_id": item.uuid, "code": item.code, "status": item.status}
    data["customer_id"] = item.customer_id
    events.record(tx, name, f"site#{item.uuid}", clock.now(), **data, changed=changed)
