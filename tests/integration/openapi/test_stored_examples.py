"""The served document has examples of what is stored, but only where nobody needs a token to see it."""

from typing import Any

import pytest

from chalicelib.core.settings import settings
from tests.production import batch, ok, work_center

pytestmark = pytest.mark.usefixtures("tables_of_the_system")


def example_of(path: str, document: str = "/openapi.json") -> Any:
    """Return the example of the first parameter of GET of a path."""
    return ok("GET", document)["paths"][path]["get"]["parameters"][0]["example"]


def test_examples_are_ids_of_stored_things_unless_a_token_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    path = "/api/work_centers/{work_center_id}"
    usual = example_of(path)
    center = work_center(identifier="WC-DEMO")["uuid"]
    batch(work_center_id=center)
    assert example_of(path) == example_of(path, "/openapi.en.json") == center != usual
    body = ok("GET", "/openapi.json")["paths"]["/api/batches"]["post"]["requestBody"]["content"]["application/json"]
    assert body["example"]["work_center_id"] == center
    monkeypatch.setenv("AUTH_REQUIRED", "true")
    settings.cache_clear()
    try:
        assert example_of(path) == usual
    finally:
        monkeypatch.undo()
        settings.cache_clear()
