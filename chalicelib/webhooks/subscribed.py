"""Which events have subscriptions: the relay does not send events that only webhooks could receive and none does."""

from chalicelib.core import clock
from chalicelib.webhooks import store


def event_names() -> set[str]:
    """Return the events of all subscriptions that have deliveries of them now, read consistently."""
    at = clock.now()
    return {name for item in store.every() if item.takes_events(at) for name in item.events}
