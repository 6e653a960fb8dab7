"""The three lists: pages, orders, filters, cursors, and what they refuse."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from chalicelib.core.paging import PageRequest
from tests.production import ask, batch_with, ok, production, refused, work_center, wrong_fields

SORTS = {
    "/api/batches": ["created_at", "updated_at", "batch_number", "batch_date", "shift", "team", "is_closed"],
    "/api/products": ["created_at", "updated_at", "unique_code", "is_aggregated", "aggregated_at"],
    "/api/work_centers": ["created_at", "updated_at", "identifier", "name"],
}
LISTS = list(SORTS)


@pytest.fixture(scope="module", autouse=True)
def made() -> Iterator[dict[str, list[Any]]]:
    """Things of all kinds, oldest first; nothing here changes them."""
    with production():
        places = [work_center(identifier=f"WC-{n}", name=f"Цех {3 - n}")["uuid"] for n in range(3)]
        batches = []
        for number in range(8):
            one = batch_with(
                *(["A", f"B-{number}"] if number < 3 else []),
                work_center_id=places[number % 2],
                batch_number=20 - number // 2,
                batch_date=f"2025-01-{20 + number % 3}",
                shift=str(number % 2 + 1),
                team="АБВГ"[number % 4],
            )
            batches.append(one["uuid"])
        ok("PATCH", f"/api/batches/{batches[0]}/aggregate", {"aggregated_at": "2025-01-20T18:00:00Z"})
        for number in (1, 2, 6):
            ok("PATCH", f"/api/batches/{batches[number]}/close")
        ok("PATCH", f"/api/work_centers/{places[1]}", {"name": "Цех 9"})
        yield {path: ok("GET", f"{path}?limit=100&sort_direction=asc")["items"] for path in LISTS}


@pytest.fixture(autouse=True)
def empty() -> None:
    """These tests read only: the tables stay filled."""


def listed(path: str, **query: Any) -> Any:
    return ok("GET", f"{path}?{urlencode(query)}")


def ordered(items: list[Any], field: str, descending: bool) -> list[Any]:
    def key(item: Any) -> Any:
        return (item[field] is not None, item[field] if item[field] is not None else "", item["created_at"])

    return sorted(items, key=key, reverse=descending)


@pytest.mark.parametrize("path", LISTS)
def test_without_parameters_it_is_the_newest_first_25(made: dict[str, list[Any]], path: str) -> None:
    assert ok("GET", path) == {
        "items": made[path][::-1][:25],
        "total": len(made[path]),
        "limit": 25,
        "offset": 0,
        "next_cursor": None,
    }


@pytest.mark.parametrize(("path", "field"), [(path, field) for path in LISTS for field in SORTS[path]])
@pytest.mark.parametrize("direction", ["ASC", "desc", "Asc"])
def test_every_documented_order_in_both_directions(
    made: dict[str, list[Any]], path: str, field: str, direction: str
) -> None:
    wanted = ordered(made[path], field, direction == "desc")
    page = listed(path, sort_field=field, sort_direction=direction)
    assert [item["uuid"] for item in page["items"]] == [item["uuid"] for item in wanted]
    second = listed(path, sort_field=field, sort_direction=direction, limit=1, offset=1)
    assert (second["items"], second["limit"], second["offset"]) == (wanted[1:2], 1, 1)
    after = listed(path, sort_field=field, sort_direction=direction, limit=1, cursor=second["next_cursor"])
    assert after["items"] == wanted[2:3]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("value", ["uuid", "CREATED_AT", "", "task_description", "name;drop", "products_seq"])
def test_another_order_is_refused_naming_the_allowed_ones(path: str, value: str) -> None:
    reasons = wrong_fields("GET", f"{path}?{urlencode({'sort_field': value})}")
    assert reasons == {"query.sort_field": f"допустимые поля: {', '.join(SORTS[path])}"}


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    ("name", "value"),
    [("limit", value) for value in ("0", "101", "-1", "x", "", "1.5", "9" * 400, "١٢x")]
    + [("offset", value) for value in ("-1", "x", "", "1e3", "9" * 30)]
    + [("sort_direction", value) for value in ("UP", "", "asc,desc")]
    + [("cursor", value) for value in ("x", "мусор", "%", "A" * 5000)],
)
def test_an_invalid_bound_is_refused(path: str, name: str, value: str) -> None:
    assert list(wrong_fields("GET", f"{path}?{urlencode({name: value})}")) == [f"query.{name}"]


@pytest.mark.parametrize("path", LISTS)
def test_the_ends_of_the_bounds_are_fine(made: dict[str, list[Any]], path: str) -> None:
    assert len(listed(path, limit=1)["items"]) == 1
    assert listed(path, limit=100)["limit"] == 100
    assert listed(path, offset=10**9) == {
        "items": [], "total": len(made[path]), "limit": 25, "offset": 10**9, "next_cursor": None,
    }  # fmt: skip


FILTERS: list[tuple[str, dict[str, Any]]] = [
    ("/api/batches", {"is_closed": "true"}),
    ("/api/batches", {"is_closed": "False"}),
    ("/api/batches", {"batch_number": 19}),
    ("/api/batches", {"batch_number": 999}),
    ("/api/batches", {"batch_date": "2025-01-21"}),
    ("/api/batches", {"batch_date_from": "2025-01-21"}),
    ("/api/batches", {"batch_date_to": "2025-01-21"}),
    ("/api/batches", {"batch_date_from": "2025-01-21", "batch_date_to": "2025-01-21"}),
    ("/api/batches", {"batch_date_from": "2025-01-22", "batch_date_to": "2025-01-20"}),
    ("/api/batches", {"shift": "2"}),
    ("/api/batches", {"shift": "2", "is_closed": "false", "batch_date_from": "2025-01-21"}),
    ("/api/batches", {"batch_date": "2025-01-20", "batch_number": 20}),
    ("/api/products", {"unique_code": "A"}),
    ("/api/products", {"unique_code": "B-1"}),
    ("/api/products", {"is_aggregated": "true"}),
    ("/api/products", {"is_aggregated": "0", "unique_code": "A"}),
    ("/api/work_centers", {"identifier": "WC-1"}),
    ("/api/work_centers", {"identifier": "WC"}),
]


def passes(item: Any, name: str, value: Any) -> bool:
    if name == "batch_date_from":
        return bool(item["batch_date"] >= value)
    if name == "batch_date_to":
        return bool(item["batch_date"] <= value)
    if name in ("is_closed", "is_aggregated"):
        return bool(item[name] == (value.lower() == "true"))
    return bool(item[name] == value)


@pytest.mark.parametrize(("path", "query"), FILTERS)
def test_filters_alone_and_combined_in_any_order(made: dict[str, list[Any]], path: str, query: dict[str, Any]) -> None:
    wanted = [item for item in made[path] if all(passes(item, *one) for one in query.items())]
    for number, field in enumerate(SORTS[path]):
        page = listed(path, **query, sort_field=field, sort_direction=("desc", "asc")[number % 2])
        assert page["items"] == ordered(wanted, field, number % 2 == 0)
        assert page["total"] == len(wanted)
    some = listed(path, **query, limit=1, offset=1)
    assert (some["items"], some["total"]) == (wanted[::-1][1:2], len(wanted))


def test_a_list_of_batches_without_their_products_is_the_same_list(made: dict[str, list[Any]]) -> None:
    page = listed("/api/batches", with_products="false", is_closed="true", limit=2)
    whole = listed("/api/batches", is_closed="true", limit=2)
    assert page == {**whole, "items": [{**item, "products": []} for item in whole["items"]]}
    assert any(item["products_total"] for item in page["items"])
    assert listed("/api/batches", cursor=page["next_cursor"], is_closed="true")["items"] == made_closed(made)[2:]


def made_closed(made: dict[str, list[Any]]) -> list[Any]:
    """The closed batches, newest first."""
    return [item for item in made["/api/batches"][::-1] if item["is_closed"]]


def test_batches_of_a_work_center_and_products_of_a_batch(made: dict[str, list[Any]]) -> None:
    one = made["/api/batches"][0]
    page = listed("/api/batches", work_center_id=one["work_center_id"].upper(), sort_direction="asc")
    assert [item["uuid"] for item in page["items"]] == [item["uuid"] for item in made["/api/batches"][::2]]
    assert listed("/api/products", batch_id=one["uuid"], sort_direction="asc")["items"] == one["products"]
    assert listed("/api/products", batch_id=one["work_center_id"])["total"] == 0


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [("/api/batches", "is_closed", value) for value in ("", "maybe", "2")]
    + [("/api/batches", "batch_number", value) for value in ("0", "-5", "x", "9" * 40)]
    + [("/api/batches", name, "21.01.2025") for name in ("batch_date", "batch_date_from", "batch_date_to")]
    + [("/api/batches", "batch_date", value) for value in ("1737331200", "2025-02-30", "", "0001-01-01")]
    + [("/api/batches", "work_center_id", "17"), ("/api/batches", "shift", ""), ("/api/batches", "shift", "x" * 201)]
    + [
        ("/api/products", "batch_id", "x"),
        ("/api/products", "is_aggregated", "x"),
        ("/api/products", "unique_code", " "),
    ]
    + [("/api/work_centers", "identifier", "")],
)
def test_an_invalid_filter_is_refused(path: str, name: str, value: str) -> None:
    assert list(wrong_fields("GET", f"{path}?{urlencode({name: value})}")) == [f"query.{name}"]


@pytest.mark.parametrize("path", LISTS)
def test_what_is_unknown_or_comes_twice_is_refused(made: dict[str, list[Any]], path: str) -> None:
    assert listed(path, _color="red")["total"] == len(made[path])
    assert list(wrong_fields("GET", f"{path}?color=red")) == ["query.color"]
    assert list(wrong_fields("GET", f"{path}?limit=5&limit=6")) == ["query.limit"]


@pytest.mark.parametrize("position", ["\u0001", "~" * 2000, "\U0010ffff", "x\u001fy", "9"])
@pytest.mark.parametrize(
    ("sort_field", "filters"),
    [
        ("created_at", {}),
        ("team", {}),
        ("shift", {"shift": "1"}),
        ("created_at", {"shift": "1"}),
        ("team", {"shift": "1"}),
    ],
)
@pytest.mark.parametrize("descending", [True, False])
def test_a_forged_cursor_is_no_server_error(
    position: str, sort_field: str, filters: dict[str, str], descending: bool
) -> None:
    cursor = PageRequest(25, 0, sort_field, descending, filters).next_cursor("batches", position)
    direction = "desc" if descending else "asc"
    query = urlencode({"sort_field": sort_field, "sort_direction": direction, "cursor": cursor, **filters})
    answer = ask("GET", f"/api/batches?{query}")
    assert answer.status in (200, 422)


def test_the_cursor_of_another_list_is_refused() -> None:
    cursor = listed("/api/batches", limit=1)["next_cursor"]
    assert list(wrong_fields("GET", f"/api/products?cursor={cursor}")) == ["query.cursor"]
    assert list(wrong_fields("GET", f"/api/batches?cursor={cursor}&shift=1")) == ["query.cursor"]


def test_lists_take_no_other_method() -> None:
    answer = ask("PUT", "/api/batches", {})
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS, POST")
    assert refused(405, "DELETE", "/api/products")
