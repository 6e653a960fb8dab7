"""Migration 1: items of every list that an earlier release has written get the attribute that indexes project."""

from collections.abc import Iterator
from typing import Any

import pytest
from pynamodb.attributes import BooleanAttribute, ListAttribute, NumberAttribute

from chalicelib.core.conversion import as_item, new_item
from chalicelib.core.dynamo import table_name
from chalicelib.core.listed import LISTED
from chalicelib.core.listing import LISTINGS, Listing
from chalicelib.core.paging import PageRequest
from chalicelib.core.readiness import Seen
from chalicelib.core.transactions import transaction
from chalicelib.migrations import model
from tests.aws_calls import record_calls
from tests.integration.core.test_rights import granted, needed
from tests.integration.migrations.old_stack import migrate
from tests.production import ask, ok, production
from tests.tables import call, tables

NAMES = sorted(name for name in LISTINGS if name not in ("things", "boxes"))
VALUES: dict[type[Any], Any] = {NumberAttribute: 1, BooleanAttribute: True, ListAttribute: []}
AREAS = {"/api/batches": "detail", "/orders": "success", "/api/v1/sites": "error"}


@pytest.fixture
def old_items(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An item in every list, without the attribute."""
    monkeypatch.setattr(model, "LOCAL_SETTLE_SECONDS", 0)
    with production():
        for name in NAMES:
            write_old(LISTINGS[name])
        monkeypatch.setattr(Seen, "applied", 0)
        yield
        tables().empty()  # some items are still without


def write_old(listing: Listing[Any]) -> None:
    """Write and count an item whose attributes have any values."""
    attributes = listing.model.get_attributes().items()
    given = {name: VALUES.get(type(one), f"any {name}") for name, one in attributes if not one.null or one.is_hash_key}
    item = new_item(listing.model, **given)
    index = {name: value for name, value in listing.index(item).items() if name != LISTED}
    call("PutItem", {"TableName": table_name(listing.name), "Item": as_item(item) | index})
    with transaction() as tx:
        listing.count(tx, item, +1)


def test_every_list_has_its_old_items_afterwards(old_items: None) -> None:
    assert migrate(start=True)["is_done"]
    for name in NAMES:
        page = LISTINGS[name].page(PageRequest())
        assert (name, page.total, len(page.items)) == (name, 1, 1)
        (stored,) = tables().items()[table_name(name)]
        assert LISTINGS[name].missing(stored) == {} and LISTED in stored


def test_it_needs_no_right_that_is_missing(old_items: None, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = record_calls(monkeypatch)
    migrate(start=True)
    asked = {right for operation, arguments in calls for right in needed(operation, arguments)}
    assert {operation for operation, _ in asked} == {"GetItem", "BatchGetItem", "Scan", "UpdateItem"}
    assert asked - granted("migrate") == set()


@pytest.mark.parametrize("path", AREAS)
def test_until_then_each_area_refuses_in_its_own_shape(old_items: None, path: str) -> None:
    answer = ask("GET", path)
    assert answer.status == 503 and int(answer.headers["Retry-After"]) > 0
    assert AREAS[path] in answer.json and "готовится после обновления" in answer.text
    problem = ask("GET", path, headers={"Accept": "application/problem+json"}).json
    assert problem["code"] == "LIST_NOT_READY"


def test_what_reads_no_list_works_meanwhile(old_items: None) -> None:
    made = ok("POST", "/api/work_centers", {"identifier": "WC-1", "name": "Цех"})
    assert ok("GET", f"/api/work_centers/{made['uuid']}")["identifier"] == "WC-1"
    migrate(start=True)
    assert LISTINGS["work_centers"].page(PageRequest()).total == 2
