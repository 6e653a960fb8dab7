"""The data of events of users and their orders."""

from uuid import UUID

from chalicelib.events.data.base import EventData


class UserData(EventData):
    """`user.created`, `user.updated`, `user.deleted`: ids of the user, and no personal data."""

    id: UUID
    number: int


class LinkRequested(UserData):
    """`user.invited`, `user.password_forgotten`: the language of the email; null in events of earlier releases."""

    language: str | None = None


class ApiKeyData(EventData):
    """`api_key.created`, `api_key.revoked`: the account of the key, and the UUID of the administrator."""

    id: UUID
    number: int
    changed_by: UUID


class OrderData(EventData):
    """The fields that all events of an order have."""

    order_id: UUID
    user_id: UUID


class OrderWritten(OrderData):
    """`order.created`, `order.updated`: `items_total` lines."""

    status: str
    items_total: int
    total_amount: float


class OrderMoved(OrderData):
    """`order.status_changed`"""

    old_status: str
    new_status: str


class OrderDeleted(OrderData):
    """`order.deleted`: the order before it was deleted."""

    status: str
    total_amount: float
