"""Products of a batch: added, removed, aggregated one by one or all together."""

from typing import Any

import pytest

from chalicelib.batches import contents
from chalicelib.core.transactions import Changed
from tests.aws_calls import record_calls
from tests.production import (
    UNKNOWN,
    ask,
    batch,
    batch_with,
    events_of,
    events_of_product,
    ok,
    refused,
    wrong_fields,
)

FIELDS = {"uuid", "created_at", "updated_at", "unique_code", "batch_id", "is_aggregated", "aggregated_at"}
AT = "2025-01-20T18:00:00Z"


def codes(made: dict[str, Any]) -> list[str]:
    return [product["unique_code"] for product in made["products"]]


def test_adding_answers_the_batch_with_the_product_as_the_contract_shows() -> None:
    made = batch()
    answer = ask("POST", f"/api/batches/{made['uuid']}/products", {"unique_code": " PROD-001 "})
    assert answer.status == 200
    product = answer.json["products"][0]
    assert answer.json == made | {
        "products": [product], "products_total": 1, "aggregated_total": 0, "updated_at": answer.json["updated_at"],
    }  # fmt: skip
    assert set(product) == FIELDS
    assert (product["unique_code"], product["batch_id"]) == ("PROD-001", made["uuid"])
    assert (product["updated_at"], product["is_aggregated"], product["aggregated_at"]) == (None, False, None)
    assert product["created_at"] == answer.json["updated_at"]
    assert product["created_at"].endswith("Z")
    assert ok("GET", f"/api/products/{product['uuid']}") == product
    assert ok("GET", f"/api/batches/{made['uuid']}") == answer.json


