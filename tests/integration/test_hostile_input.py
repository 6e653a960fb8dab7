"""What nobody should send, to every endpoint: never a 5xx, always the area's error, and a refusal writes nothing.

The table walks the registry of endpoints, so an endpoint that is added is under it at once. Some of the values are fine
for some fields; then they have to be accepted without a failure. That texts are stored as they are is tested apart.
"""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest

import app  # noqa: F401 - fills the registry
from chalicelib.core import rate
from chalicelib.core.areas import area_of_path
from chalicelib.core.http import ENDPOINTS, Endpoint
from tests.http_events import Response
from tests.production import ask, batch_body, batch_with, dump, empty_tables, ok, production, work_center

WRITING = [endpoint for endpoint in ENDPOINTS if endpoint.method != "GET"]
WITH_BODY = [endpoint for endpoint in WRITING if endpoint.body is not None]
WITH_PARAMETERS = [endpoint for endpoint in ENDPOINTS if endpoint.path_types]

TEXTS = [
    "", " \t ", "\u0000", "bell\u0007", "\ud800", "\udfff\ud800", "\ufeff", "\u202e", "x" * 1_000_000, "é" * 201,
    "=cmd|'/c calc'!A1", "<script>alert(1)</script>", "'; DROP TABLE batches;--", "../../etc/passwd", "%00",
    "[]", "[" * 50_000, '{"format": ["pdf"]}', '{"a": NaN}', '{"a": 1, "a": 2}', '{"batch_id": {"$ne": 1}}',
    "${jndi:ldap://x}", "{{7*7}}", "NaN", "1e999", "null", "2025-01-20T08:00:00+99:99", "0000-00-00", "9" * 400,
]  # fmt: skip
NUMBERS = [0, -1, 1, 1.5, -0.0, 2**31, 2**63, 10**40, -(10**299), 1e308, 5e-324, True, False]
OTHERS = [None, [], {}, [None], [[[]]], {"$ne": None}, {"S": "x"}, {"": ""}, ["a"] * 1_000, {"a": {"b": {"c": []}}}]
VALUES = [*TEXTS, *NUMBERS, *OTHERS]

MALFORMED: list[str | bytes] = [
    "{", "}", "{}{}", "{'a': 1}", '{"a": 1,}', "x", "\u0000", '{"a": NaN}', '{"a": -Infinity}', '{"a": 1e999}',
    '{"a": 1, "a": 2}', '{"a": {"b": 1, "b": 2}}', "[" * 100_000, '{"a":' * 5_000 + "1" + "}" * 5_000,
    '{"a": ' + "9" * 5_000 + "}", '{"a": "' + "x" * 1_100_000 + '"}', '{"a": "\\ud800"}', '{"\\udfff": 1}',
    '{"a": "\\u0000"}', b"\xff\xfe{\x00}\x00", b"\xef\xbb\xbf{}", b'{"a": "\xed\xa0\x80"}', b"\x80\x81", b"PK\x03\x04",
]  # fmt: skip
NO_OBJECTS = ["[]", "[{}]", '"text"', "1", "-0", "1.5", "true", "false"]
CONTENT_TYPES = [
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/xml",
]
SEGMENTS = [
    "0", "-1", "1.5", "1e3", "9" * 30, "x" * 2_000, "null", "..", ".", "%", "*", "{batch_id}", "a/b", "a\\b", "\u0000",
    "\n", "<b>", "'", "ё", "\U0001f600", "00000000-0000-0000-0000-00000000000g", " 1", "+1", "0x1", "١",
    "{00000000-0000-0000-0000-000000000000}", "00000000000000000000000000000000",
]  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def tables() -> Iterator[None]:
    """moto with every table. Nobody is asked to wait: it is what is sent that matters here."""
    with pytest.MonkeyPatch.context() as patch, production():
        patch.setattr(rate, "check", lambda client, *, most, within: None)
        yield


@pytest.fixture
def sample(tables: None) -> Iterator[dict[str, Any]]:
    """A batch with a product, and the path parameters that lead to them."""
    made = batch_with("A")
    yield {
        "batch_id": made["uuid"],
        "product_id": made["products"][0]["uuid"],
        "work_center_id": made["work_center_id"],
    }
    empty_tables()


def name_of(endpoint: Endpoint) -> str:
    return f"{endpoint.method} {endpoint.path}"


def path_of(endpoint: Endpoint, sample: dict[str, Any], **params: str) -> str:
    path = endpoint.path
    for name, kind in endpoint.path_types.items():
        usual = sample.get(name, "00000000-0000-4000-8000-00000000dead" if kind is UUID else "1")
        path = path.replace(f"{{{name}}}", quote(params.get(name, usual), safe=""))
    return path


def good_body(endpoint: Endpoint, sample: dict[str, Any]) -> dict[str, Any]:
    """What the endpoint takes, with every field; a model without an example here has its fields as texts."""
    examples: dict[str, dict[str, Any]] = {
        "BatchCreate": batch_body(sample["work_center_id"]),
        "BatchPatch": batch_body(sample["work_center_id"]) | {"is_closed": False},
        "ReportCreate": {"name": "Отчет", "template_id": 2, "parameters": "{}", "format": "pdf"},
        "TemplateWrite": {"name": "Шаблон", "base_template_id": 2, "parameters": "{}"},
    }
    fields = dict.fromkeys(endpoint.body.model_fields, "text") if endpoint.body else {}
    return fields | examples.get(getattr(endpoint.body, "__name__", ""), {})


