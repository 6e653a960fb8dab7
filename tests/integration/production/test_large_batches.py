"""Batches with more products than an answer holds; the limits are made small here, the emulated tables are slow."""

from collections.abc import Iterator
from typing import Any

import pytest
from pynamodb.expressions.operand import Path

from chalicelib.batches import contents, view
from chalicelib.batches.store import BatchItem
from chalicelib.core.conversion import as_item
from chalicelib.core.settings import settings
from chalicelib.products import model, store
from chalicelib.products import service as products
from chalicelib.wiring.listeners import LISTENERS
from tests.bulk import load_products
from tests.production import batch, batch_with, closed_batch, events_of, nothing_written, ok, refused


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A batch shows 20 products, a list 5; 8 lie in a partition; 15 are aggregated by a request, 6 purged."""
    for owner, name, value in [
        (view, "MAX_PRODUCTS", 20),
        (view, "MAX_PRODUCTS_IN_LIST", 5),
        (model, "SHOWN", 20),
        (model, "PAGE", 3),
        (model, "BUCKET", 8),
        (contents, "WRITES_PER_PORTION", 6),  # 4 products and their 2 pages
        (store, "PURGED_TOGETHER", 4),
    ]:
        monkeypatch.setattr(owner, name, value)
    monkeypatch.setenv("SYNC_AGGREGATION_LIMIT", "15")
    monkeypatch.setenv("INLINE_PURGE_LIMIT", "6")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


def numbers(made: dict[str, Any]) -> list[int]:
    return [int(product["unique_code"].rpartition("-")[2]) for product in made["products"]]


def test_one_batch_shows_the_first_products_and_a_list_fewer() -> None:
    made = batch()
    load_products(made["uuid"], 23)
    whole = ok("GET", f"/api/batches/{made['uuid']}")
    assert (numbers(whole), whole["products_total"]) == (list(range(20)), 23)
    (listed,) = ok("GET", "/api/batches")["items"]
    assert (numbers(listed), listed["products_total"]) == (list(range(5)), 23)
    assert listed["products"] == whole["products"][:5]
    added = ok("POST", f"/api/batches/{made['uuid']}/products", {"unique_code": "N-23"})
    assert (numbers(added), added["products_total"]) == (list(range(20)), 24)


def test_the_rest_is_paged_through_the_list_of_products() -> None:
    made, other = batch(), batch()
    load_products(made["uuid"], 23)
    load_products(other["uuid"], 3)
    place = f"/api/products?batch_id={made['uuid']}&sort_direction=asc&limit=10"
    page = ok("GET", f"{place}&offset=20")
    assert (numbers({"products": page["items"]}), page["total"]) == ([20, 21, 22], 23)
    assert page["next_cursor"] is None
    seen, cursor = [], ""
    while cursor is not None:
        page = ok("GET", f"{place}&cursor={cursor}" if cursor else place)
        seen, cursor = seen + page["items"], page["next_cursor"]
    assert numbers({"products": seen}) == list(range(23))


def test_after_removals_the_next_products_move_up() -> None:
    made = batch()
    load_products(made["uuid"], 23)
    whole = ok("GET", f"/api/batches/{made['uuid']}")
    for number in (0, 3, 4, 8, 19):
        place = f"/api/batches/{made['uuid']}/products/{whole['products'][number]['uuid']}"
        shown = ok("DELETE", place)
    left = [number for number in range(23) if number not in (0, 3, 4, 8, 19)]
    assert (numbers(shown), shown["products_total"]) == (left, 18)
    (listed,) = ok("GET", "/api/batches")["items"]
    assert numbers(listed) == left[:5]


def test_an_aggregation_takes_many_transactions_and_counts_all() -> None:
    made = batch()
    load_products(made["uuid"], 15)
    done = ok("PATCH", f"/api/batches/{made['uuid']}/aggregate", {"aggregated_at": "2025-01-20T18:00:00Z"})
    assert {product["aggregated_at"] for product in done["products"]} == {"2025-01-20T18:00:00Z"}
    assert ok("GET", f"/api/products?batch_id={made['uuid']}&is_aggregated=true")["total"] == 15
    assert ok("GET", "/api/products?is_aggregated=false")["total"] == 0
    assert events_of(f"batch#{made['uuid']}")[-1][1]["count"] == 15


def test_too_many_for_one_request_are_left_alone_and_the_other_way_is_named() -> None:
    made = batch()
    load_products(made["uuid"], 16)
    detail = refused(409, "PATCH", f"/api/batches/{made['uuid']}/aggregate")
    assert f"/api/batches/{made['uuid']}/aggregate_async" in detail
    ok("PATCH", f"/api/products/{ok('GET', '/api/products?limit=1')['items'][0]['uuid']}/aggregate")
    ok("PATCH", f"/api/batches/{made['uuid']}/aggregate")
    assert ok("GET", "/api/products?is_aggregated=false")["total"] == 0


def test_a_crashed_aggregation_is_continued_by_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    made = batch()
    load_products(made["uuid"], 12)
    whole, done = contents._aggregate, []

    def dies(*arguments: Any) -> None:
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(whole(*arguments))

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(contents, "_aggregate", dies)
        ok("PATCH", f"/api/batches/{made['uuid']}/aggregate", {"aggregated_at": "2025-01-20T18:00:00Z"})
    place = f"/api/batches/{made['uuid']}"
    assert "повторите" in refused(409, "PATCH", f"{place}/aggregate")
    refused(409, "PATCH", f"{place}/close")
    _expire_lease(made["uuid"])
    times = [product["aggregated_at"] for product in ok("PATCH", f"{place}/aggregate")["products"]]
    assert times[:8] == ["2025-01-20T18:00:00Z"] * 8
    assert len(set(times)) == 2
    assert events_of(f"batch#{made['uuid']}")[-1][1]["count"] == 4
    assert ok("PATCH", f"{place}/close")["is_closed"]


def test_the_many_products_of_a_deleted_batch_follow_by_the_listener() -> None:
    stays, made = batch_with("A"), batch()
    load_products(made["uuid"], 7)
    ok("PATCH", f"/api/batches/{made['uuid']}/close")
    ok("DELETE", f"/api/batches/{made['uuid']}")
    refused(404, "GET", f"/api/batches/{made['uuid']}")
    data = events_of(f"batch#{made['uuid']}")[-1][1]
    for listener in LISTENERS["batch.deleted"]:
        listener(data)
    assert [item["batch_id"] for item in ok("GET", "/api/products")["items"]] == [stays["uuid"]]
    with nothing_written():
        LISTENERS["batch.deleted"][0](data)


def test_a_cascade_purges_a_few_products_itself_and_leaves_the_rest_to_the_listener() -> None:
    place = batch()["work_center_id"]
    for _ in range(3):
        load_products(batch(work_center_id=place)["uuid"], 4)
    ok("DELETE", f"/api/work_centers/{place}?cascade=true")
    assert ok("GET", "/api/batches")["total"] == 0
    assert ok("GET", "/api/products")["total"] == 0
    left = store.deleted_batches()
    assert len(left) == 2
    for batch_id in left:
        assert len(list(store.of_batch(batch_id, 4))) == 4
        LISTENERS["batch.deleted"][0]({"batch_id": batch_id})
    assert store.deleted_batches() == set()


def test_a_product_of_a_batch_that_is_gone_is_not_aggregated() -> None:
    made = batch()
    load_products(made["uuid"], 7)
    ok("PATCH", f"/api/batches/{made['uuid']}/close")
    product = ok("GET", "/api/products?limit=1")["items"][0]["uuid"]
    ok("DELETE", f"/api/batches/{made['uuid']}")
    refused(404, "PATCH", f"/api/products/{product}/aggregate")


def test_a_closed_batch_of_few_products_is_purged_at_once() -> None:
    made = closed_batch("A", "B")
    ok("DELETE", f"/api/batches/{made['uuid']}")
    assert ok("GET", "/api/products")["total"] == 0


def _expire_lease(batch_id: str) -> None:
    BatchItem(batch_id).update(actions=[Path("busy_until").set("2025-01-01T00:00:00.000000Z")])


def test_products_to_aggregate_are_the_same_by_pages_and_by_items() -> None:
    made = batch_with("A", "Б\"'\\", "C", "D", "E")
    ok("PATCH", f"/api/products/{made['products'][2]['uuid']}/aggregate")
    ok("DELETE", f"/api/batches/{made['uuid']}/products/{made['products'][3]['uuid']}")
    by_items = products.waiting(made["uuid"], 5, 4)  # not as many as there are: some were added or removed
    by_pages = products.waiting(made["uuid"], 5, 3)
    assert isinstance(by_pages, list)
    assert not isinstance(by_items, list)
    items = [as_item(one) for one in by_items]
    assert [one["unique_code"]["S"] for one in items] == ["A", "Б\"'\\", "E"]
    assert [as_item(one) for one in by_pages] == items
