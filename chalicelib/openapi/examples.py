"""Examples made from JSON Schemas: the contract's value for a known name, else the simplest value that fits."""

from collections.abc import Mapping
from typing import Any

from chalicelib.events.types import EXAMPLES

Json = dict[str, Any]
MAX_EXAMPLE_DEPTH = 8  # levels of an example, arrays included
FORMATS = {
    "uuid": "550e8400-e29b-41d4-a716-446655440000",
    "date-time": "2025-01-20T18:00:00Z",
    "date": "2025-01-20",
    "uri": "https://example.com/webhook",
    "email": "user@example.com",
}
KNOWN: Mapping[str, Any] = {
    **EXAMPLES,
    "shift_start": "2025-01-20T08:00:00Z",
    "shift_end": "2025-01-20T20:00:00Z",
    "execute_at": "2030-01-20T18:00:00Z",
    "cron": "0 8 * * 1-5",
    "time_zone": "Europe/Moscow",
    "file_name": "batches.xlsx",
    "notify_email": "user@example.com",
    "email": "user@example.com",
    "password": "correct horse",
    "roles": "engineer",
    "name": "Название",
    "description": "Описание",
    "message": "Сделано",
    "identifier": "RC-001",
    "task_description": "Розлив питьевой воды",
    "shift": "1 смена",
    "team": "Бригада №1",
    "nomenclature": "Вода 0,5 л",
    "ekn_code": "EKN-001",
    "unique_codes": "PROD-001",
    "product": "Вода 0,5 л",
    "address": "ул. Заводская, 1",
    "location": "Корпус 2, этаж 3",
    "events": "batch.created",
    "event_type": "batch.created",
}


def example_of(schema: Json, definitions: Mapping[str, Json], name: str = "", depth: int = 0) -> Any:
    """Return a value that fits the schema; `name` is the field of the value."""
    if "$ref" in schema:
        return example_of(definitions[schema["$ref"].rpartition("/")[2]], definitions, name, depth)
    for keyword in ("example", "const", "default"):
        if schema.get(keyword) is not None:
            return schema[keyword]
    if schema.get("examples"):
        return schema["examples"][0]
    if "enum" in schema:
        return schema["enum"][0]
    for keyword in ("anyOf", "oneOf", "allOf"):
        if keyword in schema:
            return example_of(schema[keyword][0], definitions, name, depth)
    known = KNOWN.get(name)
    if known is not None and _fits(known, schema):
        return known
    return _value_of_type(schema, definitions, name, depth)


def _value_of_type(schema: Json, definitions: Mapping[str, Json], name: str, depth: int) -> Any:
    match schema.get("type"):
        case "object":
            if depth > MAX_EXAMPLE_DEPTH:
                return {}
            fields = schema.get("properties", {})
            return {field: example_of(inner, definitions, field, depth + 1) for field, inner in fields.items()}
        case "array":
            items = schema.get("items")
            return [example_of(items, definitions, name, depth + 1)] if items and depth <= MAX_EXAMPLE_DEPTH else []
        case "integer":
            return int(schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1))
        case "number":
            return float(schema.get("minimum", 1.5))
        case "boolean":
            return False
        case "null":
            return None
        case "string":
            return _text_value(schema, name)
    return {}


def _text_value(schema: Json, name: str) -> str:
    if schema.get("format") in FORMATS:
        return FORMATS[schema["format"]]
    return (name or "текст").ljust(schema.get("minLength", 0), "x")[: schema.get("maxLength", 100)]


def _fits(value: Any, schema: Json) -> bool:
    kinds: dict[str, Any] = {"string": str, "integer": int, "number": (int, float), "boolean": bool}
    kind = kinds.get(schema.get("type", ""))
    if kind is None or not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        return False
    if schema.get("format") == "uuid":
        return len(str(value)) == len(FORMATS["uuid"])
    return True
