"""Many clients at once on the deployed stack: what has to be unique stays so, totals are exact, nobody is refused."""

import uuid
from collections import Counter
from typing import Any

import pytest

from tests.e2e.production import at_once, events_of, load_products, new_batch, new_center, ok, statuses
from tests.e2e.stack import Stack
from tests.production import batch_body
from tests.waiting import wait_for

WRITERS = 32


def post(stack: Stack, path: str, body: Any) -> Any:
    return stack.call("POST", path, json=body)


def test_one_of_many_gets_the_number_of_a_day(stack: Stack) -> None:
    body = batch_body(new_center(stack), batch_number=77_001)
    answers = at_once(lambda _: post(stack, "/api/batches", body), range(WRITERS))
    assert statuses(answers) == {201: 1, 409: WRITERS - 1}
    assert ok(stack, "GET", "/api/batches?batch_number=77001")["total"] == 1


def test_one_of_many_gets_the_number_by_a_patch(stack: Stack) -> None:
    place = new_center(stack)
    batches = [new_batch(stack, work_center_id=place)["uuid"] for _ in range(8)]
    answers = at_once(lambda one: stack.call("PATCH", f"/api/batches/{one}", json={"batch_number": 77_002}), batches)
    assert statuses(answers) == {200: 1, 409: 7}
    assert ok(stack, "GET", "/api/batches?batch_number=77002")["total"] == 1


def test_one_of_many_gets_the_identifier(stack: Stack) -> None:
    body = {"identifier": str(uuid.uuid4()), "name": "Цех"}
    answers = at_once(lambda _: post(stack, "/api/work_centers", body), range(WRITERS))
    assert statuses(answers) == {201: 1, 409: WRITERS - 1}
    assert ok(stack, "GET", f"/api/work_centers?identifier={body['identifier']}")["total"] == 1


def test_one_of_many_adds_the_code(stack: Stack) -> None:
    place = f"/api/batches/{new_batch(stack)['uuid']}"
    answers = at_once(lambda _: post(stack, f"{place}/products", {"unique_code": "A"}), range(WRITERS))
    assert statuses(answers) == {200: 1, 409: WRITERS - 1}
    whole = ok(stack, "GET", place)
    assert (len(whole["products"]), whole["products_total"]) == (1, 1)


def test_many_codes_at_once_are_all_there(stack: Stack) -> None:
    made = new_batch(stack)
    place = f"/api/batches/{made['uuid']}"
    answers = at_once(lambda n: post(stack, f"{place}/products", {"unique_code": f"A-{n}"}), range(WRITERS))
    assert statuses(answers) == {200: WRITERS}
    whole = ok(stack, "GET", place)
    assert {product["unique_code"] for product in whole["products"]} == {f"A-{n}" for n in range(WRITERS)}
    assert whole["products_total"] == WRITERS
    assert ok(stack, "GET", f"/api/products?batch_id={made['uuid']}")["total"] == WRITERS
    names = Counter(event["name"] for event in events_of(stack, f"batch#{made['uuid']}"))
    assert names == {"batch.created": 1, "batch.product_added": WRITERS}


