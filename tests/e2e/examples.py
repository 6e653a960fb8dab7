"""Every example of the OpenAPI document, sent once as `/docs` would send it."""

from collections.abc import Iterator
from typing import Any

from chalicelib.openapi.stored import with_stored
from tests.e2e.stack import Stack

Json = dict[str, Any]
MULTIPART = "multipart/form-data"
REFUSED: dict[str, tuple[tuple[int, ...], str]] = {
    "cancel_background_task": ((409,), "all tasks of the demo have ended"),
    "cancel_report": ((409,), "all reports of the demo have ended"),
    "cancel_saga": ((409,), "all sagas of the demo have ended"),
    "start_import": ((400,), "it needs a file"),
    "use_link": ((400,), "it needs the code of an email"),
    "change_password": ((401, 409), "it needs your own password, and the built-in administrator has none"),
    "update_profile": ((409,), "the built-in administrator, who calls without a token, has no profile to change"),
    "show_console": ((503,), "the console is not built yet"),
    "get_console_asset": ((404,), "the console is not built yet"),
}
"""Operations whose first call may be refused: with which status, and why."""


def failures(stack: Stack) -> dict[str, str]:
    """Send every example in the order of the document; return each answer that is neither a success nor foreseen."""
    document = with_stored(stack.call("GET", "/openapi.json").json(), lambda path: stack.call("GET", path).json())
    found = {}
    for method, path, operation in _operations(document):
        response = stack.call(method, path.format_map(_values(operation, "path")), **_request(operation))
        foreseen, _ = REFUSED.get(operation["operationId"], ((), ""))
        if response.status_code >= 400 and response.status_code not in foreseen:
            found[operation["operationId"]] = f"{response.status_code} {response.text[:300]}"
    return found


def _operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def _values(operation: Json, place: str) -> Json:
    given = [parameter for parameter in operation["parameters"] if parameter["in"] == place]
    return {parameter["name"]: parameter["example"] for parameter in given if "example" in parameter}


def _request(operation: Json) -> Json:
    request: Json = {"params": _values(operation, "query")}
    content = operation.get("requestBody", {}).get("content", {})
    if MULTIPART in content:
        return request | {"files": {"file": ("batches.csv", b"")}}
    if content:
        return request | {"json": next(iter(content.values()))["example"]}
    return request
