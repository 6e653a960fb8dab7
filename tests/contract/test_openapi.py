"""The OpenAPI document describes exactly the routes, is valid, has examples that fit, and docs have the current one."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

import app
from chalicelib.core.http import ENDPOINTS
from chalicelib.events.types import webhook_names
from chalicelib.openapi import samples, service, stored

Json = dict[str, Any]
KEPT = Path(__file__).parents[2] / "docs" / "openapi.json"


@pytest.fixture(scope="module")
def document() -> Json:
    """Return the document as a client gets it."""
    return json.loads(json.dumps(service.document(locked=True)))


def operations(document: Json) -> list[tuple[str, Json]]:
    """Yield each operation with its name: `GET /users`."""
    return [
        (f"{method.upper()} {path}", operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_document_has_exactly_the_registered_routes(document: Json) -> None:
    routes = {f"{method} {path}" for path, methods in app.app.routes.items() for method in methods}
    assert {name for name, _ in operations(document)} == routes
    assert set(document["webhooks"]) == set(webhook_names())


def test_endpoint_without_a_result_has_status_204() -> None:
    assert [one.name for one in ENDPOINTS if one.result in (None, type(None)) and one.status != 204] == []


def test_schema_names_are_short_nouns(document: Json) -> None:
    names = list(document["components"]["schemas"])
    assert [name for name in names if not (name.isalnum() and name[0].isupper() and len(name) <= 26)] == []


def test_every_object_says_what_is_in_it(document: Json) -> None:
    """A serializer of a model that returns a dict makes its schema an object of anything: use `exclude_if`."""
    schemas = document["components"]["schemas"]
    assert [name for name, one in schemas.items() if one.get("type") == "object" and not one.get("properties")] == []


def test_document_of_an_open_stage_needs_no_token() -> None:
    accepted: list[Json] = [{"bearer": []}, {"apiKey": []}]
    locked, opened = (service.document(locked=flag) for flag in (True, False))
    assert (locked["security"], opened["security"]) == (accepted, [{}, *accepted])


def test_every_tag_and_group_is_used_and_operations_stand_in_the_order_of_tags(document: Json) -> None:
    used = [tag for _, operation in operations(document) for tag in operation["tags"]]
    assert list(dict.fromkeys(used)) == [tag["name"] for tag in document["tags"]]
    assert [name for group in document["x-tagGroups"] for name in group["tags"]] == list(dict.fromkeys(used))
    assert used == sorted(used, key=list(dict.fromkeys(used)).index)


def test_public_operations_need_no_token_and_all_others_do(document: Json) -> None:
    public = {f"{endpoint.method} {endpoint.path}" for endpoint in ENDPOINTS if endpoint.public}
    assert {name for name, operation in operations(document) if operation.get("security") == []} == public
    assert {name for name, operation in operations(document) if "security" not in operation} | public == {
        name for name, _ in operations(document)
    }


def test_document_is_valid(document: Json) -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_every_response_has_an_example_that_fits(document: Json) -> None:
    wrong = [
        (name, kind, error.message)
        for name, operation in operations(document)
        for kind, content in contents(document, operation)
        for value in examples(content)
        for error in validator(document, content["schema"]).iter_errors(value)
    ]
    assert wrong == []


def test_every_example_body_is_accepted(document: Json) -> None:
    for endpoint in ENDPOINTS:
        if endpoint.body is not None:
            (content,) = document["paths"][endpoint.path][endpoint.method.lower()]["requestBody"]["content"].values()
            endpoint.body.model_validate(content["example"])


def test_every_table_of_examples_names_what_the_document_has(document: Json) -> None:
    given = {one["operationId"]: one for _, one in operations(document)}
    names = {(name, parameter["name"]) for name, one in given.items() for parameter in one["parameters"]}
    assert set(samples.BODIES) <= {name for name, one in given.items() if "requestBody" in one}
    assert {place for place in (*samples.PARAMETERS, *stored.OWN) if place not in names} <= {("assign_defects", "ids")}
    fields = {field for schema in document["components"]["schemas"].values() for field in schema.get("properties", ())}
    assert set(stored.VALUES) <= fields | {name for _, name in names}


def test_stored_document_is_up_to_date(document: Json) -> None:
    assert json.loads(KEPT.read_text("utf-8")) == document, "run `make openapi`"


def contents(document: Json, operation: Json) -> list[tuple[str, Json]]:
    """Yield every content of requests and responses."""
    answers = (resolved(document, answer) for answer in operation["responses"].values())
    parts = [operation.get("requestBody", {}), *answers]
    return [pair for part in parts for pair in part.get("content", {}).items()]


def resolved(document: Json, answer: Json) -> Json:
    """Return a response; where it is a reference, the response that it refers to."""
    name = answer.get("$ref", "").rpartition("/")[2]
    found: Json = document["components"]["responses"][name] if name else answer
    return found


def examples(content: Json) -> list[Any]:
    """Return all examples of a content; there is at least one."""
    several = [one["value"] for one in content.get("examples", {}).values()]
    return several or [content["example"]]


def validator(document: Json, schema: Json) -> jsonschema.Draft202012Validator:
    """Return the validator of a schema that refers into the document."""
    whole = {**schema, "components": document["components"]}
    return jsonschema.Draft202012Validator(whole, format_checker=jsonschema.FormatChecker())
