"""Which events anybody subscribes to: the relay asks before it sends what only webhooks could get."""

from chalicelib.webhooks import store


def event_names() -> set[str]:
    """The events that an active subscription asks for, read consistently."""
    return {name for item in store.every() if item.is_active for name in item.events}
