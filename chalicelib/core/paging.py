"""The request for a page of a list, the page, and the encoding of values as texts that sort as the values do."""

import base64
import binascii
import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any, Generic, TypeVar

from chalicelib.core import clock
from chalicelib.core.errors import Invalid, invalid_field

SEPARATOR = "\x1f"  # between the parts of a sort key; below every character of a value but the GS of marking codes
CREATED = "created_at"
MAX_KEY_BYTES = 1024  # of a sort key in DynamoDB

T = TypeVar("T")
U = TypeVar("U")
CursorAfter = Callable[[int], str]  # a number of items of a page -> the cursor of the page that starts after them


def encode(value: Any) -> str:
    """Return a value as a text that sorts as the value does. Null is empty, and sorts first."""
    if type(value) is str:  # what most are: an item has up to eight in its indexes
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int):
        return f"{value + 10**19:020d}"
    if isinstance(value, datetime):
        return clock.to_text(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def decode(raw: dict[str, Any] | None) -> str:
    """Return the encoded text of an attribute as DynamoDB has it."""
    if raw is None or "NULL" in raw:
        return ""
    if "BOOL" in raw:
        return encode(raw["BOOL"])
    return encode(int(raw["N"])) if "N" in raw else str(raw["S"])


@dataclass(frozen=True)
class PageRequest:
    """A request for a page of a list. `filters` maps the name of a filter to its value; None means not filtered."""

    limit: int = 25
    offset: int = 0
    sort_field: str = CREATED
    descending: bool = True
    filters: Mapping[str, Any] = field(default_factory=dict)
    cursor: str | None = None

    @cached_property
    def encoded(self) -> dict[str, str]:
        """The filters that have a value, encoded."""
        return {name: encode(value) for name, value in self.filters.items() if value is not None}

    def position(self, listing: str) -> str | None:
        """Return the sort key in the cursor; Invalid when it belongs to another list, order or filter."""
        if self.cursor is None:
            return None
        try:
            text = base64.urlsafe_b64decode(self.cursor + "=" * (-len(self.cursor) % 4)).decode()
        except (binascii.Error, ValueError):
            text = ""
        if text[:8] != self._checksum(listing) or len(text) == 8:
            raise foreign_cursor()
        return text[8:]

    def next_cursor(self, listing: str, position: str) -> str:
        """Return the cursor of the page that starts after that sort key."""
        return base64.urlsafe_b64encode(f"{self._checksum(listing)}{position}".encode()).decode().rstrip("=")

    def _checksum(self, listing: str) -> str:
        text = json.dumps([listing, self.sort_field, self.descending, sorted(self.encoded.items())])
        return f"{zlib.crc32(text.encode()):08x}"


def foreign_cursor() -> Invalid:
    """Return the error of a cursor of another list, order or filter."""
    return invalid_field("cursor", "курсор не от этого списка, сортировки или фильтра", where="query")


def _no_cursor(count: int) -> str:
    raise ValueError(f"a list without cursors cannot be cut after {count} items")


@dataclass(frozen=True)
class PageOf(Generic[T]):
    """One page: the items in order, how many items the filters match, and the cursor of the next page.

    `cursor_after` returns that cursor for a page cut after some items. `related` has the items that were read with the
    page (`Listing.page_raw`), as DynamoDB has them; None for one that does not exist.
    """

    items: list[T]
    total: int
    limit: int
    offset: int
    next_cursor: str | None
    related: Mapping[Any, dict[str, Any] | None] = field(default_factory=dict)
    cursor_after: CursorAfter = _no_cursor

    def map(self, convert: Callable[[T], U]) -> "PageOf[U]":
        """Return the page with each item converted."""
        items: list[Any] = [convert(item) for item in self.items]
        page: PageOf[Any] = replace(self, items=items)
        return page

    def filter(self, is_shown: Callable[[T], bool]) -> "PageOf[T]":
        """Return the page without the items that are not shown; its cursors count those that are."""
        places = [place for place, item in enumerate(self.items) if is_shown(item)]
        items = [self.items[place] for place in places]
        return replace(self, items=items, cursor_after=lambda count: self.cursor_after(places[count - 1] + 1))


def page_in_memory(listing: str, request: PageRequest, items: Sequence[T], key: Callable[[T], str]) -> PageOf[T]:
    """Cut a page out of a list that is in memory, in the order of `key`; descending if the request is."""
    after = request.position(listing)
    left = items if after is None else [item for item in items if _follows(key(item), after, request.descending)]
    start = request.offset if after is None else 0
    shown = list(left[start : start + request.limit])

    def cursor_after(count: int) -> str:
        return request.next_cursor(listing, key(shown[count - 1]))

    cursor = cursor_after(len(shown)) if shown and start + len(shown) < len(left) else None
    return PageOf(shown, len(items), request.limit, request.offset, cursor, cursor_after=cursor_after)


def _follows(key: str, after: str, descending: bool) -> bool:
    return key < after if descending else key > after
