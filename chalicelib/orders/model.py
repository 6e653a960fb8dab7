"""Rules and errors of orders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, get_args

from chalicelib.core.actor import Actor
from chalicelib.core.errors import Conflict, Invalid, NotFound, invalid_field
from chalicelib.core.texts import text
from chalicelib.users.model import unknown as unknown_user

Status = Literal["created", "in_progress", "completed", "cancelled"]
STATUSES: tuple[Status, ...] = get_args(Status)
TRANSITIONS: Mapping[Status, tuple[Status, ...]] = {
    "created": ("in_progress", "cancelled"),
    "in_progress": ("completed", "cancelled"),
    "completed": (),
    "cancelled": (),
}
MAX_TOTAL = Decimal("99999999.99")
STATUS_NAMES: Mapping[Status, str] = {
    "created": "создан",
    "in_progress": "в работе",
    "completed": "выполнен",
    "cancelled": "отменен",
}


@dataclass(frozen=True)
class Item:
    """A line of an order; `price` of one piece in rubles, two decimal places."""

    product: str
    quantity: int
    price: Decimal

    @property
    def amount(self) -> Decimal:
        """The price of the line."""
        return self.price * self.quantity


def total(items: Sequence[Item]) -> Decimal:
    """Return the price of an order; Invalid when it is above the maximum."""
    amount = sum((item.amount for item in items), Decimal("0.00"))
    if amount > MAX_TOTAL:
        raise too_expensive()
    return amount


def kopecks(amount: Decimal) -> int:
    """Return an amount of two decimal places in kopecks."""
    return int(amount.scaleb(2))


def amount_of(kopecks: int) -> float:
    """Return kopecks as the nearest number in rubles, which JSON writes with two decimal places at most."""
    return kopecks / 100


def check_transition(before: Status, after: Status) -> None:
    """Raise Conflict when an order cannot change from one status to the other."""
    if after in TRANSITIONS[before]:
        return
    allowed = ", ".join(TRANSITIONS[before]) or text("нет")
    raise Conflict(
        text(
            "status: переход {before} -> {after} невозможен (допустимые переходы: {allowed})",
            before=before,
            after=after,
            allowed=allowed,
        )
    )


def check_items_changeable(status: Status) -> None:
    """Raise Conflict when the order is not in the status `created`."""
    if status != "created":
        raise Conflict(
            text(
                "items: состав меняется только у заказа в статусе created, этот заказ {status}",
                status=text(STATUS_NAMES[status]),
            )
        )


def check_owner(actor: Actor, user_id: str) -> None:
    """Raise NotFound when the actor sees only own orders and this is another user's."""
    if not actor.sees_all and user_id != actor.uuid:
        raise not_found()


def check_customer(actor: Actor, user_id: str) -> None:
    """Raise NotFound when the actor may order only for itself and this is another user."""
    if not actor.sees_all and user_id != actor.uuid:
        raise unknown_user()


def not_found() -> NotFound:
    """No order has that id, or the actor may not see it."""
    return NotFound("Заказ не найден")


def nothing_to_change() -> Invalid:
    """The change has no field."""
    return invalid_field("items", "укажите items или status")


def too_expensive() -> Invalid:
    """The sum of the lines is above the maximum."""
    return invalid_field("items", text("сумма заказа не больше {limit}", limit=MAX_TOTAL))