@pytest.mark.parametrize("meets", ["no other writer", "another writer"])
def test_a_short_answer_is_the_batch_without_its_products_which_are_not_read(
    meets: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = batch_with("A", "B")
    if meets == "another writer":

        def lost(*_: Any, **__: Any) -> None:
            raise Changed

        monkeypatch.setattr(contents, "_add_next", lost)
    calls = record_calls(monkeypatch)
    answer = ask("POST", f"/api/batches/{made['uuid']}/products?with_products=false", {"unique_code": "C"})
    assert answer.status == 200
    read = str([arguments for operation, arguments in calls if operation in ("BatchGetItem", "GetItem", "Query")])
    assert "shown#" not in read  # the sort key of pages of products
    assert "etag" not in {name.lower() for name in answer.headers}
    whole = ok("GET", f"/api/batches/{made['uuid']}")
    assert answer.json == whole | {"products": []}
    assert codes(whole) == ["A", "B", "C"]


def test_adding_and_removing_record_their_events() -> None:
    made = batch_with("A")
    product = made["products"][0]["uuid"]
    ok("DELETE", f"/api/batches/{made['uuid']}/products/{product}")
    _, *changes = events_of(f"batch#{made['uuid']}")
    assert [name for name, _ in changes] == ["batch.product_added", "batch.product_removed"]
    for _, data in changes:
        assert data == {
            "aggregate_id": made["uuid"],
            "occurred_at": data["occurred_at"],
            "batch_id": made["uuid"],
            "batch_number": made["batch_number"],
            "product_id": product,
            "unique_code": "A",
        }


def test_a_code_is_unique_within_its_batch_only() -> None:
    one, other = batch_with("A"), batch_with("A")
    assert "A" in refused(409, "POST", f"/api/batches/{one['uuid']}/products", {"unique_code": "A"})
    assert codes(ok("POST", f"/api/batches/{one['uuid']}/products", {"unique_code": "a"})) == ["A", "a"]
    assert ok("GET", "/api/products?unique_code=A")["total"] == 2
    assert {item["batch_id"] for item in ok("GET", "/api/products?unique_code=A")["items"]} == {
        one["uuid"],
        other["uuid"],
    }


@pytest.mark.parametrize("value", [None, "", " ", 1, [], {}, "a\nb", "x" * 201])
def test_a_code_is_a_text_of_one_line(value: object) -> None:
    place = f"/api/batches/{batch()['uuid']}/products"
    assert list(wrong_fields("POST", place, {"unique_code": value})) == ["body.unique_code"]
    assert list(wrong_fields("POST", place)) == ["body.unique_code"]


def test_a_removed_product_is_gone_and_its_code_is_free() -> None:
    made = batch_with("A", "B")
    gone = made["products"][0]["uuid"]
    answer = ask("DELETE", f"/api/batches/{made['uuid']}/products/{gone}")
    assert answer.status == 200
    assert codes(answer.json) == ["B"]
    assert answer.json["products_total"] == 1
    assert answer.json["updated_at"] > made["updated_at"]
    refused(404, "GET", f"/api/products/{gone}")
    assert refused(404, "DELETE", f"/api/batches/{made['uuid']}/products/{gone}") == "Продукт не найден"
    assert codes(ok("POST", f"/api/batches/{made['uuid']}/products", {"unique_code": "A"})) == ["B", "A"]


def test_a_product_of_another_batch_is_not_removed() -> None:
    one, other = batch_with("A"), batch_with("B")
    product = other["products"][0]["uuid"]
    assert refused(404, "DELETE", f"/api/batches/{one['uuid']}/products/{product}") == "Продукт не найден"


@pytest.mark.parametrize(("method", "tail"), [("GET", ""), ("PATCH", "/aggregate")])
def test_an_unknown_product_is_404_and_a_malformed_id_422(method: str, tail: str) -> None:
    assert refused(404, method, f"/api/products/{UNKNOWN}{tail}") == "Продукт не найден"
    assert list(wrong_fields(method, f"/api/products/1{tail}")) == ["path.product_id"]


def test_one_product_is_aggregated_once() -> None:
    made = batch_with("A", "B")
    place = f"/api/products/{made['products'][0]['uuid']}/aggregate"
    answer = ask("PATCH", place, {"aggregated_at": "2025-01-20T21:00:00+03:00"})
    product = answer.json
    assert answer.status == 200
    assert product == made["products"][0] | {
        "is_aggregated": True, "aggregated_at": AT, "updated_at": product["updated_at"],
    }  # fmt: skip
    assert product["updated_at"] > product["created_at"]
    assert ok("GET", f"/api/products/{product['uuid']}") == product
    assert ok("GET", f"/api/batches/{made['uuid']}")["products"][0] == product
    assert ok("GET", "/api/batches")["items"][0]["products"][0] == product
    assert ok("GET", "/api/products?is_aggregated=true")["items"] == [product]
    assert refused(409, "PATCH", place) == "Продукт уже агрегирован"
    ((name, data),) = events_of_product(product)
    assert name == "product.aggregated"
    assert data == {
        "aggregate_id": product["uuid"],
        "occurred_at": data["occurred_at"],
        "product_id": product["uuid"],
        "batch_id": made["uuid"],
        "aggregated_at": AT,
    }


@pytest.mark.parametrize("body", [None, {}, {"aggregated_at": None}])
def test_without_a_time_it_is_aggregated_now(body: object) -> None:
    made = batch_with("A")
    product = ok("PATCH", f"/api/products/{made['products'][0]['uuid']}/aggregate", body)
    assert product["aggregated_at"] == product["updated_at"] > product["created_at"]


@pytest.mark.parametrize("value", ["", "вчера", 0, False, [], "1737331200", "2025-01-20T18:00:00+99:00"])
def test_a_time_of_aggregation_that_is_none_is_refused(value: object) -> None:
    made = batch_with("A")
    for place in (f"/api/batches/{made['uuid']}", f"/api/products/{made['products'][0]['uuid']}"):
        assert list(wrong_fields("PATCH", f"{place}/aggregate", {"aggregated_at": value})) == ["body.aggregated_at"]


def test_aggregating_the_batch_keeps_earlier_times_and_does_not_close() -> None:
    made = batch_with("A", "B", "C")
    first = ok(
        "PATCH", f"/api/products/{made['products'][1]['uuid']}/aggregate", {"aggregated_at": "2025-01-01T00:00:00Z"}
    )
    answer = ask("PATCH", f"/api/batches/{made['uuid']}/aggregate", {"aggregated_at": AT})
    assert answer.status == 202
    assert [product["aggregated_at"] for product in answer.json["products"]] == [AT, first["aggregated_at"], AT]
    assert answer.json["products"][1] == first
    assert (answer.json["is_closed"], answer.json["closed_at"]) == (False, None)
    assert answer.json["updated_at"] > made["updated_at"]
    assert ok("GET", f"/api/batches/{made['uuid']}") == answer.json
    name, data = events_of(f"batch#{made['uuid']}")[-1]
    assert name == "batch.aggregated"
    assert data == {
        "aggregate_id": made["uuid"],
        "occurred_at": data["occurred_at"],
        "batch_id": made["uuid"],
        "batch_number": made["batch_number"],
        "aggregated_at": AT,
        "count": 2,
    }
    for product in made["products"]:
        assert [name for name, _ in events_of_product(product)] == ["product.aggregated"]


def test_an_empty_batch_is_aggregated_too() -> None:
    made = batch()
    answer = ask("PATCH", f"/api/batches/{made['uuid']}/aggregate")
    assert (answer.status, answer.json["products"], answer.json["is_closed"]) == (202, [], False)
    assert events_of(f"batch#{made['uuid']}")[-1][1]["count"] == 0


def test_a_batch_is_aggregated_again_after_more_products_came() -> None:
    made = batch_with("A")
    place = f"/api/batches/{made['uuid']}"
    ok("PATCH", f"{place}/aggregate", {"aggregated_at": AT})
    ok("POST", f"{place}/products", {"unique_code": "B"})
    again = ok("PATCH", f"{place}/aggregate", {"aggregated_at": "2025-01-21T00:00:00Z"})
    assert [product["aggregated_at"] for product in again["products"]] == [AT, "2025-01-21T00:00:00Z"]


def test_an_aggregated_product_can_be_removed() -> None:
    made = batch_with("A", "B")
    ok("PATCH", f"/api/batches/{made['uuid']}/aggregate")
    left = ok("DELETE", f"/api/batches/{made['uuid']}/products/{made['products'][0]['uuid']}")
    assert codes(left) == ["B"]
    assert ok("GET", "/api/products?is_aggregated=true")["total"] == 1
