"""What travels about orders."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from chalicelib.core.envelope import Data, DataPage
from chalicelib.core.fields import Cursor, Input, Moment, Name, Output
from chalicelib.orders.model import Item, Status
from chalicelib.users.service import UserView

MAX_ITEMS = 100


def _number(value: Any) -> Any:
    """A JSON number; its digits are those that were sent, not those of the binary fraction."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise PydanticCustomError("decimal_type", "ожидается число")
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
        """The line that rules work with."""
        return Item(self.product, self.quantity, self.price)


Items = Annotated[list[OrderItem], Field(min_length=1, max_length=MAX_ITEMS)]


class OrderCreate(Input):
    """A new order of an existing user."""

    user_id: UUID
    items: Items

    def lines(self) -> list[Item]:
        """Its lines."""
        return [item.line() for item in self.items]


class OrderUpdate(Input):
    """What changes; null is the same as absent. `items` replaces all lines."""

    items: Items | None = None
    status: Status | None = None

    def lines(self) -> list[Item] | None:
        """The new lines, if there are some."""
        return None if self.items is None else [item.line() for item in self.items]


class StatusUpdate(Input):
    """Where the order goes."""

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
    """How to delete a user: with his orders, or only when he has none."""

    cascade: bool = False


class ItemView(Output):
    """A line of an order as clients see it."""

    product: str
    quantity: int
    price: float


class OrderView(Output):
    """An order as clients see it. `items_total` is how many lines it has."""

    id: UUID
    user_id: UUID
    items: list[ItemView]
    items_total: int
    status: Status
    total_amount: float
    created_at: datetime
    updated_at: datetime | None


class StatusTotal(Output):
    """How many orders are in a status, and their sum."""

    count: int
    total_amount: float


class Stats(Output):
    """The orders of the one who asks."""

    user_id: UUID
    total_orders: int
    total_amount: float
    by_status: dict[Status, StatusTotal]


class UserDetails(Output):
    """A user with his newest orders, as many as an answer has room for, and how many he has; `orders` null, and a
    warning, while orders do not answer.
    """

    user: UserView
    orders: list[OrderView] | None
    orders_total: int | None
    warnings: list[str]


class DeletedOrder(Output):
    """An order as it was."""

    message: str
    deleted_order: OrderView = Field(serialization_alias="deletedOrder")


class DeletedUser(Output):
    """A user as he was."""

    message: str
    deleted_user: UserView = Field(serialization_alias="deletedUser")


OrderData = Data[OrderView]
OrderPage = DataPage[OrderView]
StatsData = Data[Stats]
DetailsData = Data[UserDetails]
DeletedOrderData = Data[DeletedOrder]
DeletedUserData = Data[DeletedUser]
