"""Which events have subscriptions: the relay does not send events that only webhooks could receive and none does."""

from chalicelib.webhooks import store


def event_names() -> set[str]:
    """Return the events of all active subscriptions, read consistently."""
    return {name for item in store.every() if item.is_active for name in item.events}
