"""Messages to the deliverer. A delivery is written before its message is sent; the sweep replaces lost messages."""

from collections.abc import Iterable, Mapping

from chalicelib.core import queues
from chalicelib.core.settings import settings


def announce(delivery_ids: Iterable[str], delay: int = 0) -> None:
    """Send the messages of deliveries, to be received after `delay` seconds."""
    announce_after(dict.fromkeys(delivery_ids, delay))


def announce_after(delays: Mapping[str, int]) -> None:
    """Send the messages of deliveries, each with its delay in seconds."""
    messages = [({"delivery_id": delivery_id}, delay) for delivery_id, delay in delays.items()]
    queues.send(settings().deliveries_queue_url, messages)
