"""Cursors that no list has given: none leads out of the filter of its request, and none is a failure."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from pynamodb.attributes import BooleanAttribute, ListAttribute, NumberAttribute
from pynamodb.models import Model

import chalicelib.wiring.routes  # noqa: F401 - registers all routes and tables
from chalicelib.core.errors import Invalid
from chalicelib.core.http import ENDPOINTS, Endpoint
from chalicelib.core.index_reads import END
from chalicelib.core.listing import LISTINGS, Listing
from chalicelib.core.paging import SEPARATOR, PageRequest, encode
from chalicelib.core.transactions import transaction
from tests.production import ask, batch, empty_tables, ok

NAMES = sorted(name for name in LISTINGS if name != "things")
VALUES: dict[type, tuple[Any, Any, Any]] = {NumberAttribute: (1, 2, 3), BooleanAttribute: (False, True, True)}
TEXTS = ("2025-01-01", "2025-01-02", "2025-01-03")
MADE_UP = ("\x01", "~" * 300, "~" * 2_000, END * 3, "x\x1fy", "2", "2025-01-02\x1f", "2025-01-03\x1f2025-01-01\x1fx")


@pytest.fixture(autouse=True)
def empty(tables_of_the_system: None) -> Iterator[None]:
    yield
    empty_tables()


def item_of(listing: Listing[Any], number: int) -> Model:
    """An item whose fields have the value of that number, of three."""
    model, key = listing.model, listing.model._hash_keyname
    values: dict[str, Any] = {}
    for name, attribute in model.get_attributes().items():
        values[name] = VALUES.get(type(attribute), TEXTS)[number % 3]
        if isinstance(attribute, ListAttribute):
            values[name] = []
    own = f"{number:018d}"
    values |= {name: own for name in (key, listing.id_field) if name not in listing.equals}
    made: Model = model(**values)
    return made


def fill(listing: Listing[Any]) -> list[Any]:
    items = [item_of(listing, number) for number in range(9)]
    for item in items:
        with transaction() as tx:
            tx.put(item, index=listing.index(item))
            listing.count(tx, item, +1)
    return items


def matches(listing: Listing[Any], item: Any, name: str, value: Any) -> bool:
    bound = listing.ranges.get(name)
    if bound is None:
        return bool(encode(getattr(item, name)) == encode(value))
    own = encode(getattr(item, bound.field))
    return own >= encode(value) if bound.lower else own <= encode(value)


def forged(listing: Listing[Any], items: list[Any]) -> set[str]:
    """Positions of all items in all orders, and some that nothing has."""
    texts = {listing.index(item)[f"s_{field}"]["S"] for item in items for field in listing.fields}
    return texts | set(MADE_UP) | {f"{text.partition(SEPARATOR)[0]}{SEPARATOR}{END}" for text in texts}


@pytest.mark.parametrize("name", NAMES)
def test_no_cursor_leads_out_of_the_filter(name: str) -> None:
    listing = LISTINGS[name]
    items = fill(listing)
    filters = {one: getattr(items[1], one) for one in listing.equals}
    filters |= {one: getattr(items[1], bound.field) for one, bound in listing.ranges.items()}
    read = 0
    for sort in listing.sorts:
        for descending in (True, False):
            for one, value in filters.items():
                request = PageRequest(100, 0, sort, descending, {one: value})
                for position in forged(listing, items):
                    cursor = request.next_cursor(listing.name, position)
                    try:
                        page = listing.page(PageRequest(100, 0, sort, descending, {one: value}, cursor))
                    except Invalid as refused:
                        assert refused.fields[0]["loc"] == ["query", "cursor"]
                        continue
                    read += len(page.items)
                    assert all(matches(listing, item, one, value) for item in page.items), (sort, one, position)
    assert read or not filters


PATH = {UUID: "00000000-0000-4000-8000-00000000dead", int: "1", str: "x"}
WITH_CURSOR = [one for one in ENDPOINTS if one.query and "cursor" in one.query.model_fields]


@pytest.mark.parametrize("endpoint", WITH_CURSOR, ids=lambda one: one.name)
def test_what_is_no_cursor_of_a_list_is_refused(endpoint: Endpoint) -> None:
    path = place(endpoint)
    other = PageRequest(1).next_cursor("another list", "x")
    for cursor in ("x", "%00", "ё", "%F0%9F%98%80", "AAAA", other, "x" * 4_001):
        refused = ask("GET", f"{path}{'&' if '?' in path else '?'}cursor={cursor}")
        assert refused.status == endpoint.area.invalid_status, (cursor, refused.text[:200])
        assert "cursor" in refused.text


def place(endpoint: Endpoint) -> str:
    """The path of a list that is there."""
    found = dict(PATH)
    if "/api/batches/" in endpoint.path:
        found[UUID] = batch()["uuid"]
    if "/api/webhooks/" in endpoint.path:
        body = {"url": "https://example.com", "events": ["batch.created"], "secret_key": "secret-key"}
        found[UUID] = ok("POST", "/api/webhooks", body)["uuid"]
    if "/sagas/" in endpoint.path:
        found[UUID] = saga()
    if "/defects/" in endpoint.path:
        site = ok("POST", "/api/v1/sites", {"code": "1", "name": "1"})["id"]
        found[UUID] = ok("POST", "/api/v1/defects", {"site_id": site, "title": "1"})["id"]
    if endpoint.path.startswith("/tasks/"):
        ok("POST", "/user", {"name": "Иван"})
    needed = (
        [name for name, field in endpoint.query.model_fields.items() if field.is_required()] if endpoint.query else []
    )
    path = endpoint.path.format(**{name: found[kind] for name, kind in endpoint.path_types.items()})
    return f"{path}?{'&'.join(f'{name}=x' for name in needed)}" if needed else path


def saga() -> str:
    from chalicelib.core import clock
    from chalicelib.reports import store
    from chalicelib.reports.model import Saga

    made = Saga(PATH[UUID], 1, 1, clock.now())
    with transaction() as tx:
        store.add_saga(tx, made)
    return made.saga_id
