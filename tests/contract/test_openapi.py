"""The OpenAPI document: it says what the routes do, is valid, its examples fit, and docs keep the one of now."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

import app
from chalicelib.core.http import ENDPOINTS
from chalicelib.events.types import webhook_names
from chalicelib.openapi import service

Json = dict[str, Any]
KEPT = Path(__file__).parents[2] / "docs" / "openapi.json"


@pytest.fixture(scope="module")
def document() -> Json:
    """As a client gets it."""
    return json.loads(json.dumps(service.document(locked=True)))


def operations(document: Json) -> list[tuple[str, Json]]:
    """`GET /users` and what is said of it."""
    return [
        (f"{method.upper()} {path}", operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_it_has_the_routes_and_nothing_else(document: Json) -> None:
    routes = {f"{method} {path}" for path, methods in app.app.routes.items() for method in methods}
    assert {name for name, _ in operations(document)} == routes
    assert set(document["webhooks"]) == set(webhook_names())


def test_what_answers_nothing_says_204() -> None:
    assert [one.name for one in ENDPOINTS if one.result in (None, type(None)) and one.status != 204] == []


def test_names_of_schemas_are_nouns_and_short(document: Json) -> None:
    names = list(document["components"]["schemas"])
    assert [name for name in names if not (name.isalnum() and name[0].isupper() and len(name) <= 26)] == []


def test_the_document_of_an_open_stage_asks_for_no_token() -> None:
    accepted: list[Json] = [{"bearer": []}, {"apiKey": []}]
    locked, opened = (service.document(locked=flag) for flag in (True, False))
    assert (locked["security"], opened["security"]) == (accepted, [{}, *accepted])


def test_it_is_valid(document: Json) -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_every_answer_is_described_with_an_example_that_fits(document: Json) -> None:
    wrong = [
        (name, kind, error.message)
        for name, operation in operations(document)
        for kind, content in contents(document, operation)
        for value in examples(content)
        for error in validator(document, content["schema"]).iter_errors(value)
    ]
    assert wrong == []


def test_every_body_in_the_document_is_one_that_is_taken(document: Json) -> None:
    for endpoint in ENDPOINTS:
        if endpoint.body is not None:
            (content,) = document["paths"][endpoint.path][endpoint.method.lower()]["requestBody"]["content"].values()
            endpoint.body.model_validate(content["example"])


def test_the_kept_document_is_the_one_of_now(document: Json) -> None:
    assert json.loads(KEPT.read_text("utf-8")) == document, "run `make openapi`"


def contents(document: Json, operation: Json) -> list[tuple[str, Json]]:
    """Every content that goes in or out."""
    answers = (resolved(document, answer) for answer in operation["responses"].values())
    parts = [operation.get("requestBody", {}), *answers]
    return [pair for part in parts for pair in part.get("content", {}).items()]


def resolved(document: Json, answer: Json) -> Json:
    """An answer that is referred to."""
    name = answer.get("$ref", "").rpartition("/")[2]
    found: Json = document["components"]["responses"][name] if name else answer
    return found


def examples(content: Json) -> list[Any]:
    """All examples of a content; there is at least one."""
    several = [one["value"] for one in content.get("examples", {}).values()]
    return several or [content["example"]]


def validator(document: Json, schema: Json) -> jsonschema.Draft202012Validator:
    """Of a schema that refers into the document."""
    whole = {**schema, "components": document["components"]}
    return jsonschema.Draft202012Validator(whole, format_checker=jsonschema.FormatChecker())
