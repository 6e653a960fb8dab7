"""Production control by the real api function on moto: calls, objects to work with, and the content of the tables."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest

import app
from chalicelib.core.actor import ADMINISTRATOR
from chalicelib.core.aws import client
from chalicelib.core.dynamo import TABLES
from chalicelib.core.listing import LISTINGS
from chalicelib.events import service as events
from tests.conftest import make_tables
from tests.http_events import Response, call
from tests.indexed import check_index_attributes
from tests.tables import tables

UNKNOWN = "00000000-0000-4000-8000-00000000dead"
_numbers = count(1)


@contextmanager
def production() -> Iterator[None]:
    """Start moto with all tables and lists of the deployed system, without those that a test file declares."""
    from tests.aws_calls import mock_aws

    with pytest.MonkeyPatch.context() as patch, mock_aws():
        client.cache_clear()
        patch.delitem(LISTINGS, "things", raising=False)
        make_tables(*(name for name in TABLES if name != "things"))
        yield
    client.cache_clear()


def empty_tables() -> None:
    """Delete all items, which is much faster than creating the tables again."""
    check_index_attributes()
    tables().empty()


def ask(method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Response:
    """Call the api function."""
    return call(app.app, method, path, body, headers)


def ok(method: str, path: str, body: Any = None) -> Any:
    """Return the JSON of a call that must succeed."""
    answer = ask(method, path, body)
    assert answer.status in (200, 201, 202, 204), answer.text
    return answer.json if answer.body else None


def work_center(**fields: Any) -> dict[str, Any]:
    """Create a work centre."""
    number = next(_numbers)
    made: dict[str, Any] = ok(
        "POST", "/api/work_centers", {"identifier": f"WC-{number:05d}", "name": "Цех №1"} | fields
    )
    return made


def batch_body(work_center_id: str, **fields: Any) -> dict[str, Any]:
    """Return the body that creates a batch, as in the contract, with a new number."""
    return {
        "task_description": "Описание задания",
        "shift": "1",
        "team": "Бригада А",
        "batch_number": 1000 + next(_numbers),
        "batch_date": "2025-01-20",
        "nomenclature": "Номенклатура товара",
        "ekn_code": "EKN-001",
        "shift_start": "2025-01-20T08:00:00Z",
        "shift_end": "2025-01-20T20:00:00Z",
        "work_center_id": work_center_id,
    } | fields


def batch(**fields: Any) -> dict[str, Any]:
    """Create a batch, at a new work centre unless one is given."""
    place = fields.pop("work_center_id", None) or work_center()["uuid"]
    made: dict[str, Any] = ok("POST", "/api/batches", batch_body(place, **fields))
    return made


def batch_with(*codes: str, **fields: Any) -> dict[str, Any]:
    """Create a batch with these products."""
    made = batch(**fields)
    for code in codes:
        made = ok("POST", f"/api/batches/{made['uuid']}/products", {"unique_code": code})
    return made


def closed_batch(*codes: str, **fields: Any) -> dict[str, Any]:
    """Create a closed batch with these products."""
    made: dict[str, Any] = ok("PATCH", f"/api/batches/{batch_with(*codes, **fields)['uuid']}/close")
    return made


def dump() -> dict[str, list[str]]:
    """Return the content of all tables, comparable, without counts of calls, which refused calls change too."""
    kept = {name: items for name, items in tables().items().items() if not name.endswith(("-limits", "-breakers"))}
    return {name: sorted(json.dumps(item, sort_keys=True) for item in items) for name, items in kept.items()}


def events_of(aggregate: str) -> list[tuple[str, dict[str, Any]]]:
    """Return name and data of the events of an aggregate, oldest first."""
    return [(event.name, event.data) for event in events.history(ADMINISTRATOR, aggregate)]


def events_of_product(product: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return name and data of the events of a product, which are in the log of its batch."""
    log = events_of(f"batch#{product['batch_id']}")
    return [(name, data) for name, data in log if data["aggregate_id"] == product["uuid"]]


@contextmanager
def nothing_written(but: tuple[str, ...] = ()) -> Iterator[None]:
    """Check that the block changes no table, except those whose names end so."""

    def kept() -> dict[str, list[str]]:
        return {name: items for name, items in dump().items() if not name.endswith(but)}

    before = kept()
    yield
    assert kept() == before


def refused(status: int, method: str, path: str, body: Any = None) -> str:
    """Check that a call is refused with this status and writes nothing; returns its `detail`."""
    with nothing_written():
        answer = ask(method, path, body)
    assert answer.status == status, answer.text
    assert answer.headers["Content-Type"] == "application/json"
    detail: str = answer.json["detail"]
    assert set(answer.json) == ({"detail", "errors"} if status == 422 else {"detail"})
    return detail


def wrong_fields(method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> dict[str, str]:
    """Check that validation refuses a call, which writes nothing; returns field and reason of each problem."""
    with nothing_written():
        answer = ask(method, path, body, headers)
    assert answer.status == 422, answer.text
    assert answer.json["detail"] == "Ошибка валидации запроса"
    return {".".join(map(str, error["loc"])): error["msg"] for error in answer.json["errors"]}
