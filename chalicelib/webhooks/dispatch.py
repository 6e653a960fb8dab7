"""Messages to the deliverer. The delivery is written before its message is sent, so a lost message is only late."""

from collections.abc import Iterable

from chalicelib.core import queues
from chalicelib.core.settings import settings


def announce(delivery_ids: Iterable[str], delay: int = 0) -> None:
    """Have deliveries made, after `delay` seconds."""
    messages = [({"delivery_id": delivery_id}, delay) for delivery_id in delivery_ids]
    queues.send(settings().deliveries_queue_url, messages)
