"""A stack whose items an earlier release has written: its list has no index of `priority` yet, nor its counters."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

import app
from chalicelib.core import readiness, recount
from chalicelib.core.dynamo import TABLES, table
from chalicelib.core.listed import LISTED, code_of
from chalicelib.core.listing import LISTINGS, Listing
from chalicelib.core.paging import PageRequest
from chalicelib.core.transactions import transaction
from chalicelib.migrations import model, service, store
from chalicelib.migrations.model import Migration
from tests.aws_calls import mock_aws
from tests.conftest import make_tables
from tests.http_events import lambda_context
from tests.tables import tables

BOXES = "boxes"
EARLIER = Migration(1, "What every list needs")
FILL = Migration(2, "Boxes are sorted and filtered by priority")
NUMBERS = range(7)
BY_PRIORITY = PageRequest(sort_field="priority", descending=False)


class Stack:
    """The new release, its list, and how items of either release are written."""

    def __init__(self, model: type[Model]) -> None:
        self.model = model
        self.list: Listing[Any] = Listing(
            BOXES, model, id_field="uuid", sorts=("created_at", "team", "priority"), equals=("team", "priority"),
            counted=("team", "priority"), filled_by={"priority": FILL.number},
        )  # fmt: skip

    def box(self, number: int, **values: Any) -> Any:
        """Make an item."""
        created = f"2026-01-01T00:00:{number % 60:02d}.{number:06d}Z"
        return self.model(f"box-{number}", created_at=created, **{"team": "A", "priority": number % 3} | values)

    def write_old(self, number: int, **values: Any) -> Any:
        """Write an item as the earlier release does."""
        item = self.box(number, **values)
        index = {name: value for name, value in self.list.index(item).items() if name != "s_priority"}
        del index[LISTED]["M"][code_of("priority")]
        with transaction() as tx:
            tx.put_new(item, index=index)
            tx.increment(BOXES, +1)
            tx.increment(self.list.counter("team", item.team), +1)
        return item

    def write_new(self, number: int, **values: Any) -> Any:
        """Write an item as this release does; it may replace an item of the earlier one."""
        item = self.box(number, **values)
        with transaction() as tx:
            tx.put(item, index=self.list.index(item))
        return item


@contextmanager
def old_stack(*migrations: Migration, applied: int = 1) -> Iterator[Stack]:
    """Empty tables with the list of boxes, and the code of a release that adds these migrations to the one `applied`;
    with 0 nothing was ever applied.
    """
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setattr(readiness.Seen, "applied", 0)
        patch.setattr(service, "migrations", lambda: (EARLIER, *(migrations or (FILL,))))
        patch.setattr(model, "LOCAL_SETTLE_SECONDS", 0)
        patch.setattr(recount, "PAUSE_SECONDS", 0)
        for registry in (TABLES, LISTINGS):
            patch.setitem(registry, BOXES, None)  # removed with what is registered under the name below
            del registry[BOXES]

        @table(BOXES)
        class Box(Model):
            uuid = UnicodeAttribute(hash_key=True)
            created_at = UnicodeAttribute()
            team = UnicodeAttribute()
            priority = NumberAttribute(null=True)

        stack = Stack(Box)
        del LISTINGS[BOXES]
        patch.setattr("chalicelib.migrations.passes.LISTINGS", {BOXES: stack.list})
        patch.setattr("chalicelib.migrations.store.LISTINGS", {BOXES: stack.list})
        make_tables(BOXES, "counters", "migrations")
        if applied:
            store.save(model.all_applied(applied))
        yield stack


def migrate(**event: Any) -> dict[str, Any]:
    """Call the function as `make migrate` does."""
    return app.migrate(event, lambda_context(900_000))  # type: ignore[no-any-return]


def stored() -> dict[str, dict[str, Any]]:
    """The items by id."""
    return {item["uuid"]["S"]: item for item in tables().items()[f"shopfloor-test-{BOXES}"]}


def page(stack: Stack, request: PageRequest = BY_PRIORITY) -> tuple[list[str], int]:
    """The ids of a page, and its total."""
    found = stack.list.page(request)
    return [box.uuid for box in found.items], found.total


def assert_migrated(stack: Stack) -> None:
    """Every item is in the new index, and its counters are right."""
    by_priority = sorted(NUMBERS, key=lambda number: (number % 3, number))
    assert page(stack) == ([f"box-{number}" for number in by_priority], len(NUMBERS))
    for priority, number in {0: 3, 1: 2, 2: 2}.items():
        matching = PageRequest(filters={"priority": priority})
        assert page(stack, matching)[1] == len(page(stack, matching)[0]) == number
    assert [(row["status"], row["percent"]) for row in service.describe()["items"]] == [("done", 100)] * 2
