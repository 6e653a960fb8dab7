"""Request and response models of orders."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field

from chalicelib.core.envelope import Data, DataPage
from chalicelib.core.fields import Cursor, Input, Moment, Name, Output
from chalicelib.core.validation import broken_rule
from chalicelib.orders.model import Item, Status
from chalicelib.users.service import UserView

MAX_ITEMS = 100


def _number(value: Any) -> Any:
    """Return a JSON number as a decimal with the digits of the request, not of the binary fraction."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise broken_rule("decimal_type", "ожидается число")
    return Decimal(str(value))


Price = Annotated[
    Decimal,
    BeforeValidator(_number, json_schema_input_type=Annotated[float, Field(ge=0.01, le=1_000_000, multiple_of=0.01)]),
    Field(ge=Decimal("0.01"), le=Decimal(1_000_000), decimal_places=2),
]


class OrderItem(Input):
    """A line of an order."""

    product: Name
    quantity: Annotated[int, Field(strict=True, ge=1, le=10_000)]
    price: Price

    def line(self) -> Item:
        """Return the line for the rules."""
        return Item(self.product, self.quantity, self.price)


Items = Annotated[list[OrderItem], Field(min_length=1, max_length=MAX_ITEMS)]


class OrderCreate(Input):
    """A new order of an existing user."""

    user_id: UUID
    items: Items

    def lines(self) -> list[Item]:
        """Return the lines of the order."""
        return [item.line() for item in self.items]


class OrderUpdate(Input):
    """The fields to change; null is the same as absent. `items` replaces all lines."""

    items: Items | None = None
    status: Status | None = None

    def lines(self) -> list[Item] | None:
        """Return the new lines; None when they do not change."""
        return None if self.items is None else [item.line() for item in self.items]


class StatusUpdate(Input):
    """The new status of an order."""

    status: Status


class OrderQuery(Input):
    """The list of orders, newest first unless `sort_direction=ASC`."""

    user_id: Annotated[UUID | None, Field(alias="userId")] = None
    status: Status | None = None
    created_from: Moment | None = None
    created_to: Moment | None = None
    limit: Annotated[int, Field(ge=1, le=1_000)] = 100
    offset: Annotated[int, Field(ge=0, le=10**9)] = 0
    cursor: Cursor = None
    sort_direction: Literal["ASC", "DESC"] = "DESC"


class UserDelete(Input):
    """How to delete a user: `cascade` deletes the orders too, else the user must have none."""

    cascade: bool = False


class ItemView(Output):
    """A line of an order."""

    product: str
    quantity: int
    price: float


class OrderView(Output):
    """An order. `items_total` is the number of its lines."""

    id: UUID
    user_id: UUID
    items: list[ItemView]
    items_total: int
    status: Status
    total_amount: float
    created_at: datetime
    updated_at: datetime | None


class StatusTotal(Output):
    """The number of orders in a status, and their sum."""

    count: int
    total_amount: float


class Stats(Output):
    """Statistics of the own orders."""

    user_id: UUID
    total_orders: int
    total_amount: float
    by_status: dict[Status, StatusTotal]


class UserDetails(Output):
    """A user with the newest orders, as many as fit into a response, and their total number; during an outage of
    orders, `orders` is null and there is a warning.
    """

    user: UserView
    orders: list[OrderView] | None
    orders_total: int | None
    warnings: list[str]


class DeletedOrder(Output):
    """A deleted order."""

    message: str
    deleted_order: OrderView = Field(serialization_alias="deletedOrder")


class DeletedUser(Output):
    """A deleted user."""

    message: str
    deleted_user: UserView = Field(serialization_alias="deletedUser")


OrderData = Data[OrderView]
OrderPage = DataPage[OrderView]
StatsData = Data[Stats]
DetailsData = Data[UserDetails]
DeletedOrderData = Data[DeletedOrder]
DeletedUserData = Data[DeletedUser]
