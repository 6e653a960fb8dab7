"""The OpenAPI 3.1 document, made from the registered endpoints only.

An endpoint has its method, path, area, models and success. The rest follows from those: errors in the shape of the API
area, headers, security. So every endpoint is described, and no other.
"""

import inspect
import re
from collections.abc import Iterable, Sequence
from typing import Any, get_args
from uuid import UUID

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from chalicelib.core.answers import JSON, Redirect
from chalicelib.core.endpoint import WRITES, Endpoint
from chalicelib.events.types import EventType
from chalicelib.openapi.answers import ALWAYS, ERROR_SCHEMAS, HEADERS, Refusals, header_references
from chalicelib.openapi.examples import example_of
from chalicelib.openapi.tags import WEBHOOKS, tag_groups, tag_objects, tag_of

Json = dict[str, Any]
REF = "#/components/schemas/{model}"
ACCEPTED: list[Json] = [{"bearer": []}, {"apiKey": []}]
BEARER: Json = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "Токен из ответа `POST /v1/users/login`, или ключ API `sf_…`",
}
API_KEY: Json = {
    "type": "apiKey",
    "in": "header",
    "name": "X-API-Key",
    "description": "Ключ API `sf_…` из ответа `POST /v1/api-keys`",
}
_GENERIC = re.compile(r"(\w+)\[(\w+)\]")
PATH_SCHEMAS: dict[Any, Json] = {
    UUID: {"type": "string", "format": "uuid"},
    int: {"type": "integer", "minimum": 1, "maximum": 10**18 - 1},
    str: {"type": "string", "minLength": 1, "maxLength": 200},
}


def document(info: Json, endpoints: Sequence[Endpoint], events: Iterable[EventType], *, locked: bool) -> Json:
    """Return the document, with operations in the order of `endpoints`. `locked`: calls need a token."""
    schemas, refusals = Schemas(endpoints), Refusals()
    paths: dict[str, Json] = {}
    for endpoint in endpoints:
        operation = _operation(endpoint, schemas, refusals)
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": info,
        "servers": [{"url": ".", "description": "Этот сервер"}],  # valid behind any stage prefix
        "tags": tag_objects(),
        "x-tagGroups": tag_groups(),
        "security": ACCEPTED if locked else [{}, *ACCEPTED],
        "paths": paths,
        "webhooks": {kind.name: {"post": _webhook(kind)} for kind in events if kind.webhook_enabled},
        "components": {
            "schemas": {**ERROR_SCHEMAS, **schemas.definitions},
            "responses": refusals.responses,
            "headers": HEADERS,
            "securitySchemes": {"bearer": BEARER, "apiKey": API_KEY},
        },
    }


class Generator(GenerateJsonSchema):
    """Generates JSON Schemas without titles that repeat names. `Page[Batch]` is named BatchPage, `Data[UserView]`
    UserData.
    """

    def normalize_name(self, name: str) -> str:
        """Return the name of a model in the document."""
        made = _GENERIC.fullmatch(name)
        return made[2].removesuffix("View") + made[1].replace("DataPage", "Page") if made else name

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        """Return False for every field."""
        return False


class Schemas:
    """The JSON Schemas of all models of requests and responses."""

    def __init__(self, endpoints: Sequence[Endpoint]) -> None:
        inputs: list[tuple[tuple[str, str], Any, TypeAdapter[Any]]] = []
        for endpoint in endpoints:
            for part, model in (("body", endpoint.body), *endpoint.accepts.items()):
                if model is not None:
                    inputs.append(((endpoint.name, part), "validation", TypeAdapter(model)))
            if endpoint.returns_json:
                inputs.append(((endpoint.name, "result"), "serialization", TypeAdapter(endpoint.model)))
        self._found, document = TypeAdapter.json_schemas(inputs, ref_template=REF, schema_generator=Generator)
        self.definitions: dict[str, Json] = document.get("$defs", {})
        for definition in self.definitions.values():
            definition.pop("title", None)

    def of(self, endpoint: Endpoint, part: str) -> Json:
        """Return the schema of an endpoint's result, of its body, or of its body in one of its content types."""
        mode: Any = "serialization" if part == "result" else "validation"
        return self._found[((endpoint.name, part), mode)]

    def with_example(self, endpoint: Endpoint, part: str) -> Json:
        """Return that schema with an example."""
        schema = self.of(endpoint, part)
        return {"schema": schema, "example": example_of(schema, self.definitions)}

    def resolved(self, schema: Json) -> Json:
        """Return a schema; where it is a reference, the schema that it refers to."""
        name = schema.get("$ref", "").rpartition("/")[2]
        return self.definitions[name] if name else schema


