"""Rules and errors of orders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, get_args

from chalicelib.core.actor import Actor
from chalicelib.core.errors import Conflict, Invalid, NotFound, invalid_field
from chalicelib.users.model import unknown as unknown_user

Status = Literal["created", "in_progress", "completed", "cancelled"]
STATUSES: tuple[Status, ...] = get_args(Status)
MOVES: Mapping[Status, tuple[Status, ...]] = {
    "created": ("in_progress", "cancelled"),
    "in_progress": ("completed", "cancelled"),
    "completed": (),
    "cancelled": (),
}
LARGEST_TOTAL = Decimal("99999999.99")
WORDS: Mapping[Status, str] = {
    "created": "создан",
    "in_progress": "в работе",
    "completed": "выполнен",
    "cancelled": "отменен",
}


@dataclass(frozen=True)
class Item:
    """A line of an order; `price` of one piece, two places."""

    product: str
    quantity: int
    price: Decimal

    @property
    def amount(self) -> Decimal:
        """What the line costs."""
        return self.price * self.quantity


def total(items: Sequence[Item]) -> Decimal:
    """What an order costs; Invalid when it is more than an order may."""
    amount = sum((item.amount for item in items), Decimal("0.00"))
    if amount > LARGEST_TOTAL:
        raise too_expensive()
    return amount


def kopecks(amount: Decimal) -> int:
    """An amount of two places as a whole number."""
    return int(amount.scaleb(2))


def amount_of(kopecks: int) -> float:
    """Kopecks as the number that clients see: the nearest there is, which is written with two places at most."""
    return kopecks / 100


def check_move(before: Status, after: Status) -> None:
    """Conflict unless an order may go from one status to the other."""
    if after in MOVES[before]:
        return
    allowed = ", ".join(MOVES[before]) or "нет"
    raise Conflict(f"status: переход {before} -> {after} невозможен (допустимые переходы: {allowed})")


def check_items_changeable(status: Status) -> None:
    """Conflict once somebody works on the order."""
    if status != "created":
        raise Conflict(f"items: состав меняется только у заказа в статусе created, этот заказ {WORDS[status]}")


def check_owner(actor: Actor, user_id: str) -> None:
    """NotFound for an order of another user, by one who sees only what is his."""
    if not actor.sees_all and user_id != actor.uuid:
        raise not_found()


def check_customer(actor: Actor, user_id: str) -> None:
    """NotFound for another user, by one who orders for himself alone."""
    if not actor.sees_all and user_id != actor.uuid:
        raise unknown_user()


def not_found() -> NotFound:
    """No order with that id, or somebody else's."""
    return NotFound("Заказ не найден")


def nothing_to_change() -> Invalid:
    """A change without a field."""
    return invalid_field("items", "укажите items или status")


def too_expensive() -> Invalid:
    """The sum of the lines is more than an order may cost."""
    return invalid_field("items", f"сумма заказа не больше {LARGEST_TOTAL}")
