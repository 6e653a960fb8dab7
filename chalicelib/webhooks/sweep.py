"""The sweep of deliveries: messages for those that are due without one; deletion after 30 days."""

from datetime import timedelta

from chalicelib.core import clock
from chalicelib.webhooks import deliveries_store, dispatch, model

SWEEP_GRACE = timedelta(seconds=30)  # due for less long, the message may still come
ANNOUNCE_LIMIT = 200  # deliveries of each partition
REMOVE_LIMIT, REMOVE_SECONDS = 20_000, 20.0  # a minute: as many as can be made in one


def announce_late() -> int:
    """Send messages for deliveries that were not taken in time; return how many."""
    late = deliveries_store.due(clock.now() - SWEEP_GRACE, ANNOUNCE_LIMIT)
    dispatch.announce(late)
    return len(late)


def remove_old() -> int:
    """Delete deliveries after 30 days; return how many."""
    return deliveries_store.remove_expired(clock.now() - model.RETENTION, REMOVE_LIMIT, REMOVE_SECONDS)
