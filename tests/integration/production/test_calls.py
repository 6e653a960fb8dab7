"""How many requests to DynamoDB a call of the API makes on the local stage, and what it answers when others write."""

from collections.abc import Callable
from typing import Any

import pytest

from bench.calls import counted
from chalicelib.core.aws import client
from tests.production import ask, batch, batch_with, ok, work_center
from tests.stages import stage_with


def requests_of(method: str, path: str, body: Any = None) -> list[str]:
    """The operations that a call makes, one after the other."""
    with counted() as calls:
        ok(method, path, body)
    return calls.operations


def test_reads_and_writes_of_batches_make_few_requests() -> None:
    with stage_with((1, 1)):
        place = work_center()["uuid"]
        made = batch_with("A", "B", work_center_id=place)
        path = f"/api/batches/{made['uuid']}"
        assert requests_of("GET", path) == ["BatchGetItem"]
        assert requests_of("GET", "/api/batches?sort_field=team") == ["Query", "BatchGetItem"]
        assert requests_of("GET", f"/api/batches?work_center_id={place}") == ["Query", "BatchGetItem"]
        filtered = requests_of("GET", f"/api/batches?work_center_id={place}&sort_field=team")
        assert filtered == ["BatchGetItem", "Query", "BatchGetItem"]
        assert requests_of("PATCH", path, {"team": "Б"}) == ["BatchGetItem", "TransactWriteItems"]
        assert requests_of("POST", f"{path}/products", {"unique_code": "C"}) == ["BatchGetItem", "TransactWriteItems"]
        product = made["products"][0]["uuid"]
        aggregated = requests_of("PATCH", f"/api/products/{product}/aggregate", {})
        assert aggregated == ["GetItem", "BatchGetItem", "TransactWriteItems"]


def test_all_pages_of_a_batch_are_read_with_it_once_their_number_is_known() -> None:
    with stage_with((1, 1)):
        path = f"/api/batches/{batch_with(*(f'P-{number}' for number in range(30)))['uuid']}"
        requests_of("GET", path)
        assert requests_of("GET", path) == ["BatchGetItem"]
        added = requests_of("POST", f"{path}/products", {"unique_code": "C"})
        assert added == ["BatchGetItem", "TransactWriteItems"]
        assert ok("GET", path)["products_total"] == len(ok("GET", path)["products"]) == 31


def test_the_answer_to_adding_is_what_a_read_answers() -> None:
    made = batch()
    for number in range(30):  # past the first page of products
        added = ok("POST", f"/api/batches/{made['uuid']}/products", {"unique_code": f"P-{number}"})
        assert added == ok("GET", f"/api/batches/{made['uuid']}")
        assert added["products_total"] == number + 1


def add_meanwhile(monkeypatch: pytest.MonkeyPatch, change: Callable[[], Any]) -> None:
    """Have `change` happen once, after the next read and before the write that follows from it."""
    real = client("dynamodb").batch_get_item

    def read(**arguments: Any) -> Any:
        answer = real(**arguments)
        monkeypatch.setattr(client("dynamodb"), "batch_get_item", real)
        change()
        return answer

    monkeypatch.setattr(client("dynamodb"), "batch_get_item", read)


@pytest.mark.parametrize("others", ["add", "aggregate", "change"])
def test_a_product_is_added_beside_other_writers(monkeypatch: pytest.MonkeyPatch, others: str) -> None:
    made = batch_with("A")
    path = f"/api/batches/{made['uuid']}"
    changes = {
        "add": lambda: ok("POST", f"{path}/products", {"unique_code": "B"}),
        "aggregate": lambda: ok("PATCH", f"/api/products/{made['products'][0]['uuid']}/aggregate", {}),
        "change": lambda: ok("PATCH", path, {"team": "Б"}),
    }
    add_meanwhile(monkeypatch, changes[others])
    added = ok("POST", f"{path}/products", {"unique_code": "C"})
    assert added == ok("GET", path)
    assert [one["unique_code"] for one in added["products"]][-1] == "C"
    assert added["products_total"] == len(added["products"])


def test_the_same_code_added_meanwhile_and_a_batch_closed_meanwhile_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = f"/api/batches/{batch()['uuid']}"
    add_meanwhile(monkeypatch, lambda: ok("POST", f"{path}/products", {"unique_code": "A"}))
    refused = ask("POST", f"{path}/products", {"unique_code": "A"})
    assert (refused.status, refused.json["detail"]) == (409, "Продукт с кодом «A» уже есть в партии")
    add_meanwhile(monkeypatch, lambda: ok("PATCH", f"{path}/close"))
    refused = ask("POST", f"{path}/products", {"unique_code": "B"})
    assert (refused.status, refused.json["detail"]) == (409, "Партия закрыта: продукты не добавляются")
    assert ok("GET", path)["products_total"] == 1


def test_a_first_page_that_is_older_than_its_batch_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    path = f"/api/batches/{batch_with('A', 'B')['uuid']}"
    real = client("dynamodb").batch_get_item

    def read(**arguments: Any) -> Any:
        answer = real(**arguments)
        for item in answer["Responses"].get("shopfloor-test-products", []):
            item.pop("p001", None)  # as the page was before B
        monkeypatch.setattr(client("dynamodb"), "batch_get_item", real)
        return answer

    monkeypatch.setattr(client("dynamodb"), "batch_get_item", read)
    added = ok("POST", f"{path}/products", {"unique_code": "C"})
    assert [one["unique_code"] for one in added["products"]] == ["A", "B", "C"]


QUOTED = 'Я "1" \\2'


def test_an_aggregation_answers_what_was_written_and_reads_no_products_again(monkeypatch: pytest.MonkeyPatch) -> None:
    path = f"/api/batches/{batch_with('A', QUOTED)['uuid']}"
    answers: list[Any] = []
    with counted() as calls:
        answers.append(ok("PATCH", f"{path}/aggregate", {"aggregated_at": "2025-01-20T18:00:00Z"}))
    assert calls.operations[-2:] == ["TransactWriteItems", "GetItem"]
    assert answers == [ok("GET", path)]


@pytest.mark.parametrize("others", ["add", "remove", "aggregate"])
def test_an_aggregation_answers_what_is_there_when_others_write(monkeypatch: pytest.MonkeyPatch, others: str) -> None:
    made = batch_with("A", "B")
    path, product = f"/api/batches/{made['uuid']}", made["products"][0]["uuid"]
    earlier = {"aggregated_at": "2025-01-19T00:00:00Z"}
    changes = {
        "add": lambda: ok("POST", f"{path}/products", {"unique_code": "C"}),
        "remove": lambda: ok("DELETE", f"{path}/products/{product}"),
        "aggregate": lambda: ok("PATCH", f"/api/products/{product}/aggregate", earlier),
    }
    add_meanwhile(monkeypatch, changes[others])
    answer = ok("PATCH", f"{path}/aggregate", {"aggregated_at": "2025-01-20T18:00:00Z"})
    assert answer == ok("GET", path)
    assert sum(one["is_aggregated"] for one in answer["products"]) == (1 if others == "remove" else 2)
