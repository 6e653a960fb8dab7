"""Messages to the deliverer. The delivery is written before its message is sent, so a lost message is only late."""

from collections.abc import Iterable, Mapping

from chalicelib.core import queues
from chalicelib.core.settings import settings


def announce(delivery_ids: Iterable[str], delay: int = 0) -> None:
    """Have deliveries made, after `delay` seconds."""
    announce_after(dict.fromkeys(delivery_ids, delay))


def announce_after(delays: Mapping[str, int]) -> None:
    """Have deliveries made, each after so many seconds."""
    messages = [({"delivery_id": delivery_id}, delay) for delivery_id, delay in delays.items()]
    queues.send(settings().deliveries_queue_url, messages)
