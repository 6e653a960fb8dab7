"""The served document has examples of what is stored, but only where nobody needs a token to see it."""

from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from chalicelib.core.settings import Settings
from chalicelib.openapi import service, stored
from tests.production import batch, batch_with, closed_batch, ok, work_center

pytestmark = pytest.mark.usefixtures("tables_of_the_system")
CENTER = "/api/work_centers/{work_center_id}"


def example(document: str = "/openapi.json") -> Any:
    """Return the example id of a work centre."""
    return ok("GET", document)["paths"][CENTER]["get"]["parameters"][0]["example"]


def test_examples_are_ids_of_stored_things(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = example()
    center = work_center(identifier="WC-DEMO")["uuid"]
    batch(work_center_id=center)
    assert example() == usual
    monkeypatch.setattr(service, "shows_stored", lambda _: True)
    assert example() == example("/openapi.en.json") == center
    body = ok("GET", "/openapi.json")["paths"]["/api/batches"]["post"]["requestBody"]["content"]["application/json"]
    assert body["example"]["work_center_id"] == center


def test_examples_of_batches_have_what_their_calls_need_when_no_shift_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "shows_stored", lambda _: True)
    third, second, first = [batch_with(f"{at}1", f"{at}2") for at in range(3)]  # of a shift that has ended
    batch_with("one")
    batch()  # nothing is made
    closed = closed_batch("a", "b")
    paths = ok("GET", "/openapi.json")["paths"]

    def of(method: str, path: str) -> Any:
        return [one["example"] for one in paths[path][method]["parameters"] if one["in"] == "path"]

    products = [one["uuid"] for one in first["products"]]
    assert of("get", "/api/batches/{batch_id}") == [first["uuid"]]
    assert of("patch", "/api/batches/{batch_id}/aggregate") == [second["uuid"]]
    assert of("patch", "/api/batches/{batch_id}/close") == [third["uuid"]]
    assert of("delete", "/api/batches/{batch_id}") == [closed["uuid"]]
    assert of("patch", "/api/products/{product_id}/aggregate") == products[:1]
    assert of("delete", "/api/batches/{batch_id}/products/{product_id}") == [first["uuid"], products[1]]


def test_the_document_is_there_when_the_tables_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_path: str) -> Any:
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")

    monkeypatch.setattr(service, "shows_stored", lambda _: True)
    monkeypatch.setattr(stored, "read_here", fails)
    assert example() == service.document(locked=True)["paths"][CENTER]["get"]["parameters"][0]["example"]


@pytest.mark.parametrize(
    ("stage", "shown"),
    [
        (Settings(stage="local", auth_required=False, aws_endpoint_url="http://127.0.0.1:4566"), True),
        (Settings(stage="local", auth_required=True, aws_endpoint_url="http://127.0.0.1:4566"), False),
        (Settings(stage="dev", auth_required=False), False),
    ],
)
def test_what_is_stored_is_shown_on_the_local_stack_without_tokens_only(stage: Settings, *, shown: bool) -> None:
    assert service.shows_stored(stage) == shown


@pytest.mark.parametrize(
    "answer",
    [{}, [], None, {"items": [None]}, {"tasks": [{"result": None}]}, {"items": [{"result": {"download_url": 1}}]}],
)
def test_lists_of_another_form_leave_the_examples_as_they_are(answer: Any) -> None:
    usual = service.document(locked=True)
    assert stored.with_stored(usual, read=lambda _: answer)["paths"].keys() == usual["paths"].keys()
