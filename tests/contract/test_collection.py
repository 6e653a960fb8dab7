"""The collection for Postman and Bruno: valid, and every operation once, ready to be sent."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import pytest

import app
from chalicelib.core.settings import settings
from chalicelib.openapi import service
from chalicelib.openapi.collection import collection
from tests.http_events import event, lambda_context

Json = dict[str, Any]
URL = "https://shop.example.com/plant"
TEXT: Json = {"type": "string"}
PAIR: Json = {
    "type": "object",
    "properties": {"key": {**TEXT, "minLength": 1}, "value": TEXT, "description": TEXT, "disabled": {"const": True}},
    "required": ["key", "value"],
    "additionalProperties": False,
}
FILE: Json = {"type": "object", "properties": {"key": TEXT, "type": {"const": "file"}, "src": {"const": []}}}
FIELD: Json = {"type": "object", "properties": {**PAIR["properties"], "type": {"const": "text"}}, "required": ["value"]}
AUTH: Json = {"type": "object", "properties": {"type": {"enum": ["bearer", "noauth"]}}, "required": ["type"]}
BODY: Json = {
    "oneOf": [
        {"properties": {"mode": {"const": "raw"}, "raw": TEXT}, "required": ["mode", "raw"]},
        {
            "properties": {"mode": {"const": "formdata"}, "formdata": {"items": {"oneOf": [FIELD, FILE]}}},
            "required": ["mode", "formdata"],
        },
    ]
}
ITEM: Json = {
    "type": "object",
    "properties": {
        "name": {**TEXT, "minLength": 1},
        "request": {
            "type": "object",
            "properties": {
                "method": {"enum": ["GET", "POST", "PUT", "PATCH", "DELETE"]},
                "url": {
                    "type": "object",
                    "properties": {
                        "raw": TEXT,
                        "host": {"const": ["{{baseUrl}}"]},
                        "path": {"type": "array", "items": TEXT},
                        "query": {"type": "array", "items": PAIR},
                        "variable": {"type": "array", "items": PAIR},
                    },
                    "required": ["raw", "host", "path"],
                    "additionalProperties": False,
                },
                "header": {"type": "array", "items": PAIR},
                "body": BODY,
                "auth": AUTH,
                "description": TEXT,
            },
            "required": ["method", "url", "header"],
            "additionalProperties": False,
        },
        "response": {"const": []},
        "event": {"type": "array", "items": {"properties": {"listen": {"const": "test"}}, "required": ["script"]}},
    },
    "required": ["name", "request"],
    "additionalProperties": False,
}
"""What of https://schema.getpostman.com/json/collection/v2.1.0/collection.json is used."""
FORMAT: Json = {
    "type": "object",
    "properties": {
        "info": {"type": "object", "required": ["name", "schema"]},
        "auth": AUTH,
        "variable": {"type": "array", "items": PAIR},
        "item": {
            "type": "array",
            "items": {
                "properties": {"name": TEXT, "description": TEXT, "item": {"type": "array", "items": ITEM}},
                "required": ["name", "item"],
            },
        },
    },
    "required": ["info", "item"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def document() -> Json:
    """The description of a stage where calls need a token."""
    return json.loads(json.dumps(service.document(locked=True)))


@pytest.fixture(scope="module")
def made(document: Json) -> Json:
    """Its collection."""
    return collection(document, URL)


def requests(made: Json) -> Iterator[tuple[str, Json]]:
    """Every request, with the name of its folder."""
    for folder in made["item"]:
        for item in folder["item"]:
            yield folder["name"], item["request"]


def test_it_has_the_format_v2_1(made: Json) -> None:
    jsonschema.Draft202012Validator(FORMAT).validate(made)
    assert made["info"]["schema"].endswith("/v2.1.0/collection.json")


def test_every_operation_is_once_in_the_folder_of_its_tag_in_the_order_of_the_document(
    made: Json, document: Json
) -> None:
    titles = {tag["name"]: tag["x-displayName"] for tag in document["tags"]}
    described = [
        (titles[operation["tags"][0]], method.upper(), re.sub(r"\{(\w+)\}", r":\1", path))
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    order = list(titles.values()).index
    found = [(folder, one["method"], "/" + "/".join(one["url"]["path"])) for folder, one in requests(made)]
    assert found == sorted(described, key=lambda one: order(one[0]))


def test_every_variable_is_defined_and_every_part_of_a_path_has_a_value(made: Json) -> None:
    used = set(re.findall(r"\{\{([^}]*)\}\}", json.dumps(made)))
    assert used == {"baseUrl", "token", "$guid"}
    assert {one["key"]: one["value"] for one in made["variable"]} == {"baseUrl": URL, "token": ""}
    for _, request in requests(made):
        named = [part[1:] for part in request["url"]["path"] if part.startswith(":")]
        assert named == [one["key"] for one in request["url"].get("variable", ()) if one["value"]]


def test_bodies_are_the_examples_of_the_document(made: Json, document: Json) -> None:
    for _, request in requests(made):
        path = re.sub(r":(\w+)", r"{\1}", "/" + "/".join(request["url"]["path"]))
        described = document["paths"][path][request["method"].lower()].get("requestBody")
        assert ("body" in request) == (described is not None)
        if described and request["body"]["mode"] == "raw":
            (kind,) = (one["value"] for one in request["header"] if one["key"] == "Content-Type")
            assert json.loads(request["body"]["raw"]) == described["content"][kind]["example"]


def test_a_repeated_post_is_one_request_and_a_login_keeps_its_token(made: Json) -> None:
    posts = [one for _, one in requests(made) if one["method"] == "POST" and one["url"]["path"] == ["api", "batches"]]
    assert {"key": "Idempotency-Key", "value": "{{$guid}}"}.items() <= posts[0]["header"][1].items()
    (login,) = (item for folder in made["item"] for item in folder["item"] if "event" in item)
    assert login["request"]["url"]["path"] == ["v1", "users", "login"]
    assert login["request"]["auth"] == {"type": "noauth"}


@pytest.mark.parametrize("locked", [True, False])
def test_a_token_is_sent_where_one_is_needed(locked: bool) -> None:
    kind = collection(service.document(locked=locked), URL)["auth"]["type"]
    assert kind == ("bearer" if locked else "noauth")


@pytest.fixture
def locked_stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Calls need a token; an open stage puts ids that it has stored into the collection."""
    monkeypatch.setenv("AUTH_REQUIRED", "true")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.mark.parametrize(("path", "name"), [("/collection.json", "Партии"), ("/collection.en.json", "Batches")])
def test_a_stage_serves_it_with_its_own_address_in_both_languages(locked_stage: None, path: str, name: str) -> None:
    asked = event("GET", path, headers={"Host": "api.example.com", "X-Forwarded-Proto": "https"})
    asked["requestContext"] |= {"path": f"/prod{path}"}
    served = json.loads(app.app(asked, lambda_context())["body"])
    jsonschema.Draft202012Validator(FORMAT).validate(served)
    (base,) = (one["value"] for one in served["variable"] if one["key"] == "baseUrl")
    assert base == "https://api.example.com/prod"
    assert name in [folder["name"] for folder in served["item"]]
    (own,) = (one for _, one in requests(served) if one["url"]["raw"] == f"{{{{baseUrl}}}}{path}")
    called = urlsplit(own["url"]["raw"].replace("{{baseUrl}}", base)).path.removeprefix("/prod")
    assert app.app(event(own["method"], called), lambda_context())["statusCode"] == 200
