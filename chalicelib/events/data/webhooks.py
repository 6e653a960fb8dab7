"""The data of events of webhook subscriptions."""

from uuid import UUID

from chalicelib.events.data.base import EventData


class WebhookDisabled(EventData):
    """`webhook.disabled`: by the system, not by its owner."""

    subscription_id: UUID
    url: str
    reason: str
    failures: int
