"""Event types: the data they accept, and the schema and example for receivers."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from chalicelib.events import types
from chalicelib.events.types import EVENT_TYPES, EventType
from tests.http_events import call

CONTRACT = [
    "batch.created", "batch.closed", "batch.opened", "batch.product_added", "batch.product_removed", "batch.aggregated",
    "batch.deleted", "batch.report_generated", "product.aggregated", "work_center.deleted", "batch.import_completed",
]  # fmt: skip
KINDS = pytest.mark.parametrize("kind", EVENT_TYPES.values(), ids=EVENT_TYPES)


def test_webhooks_carry_the_events_of_the_contract_first_and_in_its_order() -> None:
    names = types.webhook_names()
    assert names[: len(CONTRACT)] == CONTRACT
    assert {"report.completed", "webhook.disabled", "defect.created", "defect.overdue"} <= set(names)
    assert {"site.updated", "saga.started", "batch.report_mail_requested"}.isdisjoint(names)


@KINDS
def test_the_example_fits_the_model_and_the_schema(kind: EventType) -> None:
    kind.check(kind.example_data())
    Draft202012Validator.check_schema(kind.json_schema)
    Draft202012Validator(kind.json_schema).validate(json.loads(json.dumps(kind.example)))


@KINDS
def test_another_envelope_does_not_fit_the_schema(kind: EventType) -> None:
    check = Draft202012Validator(kind.json_schema)
    assert not check.is_valid({**kind.example, "event": "another"})
    assert not check.is_valid({**kind.example, "more": 1})
    assert not check.is_valid({"event": kind.name, "timestamp": types.AT, "data": {}})


@KINDS
def test_data_with_a_missing_or_unknown_field_raise(kind: EventType) -> None:
    data = kind.example_data()
    wrong: list[dict[str, Any]] = [{**data, "more": 1}]
    wrong += [{name: value for name, value in data.items() if name != left} for left in data]
    for one in wrong:
        with pytest.raises(ValueError, match=f"not the data of {kind.name}"):
            kind.check(one)


@pytest.mark.parametrize(
    ("field", "value"),
    [("batch_id", "1"), ("batch_number", "1001"), ("batch_number", None), ("occurred_at", "2025-01-20T18:00:00")],
)
def test_data_of_another_type_raise(field: str, value: Any) -> None:
    kind = types.get("batch.created")
    with pytest.raises(ValueError, match=field):
        kind.check(kind.example_data() | {field: value})


def test_list_of_event_types_is_that_of_the_contract() -> None:
    import app

    items = call(app.app, "GET", "/api/events").json["items"]
    assert [item["name"] for item in items] == list(EVENT_TYPES)
    assert [item["name"] for item in items][: len(CONTRACT)] == CONTRACT
    assert len({item["uuid"] for item in items}) == len(items)
    assert items[0] == {
        "uuid": str(types.get("batch.created").uuid),
        "created_at": "2025-01-15T10:30:00Z",
        "updated_at": None,
        "name": "batch.created",
        "version": 1,
        "webhook_enabled": True,
        "description": "Событие создания партии",
    }
    assert items[1]["description"] == "Событие закрытия партии"


def test_one_type_shows_its_schema_and_an_example() -> None:
    import app

    shown = call(app.app, "GET", "/api/events/batch.closed").json
    assert shown["name"] == "batch.closed"
    assert shown["example"]["data"]["batch_number"] == 1001
    Draft202012Validator(shown["schema"]).validate(shown["example"])
    unknown = call(app.app, "GET", "/api/events/batch.eaten")
    assert (unknown.status, unknown.json) == (404, {"detail": "Тип события не найден"})
