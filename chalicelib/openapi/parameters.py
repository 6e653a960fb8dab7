"""The parameters of operations: of the path, the query and the headers."""

from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from chalicelib.core.endpoint import WRITES, Endpoint
from chalicelib.openapi import wording
from chalicelib.openapi.examples import example_of
from chalicelib.openapi.samples import PARAMETERS
from chalicelib.openapi.schemas import REF, Generator
from chalicelib.openapi.wording import said

Json = dict[str, Any]
PATH_SCHEMAS: dict[Any, Json] = {
    UUID: {"type": "string", "format": "uuid"},
    int: {"type": "integer", "minimum": 1, "maximum": 10**18 - 1},
    str: {"type": "string", "minLength": 1, "maxLength": 200},
}


def of(endpoint: Endpoint) -> list[Json]:
    """Return all parameters of an endpoint."""
    return [*_path_parameters(endpoint), *_query_parameters(endpoint), *_headers(endpoint)]


def _path_parameters(endpoint: Endpoint) -> list[Json]:
    found = []
    for name, kind in endpoint.path_types.items():
        schema = PATH_SCHEMAS[kind]
        parameter = {"name": name, "in": "path", "required": True, "schema": schema}
        found.append(parameter | _example(endpoint, name, schema) | _about(endpoint, name))
    return found


def _example(endpoint: Endpoint, name: str, schema: Json) -> Json:
    """Return the example of a parameter that is required: pages fill it in."""
    sample = PARAMETERS.get((endpoint.handler.__name__, name))
    return {"example": example_of(schema, {}, name) if sample is None else sample}


def _query_parameters(endpoint: Endpoint) -> list[Json]:
    if endpoint.query is None:
        return []
    model = TypeAdapter(endpoint.query).json_schema(ref_template=REF, schema_generator=Generator)
    required = set(model.get("required", ()))
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _without_null(schema)}
        | (_example(endpoint, name, _without_null(schema)) if name in required else {})
        | _about(endpoint, name)
        for name, schema in model.get("properties", {}).items()
    ]


def _about(endpoint: Endpoint, name: str) -> Json:
    about = wording.of_parameter(endpoint.handler.__name__, name)
    return {"description": about} if about else {}


def _without_null(schema: Json) -> Json:
    """Return the schema of a parameter without null: a parameter is present or absent."""
    choices = [choice for choice in schema.get("anyOf", ()) if choice != {"type": "null"}]
    if not choices:
        return {name: value for name, value in schema.items() if (name, value) != ("default", None)}
    rest = {name: value for name, value in schema.items() if name not in ("anyOf", "default")}
    return {**choices[0], **rest} if len(choices) == 1 else {"anyOf": choices, **rest}


def _headers(endpoint: Endpoint) -> list[Json]:
    headers = []
    if endpoint.replays:
        schema = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x20-\\x7e]+$"}
        text = (
            "Ключ повтора, от 1 до 255 символов: с тем же ключом и телом в течение суток тот же ответ, без повтора дела"
        )
        headers.append(_header("Idempotency-Key", schema, text))
    if endpoint.method in WRITES:
        text = "`handling=strict`: неизвестные поля тела отклоняются, а не пропускаются"
        headers.append(_header("Prefer", {"type": "string", "examples": ["handling=strict"]}, text))
    if endpoint.method == "GET" and endpoint.returns_json:
        text = "`ETag` прежнего ответа: если данные те же, ответ 304 без тела"
        headers.append(_header("If-None-Match", {"type": "string"}, text))
    elif endpoint.changes_resource:
        text = "`ETag`, который видел клиент: если данные уже другие, ответ 412 и ничего не меняется"
        headers.append(_header("If-Match", {"type": "string"}, text))
    return headers


def _header(name: str, schema: Json, text: str) -> Json:
    return {"name": name, "in": "header", "required": False, "schema": schema, "description": said(text)}
