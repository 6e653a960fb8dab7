"""The OpenAPI document says what everything means, in Russian and in English."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

import app  # noqa: F401 - registers every endpoint
from chalicelib.core import texts
from chalicelib.openapi import service, wording
from localstack.config import ROOT

Json = dict[str, Any]
CYRILLIC = re.compile("[А-Яа-яЁё]")
EXAMPLES = ("example", "examples")  # what they have is data
TEXTS = ("summary", "description", "x-displayName")


@pytest.fixture(scope="module")
def documents() -> Mapping[str, Json]:
    """The document by its language."""
    return {name: json.loads(json.dumps(service.document(locked=True, language=name))) for name in service.LANGUAGES}


@pytest.fixture(scope="module", params=list(service.LANGUAGES))
def document(request: pytest.FixtureRequest, documents: Mapping[str, Json]) -> Json:
    """The document in one language."""
    return documents[request.param]


def operations(document: Json) -> Iterator[tuple[str, Json]]:
    """Yield each operation and each event with its name."""
    for part in ("paths", "webhooks"):
        for path, methods in document[part].items():
            for method, operation in methods.items():
                yield f"{method} {path}", operation


def fields(name: str, schema: Json) -> Iterator[tuple[str, str, Json]]:
    """Yield each field of a schema and of the schemas inside it: its place, its name, its schema."""
    for field, inner in schema.get("properties", {}).items():
        yield f"{name}.{field}", field, inner
        yield from fields(f"{name}.{field}", inner)


def described(document: Json) -> Iterator[tuple[str, str, Json]]:
    """Yield all that has a description: its place, its name, and the object."""
    for tag in document["tags"]:
        yield f"tag {tag['name']}", tag["name"], tag
    for name, schema in document["components"]["schemas"].items():
        yield f"model {name}", name, schema
        yield from fields(name, schema)
    for name, header in document["components"]["headers"].items():
        yield f"header {name}", name, header
    for name, operation in operations(document):
        yield name, operation["operationId"], operation
        for parameter in operation.get("parameters", ()):
            yield f"{name} ? {parameter['name']}", parameter["name"], parameter
        if name.startswith("post ") and "." in name:
            yield from fields(name, operation["requestBody"]["content"]["application/json"]["schema"])


def test_everything_is_described_by_more_than_its_name(document: Json) -> None:
    wrong = [
        place
        for place, name, about in described(document)
        if len(about.get("description", "")) <= 3 or about["description"].strip("`. ").lower() == name.lower()
    ]
    assert not wrong, "describe it in chalicelib/openapi/descriptions, or in the docstring of its handler"


def test_every_model_names_its_fields(document: Json) -> None:
    models = document["components"]["schemas"].items()
    assert [name for name, schema in models if schema["type"] == "object" and not schema.get("properties")] == []


def test_an_operation_has_a_description_that_does_not_repeat_its_summary(document: Json) -> None:
    wrong = [
        name
        for name, operation in operations(document)
        if not operation["summary"] or operation["description"].startswith(operation["summary"])
    ]
    assert not wrong
    roles = [part for _, one in operations(document) for part in one["description"].split("\n\n")[-1:]]
    assert len(set(roles)) > 5


def test_no_summary_stands_twice(document: Json) -> None:
    summaries = [operation["summary"] for _, operation in operations(document)]
    assert sorted({one for one in summaries if summaries.count(one) > 1}) == []


def test_the_english_document_has_no_russian_but_in_examples(documents: Mapping[str, Json]) -> None:
    assert list(russian(documents["en"], "")) == []


def russian(value: Any, place: str) -> Iterator[str]:
    """Yield the places of Russian texts outside examples."""
    if isinstance(value, str) and CYRILLIC.search(value):
        yield f"{place}: {value}"
    if isinstance(value, list):
        for index, inner in enumerate(value):
            yield from russian(inner, f"{place}[{index}]")
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in EXAMPLES:
                yield from russian(inner, f"{place}.{key}")


def test_both_documents_describe_the_same_api(documents: Mapping[str, Json]) -> None:
    assert shape(documents["ru"]) == shape(documents["en"])


def shape(value: Any) -> Any:
    """Return a document without its texts."""
    if isinstance(value, list):
        return [shape(inner) for inner in value]
    if isinstance(value, dict):
        words = (*TEXTS, "default", "x-tagGroups")
        kept = {key: inner for key, inner in value.items() if key not in words or isinstance(inner, dict)}
        return {key: shape(inner) for key, inner in kept.items() if key not in EXAMPLES}
    return value


def test_no_description_and_no_translation_is_left_over(documents: Mapping[str, Json]) -> None:
    shown = {language: set(texts_of(document)) for language, document in documents.items()}
    for kind in ("parameters", "fields", "models", "events"):
        assert {name: text for name, text in wording.table(kind).items() if text not in shown["ru"]} == {}
    templates = {key for key in texts.entries(document=True) if "{" in key or key in wording.ROLES.values()}
    assert sorted(set(texts.entries(document=True)) - shown["ru"] - templates) == []


def texts_of(value: Any) -> Iterator[str]:
    """Yield all texts of a document, and their paragraphs."""
    if isinstance(value, str):
        yield from value.split("\n\n")
    for inner in value if isinstance(value, list) else value.values() if isinstance(value, dict) else ():
        yield from texts_of(inner)


@pytest.mark.parametrize("language", list(service.LANGUAGES))
def test_kept_documents_are_up_to_date(documents: Mapping[str, Json], language: str) -> None:
    kept = json.loads((ROOT / service.LANGUAGES[language]).read_text("utf-8"))
    assert kept == documents[language], "run `make openapi`"


def test_a_field_that_says_the_same_in_every_model_is_described_once() -> None:
    for kind in ("parameters", "fields"):
        table = tomllib.loads((wording.FOLDER / f"{kind}.toml").read_text("utf-8"))
        twice = [name for name, text in table.items() if "." in name and table.get(name.rpartition(".")[2]) == text]
        assert twice == []
