"""The reason of a refused value, for every field of the API of each kind."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import TypeAdapter

import chalicelib.wiring.routes  # noqa: F401 - registers all routes and tables
from chalicelib.core.errors import FieldProblem
from chalicelib.core.http import ENDPOINTS
from chalicelib.core.validation import MAX_REASON_LENGTH, read_body, reason, shortened

MODELS = {
    (one.name, part): model
    for one in ENDPOINTS
    for part, model in (("body", one.body), ("query", one.query), *one.accepts.items())
    if hasattr(model, "model_fields")
}


def formats(schema: dict[str, Any]) -> Iterator[str]:
    """Return the formats of a property; its values have one of them."""
    for one in (schema, *schema.get("anyOf", ())):
        if "format" in one:
            yield one["format"]


def fields(*wanted: str) -> list[tuple[Any, str]]:
    found = []
    for model in MODELS.values():
        for name, schema in TypeAdapter(model).json_schema().get("properties", {}).items():
            if set(formats(schema)) & set(wanted):
                found.append((model, name))
    return sorted(set(found), key=lambda pair: (pair[0].__name__, pair[1]))


def told(model: Any, name: str, value: str) -> list[str]:
    problems: list[FieldProblem] = []
    read_body(model, {name: value}, problems)
    return [problem["msg"] for problem in problems if list(problem["loc"]) == ["body", name]]


def of_name(pair: Any) -> str:
    return str(getattr(pair, "__name__", pair))


DAYS, MOMENTS = fields("date", "date-time"), fields("date-time")


def test_models_have_fields_of_each_kind() -> None:
    assert len(DAYS) > 20 and len(MOMENTS) > 8


@pytest.mark.parametrize(("model", "name"), DAYS, ids=of_name)
@pytest.mark.parametrize("day", ["2026-02-31", "2026-13-01", "2026-00-10", "2025-02-29", "2026-04-31"])
def test_reason_of_a_missing_day_is_not_its_format(model: Any, name: str, day: str) -> None:
    assert told(model, name, day) == ["такого дня нет в календаре"]


@pytest.mark.parametrize(("model", "name"), MOMENTS, ids=of_name)
def test_reason_of_a_missing_day_or_time_of_an_instant_is_not_its_format(model: Any, name: str) -> None:
    assert told(model, name, "2026-02-31T10:00:00Z") == ["такого дня нет в календаре"]
    for time in ("25:00:00Z", "10:61:00Z", "10:00:61Z", "24:00"):
        assert told(model, name, f"2026-02-10T{time}") == ["такого времени суток нет"]
    assert told(model, name, "10.02.2026") == ["дата должна быть в формате ГГГГ-ММ-ДД"]


def test_list_of_allowed_values_is_cut_between_names() -> None:
    names = [f"event.number_{number:04d}" for number in range(1_000)]
    text = reason("value_error", {"error": f"допустимые значения: {', '.join(names)}"})
    assert len(text) <= MAX_REASON_LENGTH + 1 and text.endswith(", …")
    assert set(text.removeprefix("допустимые значения: ").removesuffix(", …").split(", ")) <= set(names)
    assert shortened("x" * 5_000) == "x" * (MAX_REASON_LENGTH - 1) + "…"
