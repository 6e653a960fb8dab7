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
    "total_batches": 3,
    "active_batches": 1,
    "closed_batches": 2,
    "total_products": 36,
    "aggregated_products": 24,
    "products": 36,
    "products_total": 36,
    "planned": 40,
    "planned_quantity": 40,
    "made_of_planned": 36,
    "aggregated_total": 24,
    "aggregation_rate": 66.7,
    "percent": 50,
    "progress": 50,
    "progress_percent": 50,
    "price": 214.5,
    "quantity": 25,
    "total_amount": 5362.5,
    "count": 1,
    "total_orders": 1,
    "limit": 25,
    "success_rate": 98.5,
    "delivered": 197,
    "percent_closed": 42.9,
    "mean_hours_to_fix": 31.5,
    "size": 48213,
    "timeout": 10,
    "retry_count": 3,
    "max_attempts": 3,
    "response_status": 200,
    "ms": 84,
    "template_id": 2,
    "next_cursor": "MjAyNS0wMS0yMFQxODowMDowMFo",
    "href": "/api/v1/tasks/1",
    "error_message": "Получатель ответил 503",
    "last_error": "Получатель ответил 503",
    "response_body": "Service Unavailable",
    "disabled_reason": "40 неудачных попыток подряд",
    "paused_reason": "Владелец удален",
    "parameters": '{"period": "last_week"}',
    "rate": "1 hour",
    "prefix": "sf_Zq7K",
    "key": "sf_Zq7KpT3xVb9mN2cR8wLd5yHf",
    "token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIyIn0.c2lnbmF0dXJl",
    "format": "xlsx",
    "download_url": EXAMPLES["file_url"],
    "errors_url": EXAMPLES["file_url"],
    "subscription_url": EXAMPLES["url"],
    "report_path": "/reports/550e8400-e29b-41d4-a716-446655440001.pdf",
    "recipients": "director@example.com",
    "event": "batch.closed",
    "task": "Пересчет норм выработки",
    "type": "import",
    "raw_status": "pending",
    "owner_name": "Смирнова Ольга",
    "content_type": "image/jpeg",
    "version": "1.0.0",
    "stage": "prod",
    "stack": "shopfloor-prod",
    "region": "eu-central-1",
    "registration": "closed",
    "public_url": "https://shopfloor.example.com",
    "cors_origins": "https://erp.example.com",
    "log_level": "INFO",
    "current_step": "Generate Report",
    "warnings": "Заказы временно недоступны",
    "field": "due_date",
    "queue": "deliveries",
    "body": "{}",
    "error_code": "ThrottlingException",
    "dependency": "email",
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