def _operation(endpoint: Endpoint, schemas: Schemas, refusals: Refusals) -> Json:
    operation: Json = {
        "operationId": endpoint.handler.__name__,
        "summary": endpoint.summary.rstrip("."),
        "description": _description(endpoint),
        "tags": [tag_of(endpoint.path).name],
        "parameters": [*_path_parameters(endpoint), *_query_parameters(endpoint), *_headers(endpoint)],
        "responses": {**_successes(endpoint, schemas), **refusals.of(endpoint)},
    }
    if endpoint.body is not None or endpoint.accepts:
        operation["requestBody"] = _body(endpoint, schemas)
    if endpoint.public:
        operation["security"] = []  # `[{}, ...]` says the same, but generators read it as "needs a token"
    return operation


def _description(endpoint: Endpoint) -> str:
    """Return the docstring of the handler."""
    text = (inspect.getdoc(endpoint.handler) or endpoint.summary).strip()
    return f"{text}\n\nТокен не нужен." if endpoint.public else text


# -- parameters and bodies -------------------------------------------------------------------------------------------


def _path_parameters(endpoint: Endpoint) -> list[Json]:
    return [
        {"name": name, "in": "path", "required": True, "schema": PATH_SCHEMAS[kind], "example": _sample(name, kind)}
        for name, kind in endpoint.path_types.items()
    ]


def _sample(name: str, kind: Any) -> Any:
    return example_of(PATH_SCHEMAS[kind], {}, name)


def _query_parameters(endpoint: Endpoint) -> list[Json]:
    if endpoint.query is None:
        return []
    model = TypeAdapter(endpoint.query).json_schema(ref_template=REF, schema_generator=Generator)
    required = set(model.get("required", ()))
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _without_null(schema)}
        for name, schema in model.get("properties", {}).items()
    ]


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
        text = "Тот же ключ и тело в течение суток: тот же ответ, и ничего не делается дважды"
        headers.append(_header("Idempotency-Key", schema, text))
    if endpoint.method in WRITES:
        text = "handling=strict: неизвестные поля тела отклоняются, а не пропускаются"
        headers.append(_header("Prefer", {"type": "string", "examples": ["handling=strict"]}, text))
    if endpoint.method == "GET" and endpoint.returns_json:
        headers.append(
            _header("If-None-Match", {"type": "string"}, "ETag, который уже есть: если он тот же, ответ 304")
        )
    elif endpoint.changes_resource:
        headers.append(_header("If-Match", {"type": "string"}, "ETag, который видел клиент: если он другой, ответ 412"))
    return headers


def _header(name: str, schema: Json, text: str) -> Json:
    return {"name": name, "in": "header", "required": False, "schema": schema, "description": text}


def _body(endpoint: Endpoint, schemas: Schemas) -> Json:
    if endpoint.accepts:
        anything = [*endpoint.accepts.values()] == [Any]  # so a missing body is accepted too
        return {
            "required": not anything,
            "content": {kind: schemas.with_example(endpoint, kind) for kind in endpoint.accepts},
        }
    optional = not schemas.resolved(schemas.of(endpoint, "body")).get("required")
    return {"required": not optional, "content": {JSON: schemas.with_example(endpoint, "body")}}


# -- responses -------------------------------------------------------------------------------------------------------


def _successes(endpoint: Endpoint, schemas: Schemas) -> Json:
    tagged = endpoint.is_tagged
    listed = endpoint.method == "GET" and endpoint.query is not None and endpoint.resource is not endpoint
    writes = endpoint.method in WRITES
    possible = {"ETag": tagged, "Link": listed, "X-Ignored-Fields": writes, "Preference-Applied": writes}
    names = [name for name, there in possible.items() if there]
    found = {str(endpoint.status): _success(endpoint, schemas, header_references(*ALWAYS, *names))}
    if Redirect in get_args(endpoint.result):
        found["302"] = {"description": "Адрес в Location", "headers": header_references(*ALWAYS, "Location")}
    if tagged and endpoint.method == "GET":
        found["304"] = {
            "description": "У клиента уже есть это состояние",
            "headers": header_references(*ALWAYS, "ETag"),
        }
    return found


def _success(endpoint: Endpoint, schemas: Schemas, headers: Json) -> Json:
    if endpoint.result in (None, type(None)):
        return {"description": "Сделано", "headers": headers}
    if endpoint.result is Redirect:
        return {
            "description": "Файл лежит по адресу из Location",
            "headers": {**headers, **header_references("Location")},
        }
    content = {JSON: schemas.with_example(endpoint, "result")} if endpoint.returns_json else {}
    if endpoint.returns_text:
        content[endpoint.media] = {"schema": {"type": "string"}, "example": "OK"}
    return {"description": "Успешно", "headers": headers, "content": content}


def _webhook(kind: EventType) -> Json:
    schema = {name: value for name, value in kind.json_schema.items() if name != "$schema"}
    return {
        "operationId": kind.name.replace(".", "_"),
        "summary": kind.description,
        "tags": [WEBHOOKS],
        "security": [],
        "requestBody": {"required": True, "content": {JSON: {"schema": schema, "example": kind.example}}},
        "responses": {"200": {"description": "Любой ответ 2xx: доставлено"}},
    }
