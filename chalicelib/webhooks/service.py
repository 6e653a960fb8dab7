"""Use cases of subscriptions."""

from datetime import datetime
from uuid import UUID

from chalicelib.core import addresses, clock, ids, texts
from chalicelib.core.auth import Actor
from chalicelib.core.fields import Page
from chalicelib.core.paging import PageRequest, page_in_memory
from chalicelib.core.transactions import optimistic, transaction
from chalicelib.webhooks import model, store
from chalicelib.webhooks.health import all_with_health, with_health
from chalicelib.webhooks.schemas import Rotation, Subscription, SubscriptionCreate, SubscriptionPatch, SubscriptionQuery
from chalicelib.webhooks.store import SubscriptionItem


def create(actor: Actor, *, body: SubscriptionCreate) -> Subscription:
    """Create a subscription."""
    subscription_id = ids.new()
    if sum(item.uuid != subscription_id for item in store.every()) >= model.MAX_SUBSCRIPTIONS:
        raise model.too_many()
    fields = body.model_dump(exclude={"secret_key", "notify_email"})
    item = SubscriptionItem(
        uuid=subscription_id,
        created_at=clock.to_text(clock.now()),
        host=_host(body.url),
        notify_email=body.notify_email or None,
        language=texts.current(),
        **fields,
    )
    with transaction() as tx:
        store.add(tx, item, body.secret_key)
    return with_health(item)


def get(actor: Actor, *, subscription_id: UUID) -> Subscription:
    """Return one subscription."""
    return with_health(store.get(str(subscription_id)))


def list_page(actor: Actor, *, query: SubscriptionQuery) -> Page[Subscription]:
    """Return a page of subscriptions, newest first."""
    found = [item for item in store.every() if query.event_type is None or query.event_type in item.events]
    filters = {"event_type": query.event_type}
    request = PageRequest(query.limit, query.offset, filters=filters, cursor=query.cursor)
    page = page_in_memory("webhook_subscriptions", request, found, lambda item: f"{item.created_at}#{item.uuid}")
    return Page.of(page, all_with_health(page.items))


@optimistic
def update(actor: Actor, *, subscription_id: UUID, body: SubscriptionPatch) -> Subscription:
    """Change fields; enabling it resets the count of failures."""
    item, at = store.get(str(subscription_id)), clock.now()
    changes = body.model_dump(exclude_none=True, exclude={"secret_key"})
    if not changes and not body.secret_key:
        return with_health(item)
    if body.url:
        changes["host"] = _host(body.url)
    if body.notify_email == "":
        changes["notify_email"] = None
    if body.is_active is not None:
        changes["keeps_events_until"] = None
    if body.is_active:
        changes |= {"failures": 0, "disabled_at": None, "disabled_reason": None}
    if body.is_active or body.events:
        changes["since"] = _since(item, body, at)
    with transaction() as tx:
        if body.secret_key:
            store.change_with_key(tx, item, at, body.secret_key, **changes)
        else:
            store.change(tx, item, at, **changes)
    return with_health(item)


def _since(item: SubscriptionItem, body: SubscriptionPatch, at: datetime) -> dict[str, str]:
    """Return since when the subscription receives each event type: new ones from now on."""
    now, before = clock.to_text(at), set(item.events) if item.takes_events(at) else set()
    names = body.events or item.events
    since = {name: item.since.get(name, item.created_at) if name in before else now for name in names}
    return {name: moment for name, moment in since.items() if moment != item.created_at}


def breaker_names() -> list[str]:
    """Return the names of the circuit breakers of the hosts of subscriptions."""
    return sorted({item.breaker for item in store.every()})


def delete(actor: Actor, *, subscription_id: UUID) -> None:
    """Delete a subscription. Its pending deliveries end as failed."""
    with transaction() as tx:
        store.remove(tx, str(subscription_id))


@optimistic
def rotate_secret(actor: Actor, *, subscription_id: UUID, body: Rotation) -> Subscription:
    """Replace the signing key; for 24 hours the old one signs too."""
    item, at = store.get(str(subscription_id)), clock.now()
    if ids.made_before():  # perhaps there is a newer key by now
        return with_health(item)
    with transaction() as tx:
        store.change_with_key(tx, item, at, body.secret_key, at + model.KEY_OVERLAP)
        tx.note_made(item.uuid)
    return with_health(item)


def _host(url: str) -> str:
    """Return host and port, for the name of the breaker."""
    target = addresses.parse(url)
    return f"{target.host}:{target.port}"


def in_trouble() -> list[SubscriptionItem]:
    """Return the subscriptions that the service has disabled, then those whose last attempt failed."""
    found = [item for item in store.every() if item.disabled_at or (item.is_active and item.failures)]
    return sorted(found, key=lambda item: (item.disabled_at or "", item.failures), reverse=True)