def check(answer: Response, path: str, sent: object) -> None:
    """No failure; a refusal is in the shape of the API area."""
    shown = f"{path} {str(sent)[:80]!r}: {answer.status} {answer.body[:300]!r}"
    assert answer.status < 500, shown
    assert answer.headers["X-Request-Id"], shown
    if answer.status < 400:
        return
    assert answer.headers["Content-Type"] == "application/json", shown
    area = area_of_path(path.partition("?")[0]).name
    names = {"production": {"detail", "errors"}, "users": {"success", "error"}}.get(area, {"error"})
    assert set(answer.json) <= names, shown
    assert len(answer.body) < 20_000, shown


class Watch:
    """Sees to it that what is refused writes nothing."""

    def __init__(self) -> None:
        self.before = dump()

    def after(self, answer: Response, sent: object) -> None:
        now = dump()
        if answer.status >= 400:
            assert now == self.before, f"{answer.status} {str(sent)[:80]!r}"
        self.before = now


@pytest.mark.parametrize("endpoint", WITH_BODY, ids=name_of)
def test_every_field_against_every_value(endpoint: Endpoint, sample: dict[str, Any]) -> None:
    watch, good, path = Watch(), good_body(endpoint, sample), path_of(endpoint, sample)
    for field in good:
        for value in VALUES:
            answer = ask(endpoint.method, path, good | {field: value})
            check(answer, path, (field, value))
            watch.after(answer, (field, value))


@pytest.mark.parametrize("endpoint", WRITING, ids=name_of)
def test_bodies_that_are_no_json_are_refused(endpoint: Endpoint, sample: dict[str, Any]) -> None:
    watch, path = Watch(), path_of(endpoint, sample)
    for body in MALFORMED if not endpoint.raw else []:
        answer = ask(endpoint.method, path, body, {"Content-Type": "application/json"})
        check(answer, path, body)
        assert answer.status in (400, 413, 422), body[:80]
        watch.after(answer, body)


@pytest.mark.parametrize("endpoint", WITH_BODY, ids=name_of)
def test_bodies_that_are_no_object_are_refused(endpoint: Endpoint, sample: dict[str, Any]) -> None:
    watch, path = Watch(), path_of(endpoint, sample)
    for body in NO_OBJECTS:
        answer = ask(endpoint.method, path, body, {"Content-Type": "application/json"})
        check(answer, path, body)
        assert answer.status in (400, 422), body
        watch.after(answer, body)


@pytest.mark.parametrize("endpoint", WITH_BODY, ids=name_of)
def test_another_content_type_is_415(endpoint: Endpoint, sample: dict[str, Any]) -> None:
    watch, path = Watch(), path_of(endpoint, sample)
    body = json.dumps(good_body(endpoint, sample))
    for content_type in CONTENT_TYPES:
        answer = ask(endpoint.method, path, body, {"Content-Type": content_type})
        check(answer, path, content_type)
        assert answer.status == 415
        watch.after(answer, content_type)


@pytest.mark.parametrize("endpoint", WITH_PARAMETERS, ids=name_of)
def test_a_path_with_tricks_finds_nothing(endpoint: Endpoint, sample: dict[str, Any]) -> None:
    watch = Watch()
    for name in endpoint.path_types:
        for value in SEGMENTS:
            path = path_of(endpoint, sample, **{name: value})
            body = good_body(endpoint, sample) if endpoint.body else None
            answer = ask(endpoint.method, path, body)
            check(answer, path, value)
            assert answer.status in (400, 404, 405, 422), (path, answer.status)
            watch.after(answer, value)


@pytest.mark.parametrize("endpoint", WRITING, ids=name_of)
def test_unknown_parameters_and_fields_do_no_harm(endpoint: Endpoint, sample: dict[str, Any]) -> None:
    path = f"{path_of(endpoint, sample)}?__proto__=1&%00=%00&cascade=%FF&x=%ed%a0%80&{'a' * 3_000}=1"
    body = good_body(endpoint, sample) | {"__proto__": {}, "uuid": "x", "version": 99, "constructor": None}
    check(ask(endpoint.method, path, body if endpoint.body else None), path, body)


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "<b>&amp;</b>",
        "'; DROP TABLE x;--",
        "\u202eabc",
        "é e\u0301",
        "😀",
        "%00",
        "null",
    ],
)
def test_texts_that_look_dangerous_are_stored_as_they_are(sample: dict[str, Any], text: str) -> None:
    center = work_center(identifier=text, name=text)
    assert ok("GET", f"/api/work_centers/{center['uuid']}")["identifier"] == text
    texts = dict.fromkeys(("task_description", "shift", "team", "nomenclature", "ekn_code"), text)
    made = ok("POST", "/api/batches", batch_body(center["uuid"]) | texts)
    ok("POST", f"/api/batches/{made['uuid']}/products", {"unique_code": text})
    found = ok("GET", f"/api/batches?shift={quote(text)}&work_center_id={center['uuid']}")["items"][0]
    assert {name: found[name] for name in texts} == texts
    assert found["products"][0]["unique_code"] == text
    assert ok("GET", f"/api/products?unique_code={quote(text)}")["total"] == 1
