"""Every minute: deliveries that are due and have no message get one, and those that are too old go."""

from datetime import timedelta

from chalicelib.core import clock
from chalicelib.webhooks import deliveries_store, dispatch, model

SWEEP_GRACE = timedelta(seconds=30)  # due for less long: the message is on its way
ANNOUNCE_LIMIT = 200  # of each shard
REMOVE_LIMIT, REMOVE_SECONDS = 20_000, 20.0  # a minute at most: as many as are made, also after a day without sweeps


def announce_late() -> int:
    """Send messages for deliveries that nobody has taken in time; how many."""
    late = deliveries_store.due(clock.now() - SWEEP_GRACE, ANNOUNCE_LIMIT)
    dispatch.announce(late)
    return len(late)


def remove_old() -> int:
    """Forget deliveries after 30 days; how many."""
    return deliveries_store.remove_expired(clock.now() - model.RETENTION, REMOVE_LIMIT, REMOVE_SECONDS)
