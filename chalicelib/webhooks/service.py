"""Use cases of subscriptions."""

import uuid
from uuid import UUID

from chalicelib.core import addresses, clock
from chalicelib.core.auth import Actor
from chalicelib.core.fields import Page
from chalicelib.core.transactions import optimistic, transaction
from chalicelib.webhooks import model, store
from chalicelib.webhooks.schemas import Rotation, Subscription, SubscriptionCreate, SubscriptionPatch, SubscriptionQuery
from chalicelib.webhooks.store import SubscriptionItem


def create(actor: Actor, *, body: SubscriptionCreate) -> Subscription:
    """Subscribe a receiver to events."""
    if len(store.every()) >= model.MOST_SUBSCRIPTIONS:
        raise model.too_many()
    fields = body.model_dump(exclude={"secret_key", "notify_email"})
    item = SubscriptionItem(
        uuid=str(uuid.uuid4()),
        created_at=clock.to_text(clock.now()),
        host=_host(body.url),
        notify_email=body.notify_email or None,
        **fields,
    )
    with transaction() as tx:
        store.add(tx, item, body.secret_key)
    return Subscription.model_validate(item)


def get(actor: Actor, *, subscription_id: UUID) -> Subscription:
    """One subscription."""
    return Subscription.model_validate(store.get(str(subscription_id)))


def list_page(actor: Actor, *, query: SubscriptionQuery) -> Page[Subscription]:
    """A page of subscriptions, newest first."""
    found = [item for item in store.every() if query.event_type is None or query.event_type in item.events]
    shown = [Subscription.model_validate(item) for item in found[query.offset : query.offset + query.limit]]
    return Page(items=shown, total=len(found), limit=query.limit, offset=query.offset)


@optimistic
def update(actor: Actor, *, subscription_id: UUID, body: SubscriptionPatch) -> Subscription:
    """Change the given fields; switching it on starts counting failures anew."""
    found = store.get(str(subscription_id))
    changes = body.model_dump(exclude_none=True, exclude={"secret_key"})
    if not changes and not body.secret_key:
        return Subscription.model_validate(found)
    if body.url:
        changes["host"] = _host(body.url)
    if body.notify_email == "":
        changes["notify_email"] = None
    if body.is_active:
        changes |= {"failures": 0, "disabled_at": None, "disabled_reason": None}
    item = store.change(found, clock.now(), **changes)
    if body.secret_key:
        store.replace_key(item.uuid, body.secret_key)
    return Subscription.model_validate(item)


def delete(actor: Actor, *, subscription_id: UUID) -> None:
    """Unsubscribe. Deliveries that are under way end as failed."""
    with transaction() as tx:
        store.remove(tx, str(subscription_id))


@optimistic
def rotate_secret(actor: Actor, *, subscription_id: UUID, body: Rotation) -> Subscription:
    """Sign with another key; for 24 hours with the one before as well."""
    found, at = store.get(str(subscription_id)), clock.now()
    item = store.change(found, at)
    store.rotate_key(item.uuid, body.secret_key, at + model.ROTATION)
    return Subscription.model_validate(item)


def _host(url: str) -> str:
    """What a breaker is named after."""
    target = addresses.parse(url)
    return f"{target.host}:{target.port}"
