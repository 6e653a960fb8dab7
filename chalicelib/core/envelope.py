"""The shape of every success in the API area of users and orders: `{"success": true, "data": ...}`."""

from typing import Any, ClassVar, Generic, Literal, TypeVar

from chalicelib.core.fields import ListAnswer, Output
from chalicelib.core.paging import PageOf

T = TypeVar("T")


class Data(Output, Generic[T]):
    """A success with one object."""

    success: Literal[True] = True
    data: T


class Meta(Output):
    """The position of a page in its list. `total`: matches of the filters; `next_cursor`: null on the last page."""

    total: int
    limit: int
    offset: int
    next_cursor: str | None = None


class DataPage(ListAnswer, Generic[T]):
    """A success with a page of a list."""

    ITEMS: ClassVar[str] = "data"

    success: Literal[True] = True
    data: list[T]
    meta: Meta

    @classmethod
    def of(cls, page: PageOf[Any], items: list[T]) -> "DataPage[T]":
        """Return the page with its items as clients see them."""
        meta = Meta(total=page.total, limit=page.limit, offset=page.offset, next_cursor=page.next_cursor)
        return cls(data=items, meta=meta).with_cursors_of(page)

    def _cursor_fields(self, cursor: str) -> dict[str, Any]:
        return {"meta": self.meta.model_copy(update={"next_cursor": cursor})}
