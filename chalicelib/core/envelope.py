"""The frame of every success behind the door of users and orders: `{"success": true, "data": ...}`."""

from typing import Generic, Literal, TypeVar

from chalicelib.core.fields import Output

T = TypeVar("T")


class Data(Output, Generic[T]):
    """One thing."""

    success: Literal[True] = True
    data: T


class Meta(Output):
    """Where a page stands in its list; `total` is how many the filters match."""

    total: int
    limit: int
    offset: int


class DataPage(Output, Generic[T]):
    """A page of a list: a plain array."""

    success: Literal[True] = True
    data: list[T]
    meta: Meta
