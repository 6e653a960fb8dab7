"""Tables `webhook_subscriptions`, `webhook_secrets` and `webhook_health`.

All subscriptions are in one partition: there are at most 100, and fan-out reads them all, consistently, so that an
event that was written after a subscription always reaches it.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from pynamodb.attributes import BooleanAttribute, JSONAttribute, ListAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action
from pynamodb.models import Model

from chalicelib.core import clock
from chalicelib.core.conversion import item_from
from chalicelib.core.dynamo import fetch, query, table, update_if
from chalicelib.core.errors import Unavailable
from chalicelib.core.reads import ItemKey, read_together
from chalicelib.core.repeats import back_off
from chalicelib.core.retries import INCONSISTENT_READ
from chalicelib.core.transactions import Changed, Transaction
from chalicelib.webhooks import model

ALL = "all"


@table("webhook_subscriptions")
class SubscriptionItem(Model):
    """A subscription. `failures`: in a row; `notified_at`: the `disabled_at` whose email was sent.

    `since`: since when it receives event types that it does not receive since its creation. `key_version` is that of
    its key in the other table: both are read together, and are consistent when the versions are equal.
    `keeps_events_until`: while it is disabled because of its failures, until when it has deliveries all the same.
    `language`: of the request that made it, for its errors and emails; absent: the default.
    """

    partition = UnicodeAttribute(hash_key=True, default=ALL)
    uuid = UnicodeAttribute(range_key=True)
    created_at = UnicodeAttribute()
    updated_at = UnicodeAttribute(null=True)
    url = UnicodeAttribute()
    host = UnicodeAttribute()
    events: ListAttribute[Any] = ListAttribute(of=UnicodeAttribute)
    is_active = BooleanAttribute()
    retry_count = NumberAttribute()
    timeout = NumberAttribute()
    notify_email = UnicodeAttribute(null=True)
    failures = NumberAttribute(default=0)
    disabled_at = UnicodeAttribute(null=True)
    disabled_reason = UnicodeAttribute(null=True)
    keeps_events_until = UnicodeAttribute(null=True)
    notified_at = UnicodeAttribute(null=True)
    since: JSONAttribute = JSONAttribute(default=dict)
    key_version = NumberAttribute(default=0)
    language = UnicodeAttribute(null=True)

    def receives(self, name: str, at: datetime) -> bool:
        """Return whether it has a delivery of an event of that name and time."""
        since = self.since.get(name, self.created_at)
        return self.takes_events(at) and name in self.events and clock.from_text(since) <= at

    def takes_events(self, at: datetime) -> bool:
        """Return whether it has deliveries of events of that time: to be sent, or to be kept for a redelivery."""
        return self.is_active or clock.to_text(at) <= (self.keeps_events_until or "")

    @property
    def breaker(self) -> str:
        """The name of the circuit breaker of its host."""
        return f"webhook:{self.host}"


@table("webhook_secrets")
class SecretItem(Model):
    """The key of a subscription, and the one before while it still signs."""

    uuid = UnicodeAttribute(hash_key=True)
    secret_key = UnicodeAttribute()
    previous_key = UnicodeAttribute(null=True)
    previous_until = UnicodeAttribute(null=True)
    key_version = NumberAttribute(default=0)


@table("webhook_health", ttl="expires_at")
class HealthItem(Model):
    """Results of the last attempts of a subscription. Not in the subscription, because deliverers write it all the
    time. Deleted by TTL, with the deliveries.
    """

    uuid = UnicodeAttribute(hash_key=True)
    last_error = UnicodeAttribute(null=True)
    last_error_at = UnicodeAttribute(null=True)
    last_delivered_at = UnicodeAttribute(null=True)
    expires_at = NumberAttribute(default=0)


def find(subscription_id: str) -> SubscriptionItem | None:
    """Read a subscription."""
    return fetch(SubscriptionItem, ALL, subscription_id)


def get(subscription_id: str) -> SubscriptionItem:
    """Read a subscription, or raise NotFound."""
    item = find(subscription_id)
    if item is None:
        raise model.not_found()
    return item


def every() -> list[SubscriptionItem]:
    """Read all subscriptions, newest first."""
    return sorted(query(SubscriptionItem, ALL), key=lambda item: (item.created_at, item.uuid), reverse=True)


def add(tx: Transaction, item: SubscriptionItem, secret_key: str) -> None:
    """Write a new subscription with its key."""
    tx.put_new(item)
    tx.put_new(SecretItem(item.uuid, secret_key=secret_key))


def remove(tx: Transaction, subscription_id: str) -> None:
    """Delete a subscription and its key."""
    exists = Path("uuid").exists()
    tx.delete(SubscriptionItem(ALL, subscription_id), condition=exists, error=model.not_found())
    tx.delete(SecretItem(subscription_id))
    tx.delete(HealthItem(subscription_id))


def change(tx: Transaction, item: SubscriptionItem, at: datetime, **changes: Any) -> None:
    """Set fields of a subscription; None removes one. Changed when it was changed since it was read."""
    before, seen = Path("updated_at"), item.updated_at
    same: Condition = (before == seen) if seen else before.does_not_exist()
    changes |= {"updated_at": clock.to_text(at)}
    for name, value in changes.items():
        setattr(item, name, value)
    tx.update(item, _actions(changes), condition=Path("uuid").exists() & same, error=Changed())


def disable(
    tx: Transaction, item: SubscriptionItem, at: datetime, reason: str, *, keeps_events_until: datetime | None = None
) -> None:
    """Disable a subscription; Changed when it is not active."""
    off = {"is_active": False, "disabled_at": clock.to_text(at), "disabled_reason": reason}
    if keeps_events_until:
        off["keeps_events_until"] = clock.to_text(keeps_events_until)
    active = Path("is_active") == True  # noqa: E712 - a condition, not a comparison
    tx.update(item, _actions(off), condition=active, error=Changed())


def count_failure(subscription_id: str) -> SubscriptionItem | None:
    """Count a failed attempt; return the subscription after that."""
    item = SubscriptionItem(ALL, subscription_id)
    return item if update_if(item, [Path("failures").add(1)], Path("uuid").exists()) else None


def reset_failures(subscription_id: str) -> None:
    """Set the failures in a row to 0."""
    update_if(SubscriptionItem(ALL, subscription_id), [Path("failures").set(0)], Path("uuid").exists())


def mark_notified(item: SubscriptionItem) -> None:
    """Record that the email about this disabling was sent."""
    update_if(item, [Path("notified_at").set(item.disabled_at)], Path("disabled_at") == item.disabled_at)


def save_health(subscription_id: str, at: datetime, marks: Mapping[str, str]) -> None:
    """Write the results of the last attempts: fields of HealthItem."""
    expires = Path("expires_at").set(int((at + model.RETENTION).timestamp()))
    update_if(HealthItem(subscription_id), [*(Path(name).set(text) for name, text in marks.items()), expires])


# -- keys -----------------------------------------------------------------------------------------------------------


def with_keys(subscription_ids: Collection[str], at: datetime) -> dict[str, tuple[SubscriptionItem, Sequence[str]]]:
    """Read those of these subscriptions (at most 50) that exist, each with its signing keys, the newest first: one
    request for both tables.
    """
    subscriptions: list[ItemKey] = [(SubscriptionItem, ALL, one) for one in subscription_ids]
    secrets: list[ItemKey] = [(SecretItem, one, None) for one in subscription_ids]
    for attempt in range(INCONSISTENT_READ.max_attempts):
        found = read_together([*subscriptions, *secrets])
        both = [
            (item_from(SubscriptionItem, found[one]), item_from(SecretItem, found[other]))
            for one, other in zip(subscriptions, secrets, strict=True)
            if one in found and other in found
        ]
        if all(item.key_version == key.key_version for item, key in both):
            return {item.uuid: (item, _good_keys(key, at)) for item, key in both}
        back_off(attempt)  # one was read partly before and partly after a change
    raise Unavailable  # the messages are delivered again


def _good_keys(item: SecretItem, at: datetime) -> Sequence[str]:
    if item.previous_key and item.previous_until and item.previous_until > clock.to_text(at):
        return (item.secret_key, item.previous_key)
    return (item.secret_key,)


def change_with_key(
    tx: Transaction,
    item: SubscriptionItem,
    at: datetime,
    secret_key: str,
    until: datetime | None = None,
    **changes: Any,
) -> None:
    """Set fields of a subscription and its key. `until`: how long the old key signs too; None: not at all.

    A rotation to the current key does not change the key before.
    """
    secret = fetch(SecretItem, item.uuid)
    if secret is None:
        raise model.not_found()
    version = int(item.key_version) + 1
    keys = {"secret_key": secret_key, "previous_key": None, "previous_until": None, "key_version": version}
    if until and secret.secret_key == secret_key:
        keys = {"key_version": version}
    elif until:
        keys |= {"previous_key": secret.secret_key, "previous_until": clock.to_text(until)}
    change(tx, item, at, key_version=version, **changes)
    same = Path("secret_key") == secret.secret_key
    tx.update(SecretItem(item.uuid), _actions(keys), condition=same, error=Changed())


def _actions(changes: dict[str, Any]) -> list[Action]:
    return [Path(name).remove() if value is None else _set(name, value) for name, value in changes.items()]


def _set(name: str, value: Any) -> Action:
    attribute = SubscriptionItem.get_attributes().get(name)
    return (attribute or SecretItem.get_attributes()[name]).set(value)
