"""The registry of lists, and what fills them: the largest items that are allowed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.core.transactions import Transaction, transaction
from chalicelib.deferred_tasks import model as deferred

WIDE = "😀"  # four bytes, and twelve characters of the JSON that Lambda's runtime makes of an answer
NAME, TEXT, COMMENT = WIDE * 200, WIDE * 10_000, WIDE * 4_000
PAYLOAD = {"text": '"' * ((deferred.MAX_PAYLOAD_BYTES - 20) // 2)}  # each is escaped, and once more on its way
EMAIL_HOST = ".".join(["x" * 60] * 3) + ".ru"


@dataclass
class Filled:
    """A list: the path of its first page, the field that names an item, and the names of all items in their order.

    `cut`: an answer has no room for all items of a page.
    """

    path: str
    key: str
    expected: list[Any]
    cut: bool = False


FILLED: dict[str, Callable[[], Filled]] = {}


def fills(name: str) -> Callable[[Callable[[], Filled]], Callable[[], Filled]]:
    """Register a function that fills the list of this endpoint."""

    def keep(fill: Callable[[], Filled]) -> Callable[[], Filled]:
        FILLED[name] = fill
        return fill

    return keep


def at(number: int) -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number)


def new_id(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def write(count: int, one: Callable[[Transaction, int], None], together: int = 1) -> None:
    """Call `one` for each number from 1 to `count`, so many in a transaction."""
    for start in range(1, count + 1, together):
        with transaction() as tx:
            for number in range(start, min(start + together, count + 1)):
                one(tx, number)
