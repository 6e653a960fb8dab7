"""A deleted batch has no products from its answer 204 on, however long the removal of their items takes."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chalicelib.core.aws import client
from chalicelib.core.dynamo import table_name
from chalicelib.core.recount import ListCounters, compare
from chalicelib.core.settings import settings
from chalicelib.products import store
from chalicelib.products.store import PRODUCTS
from chalicelib.wiring.listeners import LISTENERS
from tests.bulk import load_products
from tests.production import ask, batch, batch_body, batch_with, events_of, nothing_written, ok, refused

SORTS = ("created_at", "updated_at", "unique_code", "is_aggregated", "aggregated_at")


@pytest.fixture(autouse=True)
def nothing_is_removed_at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Removing the items is left to the listener, which a test calls or does not."""
    monkeypatch.setenv("INLINE_PURGE_LIMIT", "0")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


def alone(made: dict[str, Any]) -> None:
    ok("PATCH", f"/api/batches/{made['uuid']}/close")
    assert ask("DELETE", f"/api/batches/{made['uuid']}").status == 204


def with_its_work_center(made: dict[str, Any]) -> None:
    assert ask("DELETE", f"/api/work_centers/{made['work_center_id']}?cascade=true").status == 204


def left_over() -> set[str]:
    """The batches of whose products the table still has something."""
    items = client("dynamodb").scan(TableName=table_name("products"))["Items"]
    return {item["batch_id"]["S"] for item in items if "batch_id" in item} | {
        item["pk"]["S"] for item in items if item["sk"]["S"].startswith("shown#")
    }


def listed(query: str = "") -> list[str]:
    """The codes in the list of products, page by page, which has as many as its total says."""
    page = ok("GET", f"/api/products?limit=2{query}")
    codes, total = [item["unique_code"] for item in page["items"]], page["total"]
    while page["next_cursor"]:
        page = ok("GET", f"/api/products?limit=2{query}&cursor={page['next_cursor']}")
        codes += [item["unique_code"] for item in page["items"]]
        assert page["total"] == total
    assert len(codes) == total
    return codes


@pytest.mark.parametrize("delete", [alone, with_its_work_center])
def test_the_products_of_a_deleted_batch_are_in_no_list_and_have_no_id(delete: Callable[[Any], None]) -> None:
    kept = batch_with("A", "B")
    gone = batch_with("A", "B", "C")
    also = batch_with("D")
    for product in (gone["products"][0], kept["products"][1]):
        ok("PATCH", f"/api/products/{product['uuid']}/aggregate")
    delete(gone)
    assert gone["uuid"] in left_over()
    for sort in SORTS:
        for direction in ("asc", "desc"):
            assert sorted(listed(f"&sort_field={sort}&sort_direction={direction}")) == ["A", "B", "D"]
            own = f"&batch_id={gone['uuid']}&sort_field={sort}&sort_direction={direction}"
            assert listed(own) == []
            assert [ok("GET", f"/api/products?offset={n}&limit=1&sort_field={sort}")["total"] for n in (1, 9)] == [3, 3]
    assert listed(f"&batch_id={gone['uuid']}&is_aggregated=true") == []
    assert (listed("&is_aggregated=true"), sorted(listed("&is_aggregated=false"))) == (["B"], ["A", "D"])
    assert (listed("&unique_code=A"), listed("&unique_code=C")) == (["A"], [])
    assert listed("&unique_code=A&is_aggregated=true") == []
    for product in gone["products"]:
        assert refused(404, "GET", f"/api/products/{product['uuid']}") == "Продукт не найден"
        assert refused(404, "PATCH", f"/api/products/{product['uuid']}/aggregate") == "Продукт не найден"
        refused(404, "DELETE", f"/api/batches/{gone['uuid']}/products/{product['uuid']}")
        refused(404, "DELETE", f"/api/batches/{kept['uuid']}/products/{product['uuid']}")
    refused(404, "GET", f"/api/batches/{gone['uuid']}")
    assert {item["uuid"] for item in ok("GET", "/api/batches")["items"]} == {kept["uuid"], also["uuid"]}
    assert compare(ListCounters(PRODUCTS))[0] == {}


def test_number_and_codes_of_a_deleted_batch_may_be_taken_again_at_once() -> None:
    gone = batch_with("A", "B")
    alone(gone)
    same = batch_body(gone["work_center_id"], batch_number=gone["batch_number"], batch_date=gone["batch_date"])
    again = ok("POST", "/api/batches", same)
    for code in ("A", "B"):
        again = ok("POST", f"/api/batches/{again['uuid']}/products", {"unique_code": code})
    assert sorted(listed()) == ["A", "B"]
    for listener in LISTENERS["batch.deleted"]:
        listener({"batch_id": gone["uuid"]})
    assert [product["unique_code"] for product in ok("GET", f"/api/batches/{again['uuid']}")["products"]] == ["A", "B"]
    assert sorted(listed("&unique_code=A") + listed("&unique_code=B")) == ["A", "B"]


def test_the_removal_may_run_twice_and_counts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "PURGED_TOGETHER", 3)
    kept, gone = batch_with("A"), batch()
    load_products(gone["uuid"], 10)
    alone(gone)
    assert listed() == ["A"]
    data = events_of(f"batch#{gone['uuid']}")[-1][1]
    erase_all = store.erase_all

    def second_run(items: Any) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(store, "erase_all", erase_all)
            LISTENERS["batch.deleted"][0](data)
        erase_all(items)

    monkeypatch.setattr(store, "erase_all", second_run)
    LISTENERS["batch.deleted"][0](data)
    with nothing_written():
        LISTENERS["batch.deleted"][0](data)
    assert left_over() == {kept["uuid"]}
    assert store.deleted_batches() == set()
    assert listed() == ["A"]
    assert compare(ListCounters(PRODUCTS))[0] == {}


def test_deleted_batches_of_an_earlier_release_are_purged_and_taken_out_of_counters() -> None:
    kept, gone = batch_with("A"), batch_with("B", "C")
    ok("PATCH", f"/api/products/{gone['products'][0]['uuid']}/aggregate")
    table = {"TableName": table_name("products")}
    client("dynamodb").delete_item(TableName=table_name("batches"), Key={"uuid": {"S": gone["uuid"]}})
    client("dynamodb").put_item(
        **table, Item={"pk": {"S": gone["uuid"]}, "sk": {"S": "purge"}, "purge_upto": {"N": "2"}}
    )
    assert [store.purge(gone["uuid"]) for _ in range(2)] == [2, 0]
    assert (listed(), left_over()) == (["A"], {kept["uuid"]})
    assert compare(ListCounters(PRODUCTS))[0] == {}


def test_many_hidden_entries_are_skipped_in_growing_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    kept, gone = batch_with("first"), batch()
    load_products(gone["uuid"], 400)
    ok("POST", f"/api/batches/{kept['uuid']}/products", {"unique_code": "last"})
    alone(gone)
    asked: list[str] = []
    query = client("dynamodb").query

    def counted(**arguments: Any) -> Any:
        asked.append(arguments.get("IndexName", ""))
        return query(**arguments)

    with monkeypatch.context() as patch:
        patch.setattr(client("dynamodb"), "query", counted)
        page = ok("GET", "/api/products?limit=2")
    assert [item["unique_code"] for item in page["items"]] == ["last", "first"]
    assert len(asked) <= 1 + 8 * settings().listing_shards
