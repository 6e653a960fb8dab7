"""The OpenAPI 3.1 document, made from the registered endpoints only.

An endpoint has its method, path, area, models and success. The rest follows from those: errors in the shape of the API
area, headers, security. So every endpoint is described, and no other.
"""

import inspect
from collections.abc import Iterable, Sequence
from typing import Any, get_args

from chalicelib.core.answers import JSON, Redirect
from chalicelib.core.endpoint import WRITES, Endpoint
from chalicelib.core.texts import text
from chalicelib.events.types import EventType
from chalicelib.openapi import parameters, wording
from chalicelib.openapi.answers import ALWAYS, Refusals, header_references, headers
from chalicelib.openapi.schemas import Schemas, of_event
from chalicelib.openapi.tags import WEBHOOKS, tag_groups, tag_objects, tag_of
from chalicelib.openapi.wording import said

Json = dict[str, Any]
ACCEPTED: list[Json] = [{"bearer": []}, {"apiKey": []}]
BEARER: Json = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
API_KEY: Json = {"type": "apiKey", "in": "header", "name": "X-API-Key"}


def document(info: Json, endpoints: Sequence[Endpoint], events: Iterable[EventType], *, locked: bool) -> Json:
    """Return the document in the current language, with operations in the order of `endpoints`. `locked`: calls need a
    token.
    """
    schemas, refusals = Schemas(endpoints), Refusals()
    paths: dict[str, Json] = {}
    for endpoint in endpoints:
        operation = _operation(endpoint, schemas, refusals)
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": info,
        "servers": [{"url": ".", "description": said("Этот сервер")}],  # valid behind any stage prefix
        "tags": tag_objects(),
        "x-tagGroups": tag_groups(),
        "security": ACCEPTED if locked else [{}, *ACCEPTED],
        "paths": paths,
        "webhooks": {kind.name: {"post": _webhook(kind)} for kind in events if kind.webhook_enabled},
        "components": {
            "schemas": schemas.definitions,
            "responses": refusals.responses,
            "headers": headers(),
            "securitySchemes": _security_schemes(),
        },
    }


def _security_schemes() -> Json:
    token = said("Токен из ответа `POST /v1/users/login`, или ключ API `sf_…`")
    key = said("Ключ API `sf_…` из ответа `POST /v1/api-keys`")
    return {"bearer": BEARER | {"description": token}, "apiKey": API_KEY | {"description": key}}


def _operation(endpoint: Endpoint, schemas: Schemas, refusals: Refusals) -> Json:
    summary, description = _texts(endpoint)
    operation: Json = {
        "operationId": endpoint.handler.__name__,
        "summary": summary,
        "description": description,
        "tags": [tag_of(endpoint.path).name],
        "parameters": parameters.of(endpoint),
        "responses": {**_successes(endpoint, schemas), **refusals.of(endpoint)},
    }
    if endpoint.body is not None or endpoint.accepts:
        operation["requestBody"] = _body(endpoint, schemas)
    if endpoint.public:
        operation["security"] = []  # `[{}, ...]` says the same, but generators read it as "needs a token"
    return operation


def _texts(endpoint: Endpoint) -> tuple[str, str]:
    """Return summary and description: the first line of the handler's docstring, and the rest with the roles."""
    summary, _, rest = (inspect.getdoc(endpoint.handler) or endpoint.summary).strip().partition("\n\n")
    paragraphs = [" ".join(part.split("\n")) for part in rest.split("\n\n") if part]
    about = [*map(said, paragraphs), wording.of_roles(endpoint.name, public=endpoint.public)]
    return said(" ".join(summary.split("\n")).rstrip(".")), "\n\n".join(about)


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
    listed = listed and endpoint.returns_json
    writes = endpoint.method in WRITES
    possible = {"ETag": tagged, "Link": listed, "X-Ignored-Fields": writes, "Preference-Applied": writes}
    names = [name for name, there in possible.items() if there]
    found = {str(endpoint.status): _success(endpoint, schemas, header_references(*ALWAYS, *names))}
    if Redirect in get_args(endpoint.result):
        found["302"] = {
            "description": said("Перейдите по адресу из `Location`"),
            "headers": header_references(*ALWAYS, "Location"),
        }
    if tagged and endpoint.method == "GET":
        found["304"] = {
            "description": said("Данные не изменились, тела нет"),
            "headers": header_references(*ALWAYS, "ETag"),
        }
    return found


def _success(endpoint: Endpoint, schemas: Schemas, headers: Json) -> Json:
    if endpoint.result in (None, type(None)):
        return {"description": said("Сделано, тела нет"), "headers": headers}
    if endpoint.result is Redirect:
        return {
            "description": said("Файл лежит по адресу из `Location`, ссылка действует несколько минут"),
            "headers": {**headers, **header_references("Location")},
        }
    content = {JSON: schemas.with_example(endpoint, "result")} if endpoint.returns_json else {}
    if endpoint.returns_text:
        content[endpoint.media] = _text_or_file(endpoint.media)
    made = {201: "Создано", 202: "Принято: работа идет дальше"}.get(endpoint.status, "Успешно")
    return {"description": said(made), "headers": headers, "content": content}


def _text_or_file(media: str) -> Json:
    if media.startswith("text/"):
        return {"schema": {"type": "string"}, "example": "OK" if media == "text/plain" else ""}
    return {"schema": {"type": "string", "format": "binary"}, "example": ""}


def _webhook(kind: EventType) -> Json:
    return {
        "operationId": kind.name.replace(".", "_"),
        "summary": text(kind.description),
        "description": wording.of_event(kind.name),
        "tags": [WEBHOOKS],
        "security": [],
        "requestBody": {"required": True, "content": {JSON: {"schema": of_event(kind), "example": kind.example}}},
        "responses": {"200": {"description": said("Любой ответ 2xx: доставлено")}},
    }
