"""The way of a request through the code is short, and docs/architecture.md lists it."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import chalicelib
from tests.aws_calls import Call, patch_calls
from tests.production import batch_body, ok, production, work_center

PACKAGE = Path(chalicelib.__file__).parent
ARCHITECTURE = PACKAGE.parent / "docs" / "architecture.md"
MAX_FUNCTIONS = 15


@pytest.fixture(autouse=True)
def _tables() -> Iterator[None]:
    with production():
        yield


def functions_on_the_stack() -> list[str]:
    """Return the functions of chalicelib that are running, outermost first: `core/application.App._answer`."""
    found, frame = [], sys._getframe()
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(PACKAGE):
            found.append(f"{path.relative_to(PACKAGE).with_suffix('')}.{frame.f_code.co_qualname}")
        frame = frame.f_back
    return found[::-1]


def test_documented_functions_lead_to_the_commit_of_a_new_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    stacks: list[list[str]] = []

    def recording(real: Call) -> Call:
        def call(client: Any, operation: str, arguments: Any) -> Any:
            if operation == "TransactWriteItems":
                stacks.append(functions_on_the_stack())
            return real(client, operation, arguments)

        return call

    body = batch_body(work_center()["uuid"])
    patch_calls(monkeypatch, recording)
    ok("POST", "/api/batches", body)
    listed = re.findall(r"^\d+\. `(\w+/[\w.]+)`: ", ARCHITECTURE.read_text("utf-8"), re.MULTILINE)
    assert stacks == [listed]
    assert len(listed) <= MAX_FUNCTIONS