def test_closing_wins_or_loses_against_adding_but_never_both(stack: Stack) -> None:
    made = new_batch(stack)
    place = f"/api/batches/{made['uuid']}"

    def work(number: int) -> Any:
        if number % 4 == 3:
            return stack.call("PATCH", f"{place}/close")
        return post(stack, f"{place}/products", {"unique_code": f"A-{number}"})

    answers = at_once(work, range(WRITERS))
    closes, adds = statuses(answers[3::4]), [a for n, a in enumerate(answers) if n % 4 != 3]
    assert closes == {200: 1, 409: WRITERS // 4 - 1}
    assert set(statuses(adds)) <= {200, 409}
    whole = ok(stack, "GET", place)
    assert whole["is_closed"]
    assert whole["products_total"] == len(whole["products"]) == statuses(adds).get(200, 0)
    log = [event["name"] for event in events_of(stack, f"batch#{made['uuid']}")]
    assert Counter(log)["batch.product_added"] == whole["products_total"]
    assert Counter(log)["batch.closed"] == 1


def test_one_of_many_deletes_the_batch(stack: Stack) -> None:
    made = new_batch(stack)
    place = f"/api/batches/{made['uuid']}"
    for number in range(3):
        post(stack, f"{place}/products", {"unique_code": f"A-{number}"})
    ok(stack, "PATCH", f"{place}/close")
    answers = at_once(lambda _: stack.call("DELETE", place), range(16))
    assert statuses(answers) == {204: 1, 404: 15}
    assert ok(stack, "GET", f"/api/products?batch_id={made['uuid']}")["total"] == 0
    assert [event["name"] for event in events_of(stack, f"batch#{made['uuid']}")].count("batch.deleted") == 1


def test_one_of_many_removes_the_product(stack: Stack) -> None:
    made = new_batch(stack)
    place = f"/api/batches/{made['uuid']}/products"
    product = post(stack, place, {"unique_code": "A"}).json()["products"][0]["uuid"]
    answers = at_once(lambda _: stack.call("DELETE", f"{place}/{product}"), range(16))
    assert statuses(answers) == {200: 1, 404: 15}
    assert ok(stack, "GET", f"/api/batches/{made['uuid']}")["products_total"] == 0


def test_one_of_many_aggregates_the_product(stack: Stack) -> None:
    made = new_batch(stack)
    added = post(stack, f"/api/batches/{made['uuid']}/products", {"unique_code": "A"}).json()
    product = added["products"][0]["uuid"]
    answers = at_once(lambda _: stack.call("PATCH", f"/api/products/{product}/aggregate"), range(16))
    assert statuses(answers) == {200: 1, 409: 15}
    log = [event["name"] for event in events_of(stack, f"batch#{made['uuid']}")]
    assert log.count("product.aggregated") == 1


def test_aggregations_of_one_batch_do_each_product_once(stack: Stack) -> None:
    made = new_batch(stack)
    load_products(stack, made["uuid"], 100)
    place = f"/api/batches/{made['uuid']}"
    answers = at_once(lambda _: stack.call("PATCH", f"{place}/aggregate"), range(6))
    assert set(statuses(answers)) <= {202, 409}
    log = events_of(stack, f"batch#{made['uuid']}")
    assert sum(event["data"]["count"] for event in log if event["name"] == "batch.aggregated") == 100
    assert sum(event["name"] == "product.aggregated" for event in log) == 100
    assert ok(stack, "GET", f"/api/products?batch_id={made['uuid']}&is_aggregated=true&limit=1")["total"] == 100


def test_a_work_center_is_deleted_or_gets_its_batch_but_not_both(stack: Stack) -> None:
    place = new_center(stack)

    def work(number: int) -> Any:
        if number % 4 == 3:
            return stack.call("DELETE", f"/api/work_centers/{place}")
        return post(stack, "/api/batches", batch_body(place, batch_number=78_000 + number))

    answers = at_once(work, range(16))
    made = statuses(a for n, a in enumerate(answers) if n % 4 != 3).get(201, 0)
    assert set(statuses(answers)) <= {201, 204, 404, 409}
    assert ok(stack, "GET", f"/api/batches?work_center_id={place}")["total"] == made
    assert stack.call("GET", f"/api/work_centers/{place}").status_code == (200 if made else 404)


@pytest.fixture(scope="module")
def crowd(stack: Stack) -> tuple[str, list[Any]]:
    """A work centre, and the answers of 64 who made a batch there at the same time."""
    place = new_center(stack)

    def work(number: int) -> Any:
        body = batch_body(place, batch_number=79_000 + number, batch_date="2031-01-05", shift=f"crowd-{number % 2}")
        return post(stack, "/api/batches", body)

    return place, at_once(work, range(64))


def test_none_of_64_writers_is_refused_and_totals_are_exact(stack: Stack, crowd: tuple[str, list[Any]]) -> None:
    place, answers = crowd
    assert statuses(answers) == {201: 64}
    for query, total in [
        (f"work_center_id={place}", 64),
        ("batch_date=2031-01-05", 64),
        ("shift=crowd-0", 32),
        ("shift=crowd-1&batch_date=2031-01-05", 32),
        (f"work_center_id={place}&is_closed=false", 64),
        ("batch_date_from=2031-01-05&batch_date_to=2031-01-05", 64),
        ("batch_number=79007", 1),
    ]:
        assert ok(stack, "GET", f"/api/batches?limit=1&{query}")["total"] == total
    ids = {item["uuid"] for item in ok(stack, "GET", f"/api/batches?work_center_id={place}&limit=100")["items"]}
    assert ids == {answer.json()["uuid"] for answer in answers}


def test_each_of_them_has_its_event_on_the_bus(stack: Stack, crowd: tuple[str, list[Any]]) -> None:
    for answer in crowd[1]:
        aggregate = f"batch#{answer.json()['uuid']}"
        (event,) = wait_for(lambda name=aggregate: [e for e in events_of(stack, name) if e["sent"]])
        assert event["name"] == "batch.created"


def tagged_batch(stack: Stack) -> tuple[str, str]:
    place = f"/api/batches/{new_batch(stack)['uuid']}"
    for code in ("A", "B"):
        ok(stack, "POST", f"{place}/products", {"unique_code": code})
    return place, place


def tagged_user(stack: Stack) -> tuple[str, str]:
    made = ok(stack, "POST", "/users", {"name": "Анна", "email": f"{uuid.uuid4()}@example.com"})
    return f"/users/{made['data']['id']}", made["data"]["id"]


def tagged_order(stack: Stack) -> tuple[str, str]:
    _, owner = tagged_user(stack)
    made = ok(stack, "POST", "/orders", {"user_id": owner, **lines("Болт")})
    return f"/orders/{made['data']['id']}", owner


def lines(product: str) -> dict[str, Any]:
    return {"items": [{"product": product, "quantity": 1, "price": 1}]}


@pytest.mark.parametrize(
    ("make", "method", "suffix", "body"),
    [
        (tagged_batch, "PATCH", "", {"team": "Вторая"}),
        (tagged_batch, "POST", "/products", {"unique_code": "C"}),
        (tagged_batch, "PATCH", "/close", {}),
        (tagged_user, "PUT", "", {"name": "Другая"}),
        (tagged_order, "PUT", "", lines("Гайка")),
    ],
)
def test_one_of_fifty_with_one_tag_wins(stack: Stack, make: Any, method: str, suffix: str, body: Any) -> None:
    place, _ = make(stack)
    headers = {"If-Match": stack.call("GET", place).headers["ETag"]}
    answers = at_once(lambda _: stack.call(method, place + suffix, json=body, headers=headers), range(50))
    assert statuses(answers) == {200: 1, 412: 49}
