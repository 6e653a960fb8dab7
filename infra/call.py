"""`python -m infra.call --stage local --function work --event file.json`: call one function with an event.

For the local stack the function runs in this process, with the code of this folder and the environment that its
deployed copy has: `breakpoint()` works. For another stage Lambda runs it. Prints its log entries and its result.
"""

import argparse
import ast
import base64
import contextlib
import io
import json
import os
import sys
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TextIO

from infra.deploying.failures import DeployFailed, one_line_errors
from infra.local_stack import ROOT
from infra.log_lines import Entry, line
from infra.names import Json
from infra.proxy_event import proxy_event
from infra.stages import LOCAL, client_arguments, stage_name

API = "api"


def functions() -> dict[str, str]:
    """Return the functions of app.py with the first lines of their descriptions. Nothing is imported: importing app.py
    reads the environment, which is not set yet.
    """
    found = {API: "All calls of the API."}
    for node in ast.parse((ROOT / "app.py").read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef) and "lambda_function" in ast.unparse(node.decorator_list[0]):
            found[node.name.replace("_", "-")] = (ast.get_docstring(node) or "").partition("\n")[0]
    return found


def event_for(function: str, given: Json) -> Json:
    """Return the event. Of the API it may be short: `{"method": "GET", "path": "/orders"}`, `body`, `headers`."""
    if function != API or "method" not in given:
        return given
    headers = {"Accept": "application/json", **given.get("headers", {})}
    return proxy_event(given["method"], given["path"], given.get("body"), headers)


def call_here(function: str, event: Json, place: Mapping[str, Any]) -> Any:
    """Call the function in this process; return its result."""
    import boto3

    name = f"shopfloor-{LOCAL}-{function}"
    deployed = boto3.client("lambda", **place).get_function_configuration(FunctionName=name)
    os.environ.update(deployed["Environment"]["Variables"])
    os.environ.update(AWS_LAMBDA_FUNCTION_NAME=name, AWS_ENDPOINT_URL=place["endpoint_url"])
    os.environ.update(AWS_REGION=place["region_name"], AWS_DEFAULT_REGION=place["region_name"])
    os.environ["AWS_ACCESS_KEY_ID"] = place["aws_access_key_id"]
    os.environ["AWS_SECRET_ACCESS_KEY"] = place["aws_secret_access_key"]
    import app  # only now: it reads the environment

    ends = time.monotonic() + deployed["Timeout"]
    context = SimpleNamespace(aws_request_id=str(uuid.uuid4()), function_name=name, memory_limit_in_mb=0)
    context.get_remaining_time_in_millis = lambda: max(0, int((ends - time.monotonic()) * 1000))
    called = app.app if function == API else getattr(app, function.replace("-", "_"))
    try:
        return called(event, context)
    except Exception as error:  # its stack trace is in its log entry
        raise DeployFailed(f"the function failed: {type(error).__name__}: {error}") from None


def call_deployed(stage: str, function: str, event: Json, place: Mapping[str, Any]) -> Any:
    """Let Lambda call the function of a stage; return its result."""
    import boto3

    name = f"shopfloor-{stage}-{function}"
    answer = boto3.client("lambda", **place).invoke(FunctionName=name, Payload=json.dumps(event), LogType="Tail")
    entries = _Readable(sys.stderr, function)
    entries.write(base64.b64decode(answer["LogResult"]).decode(errors="replace"))
    result = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise DeployFailed(f"the function failed: {result.get('errorType')}: {result.get('errorMessage')}")
    return result


class _Readable(io.TextIOBase):
    """The standard error of a function: its entries become short lines, with their stack traces."""

    def __init__(self, out: TextIO, function: str) -> None:
        self._out, self._function = out, function

    def write(self, text: str) -> int:
        """Write the lines of a text."""
        for one in text.splitlines():
            entry = Entry(int(time.time() * 1000), self._function, one)
            shown = line(entry, colours=self._out.isatty(), traces=True) if one.startswith("{") else one
            if shown is not None and not entry.is_of_runtime:
                self._out.write(f"{shown}\n")
        return len(text)

    def flush(self) -> None:
        """Pass on what is held."""
        self._out.flush()


@one_line_errors()
def main() -> int:
    """Call the function that the arguments of the command line name, or list all."""
    parser = argparse.ArgumentParser(prog="python -m infra.call", description=__doc__)
    parser.add_argument("--stage", type=stage_name, required=True)
    parser.add_argument("--function", default="", help="e.g. api or report-step; without it they are listed")
    parser.add_argument("--event", type=Path, help="a JSON file; without it: {}")
    arguments = parser.parse_args()
    function, known = arguments.function.replace("_", "-"), functions()
    if not function:
        sys.stdout.write("".join(f"{name:<18}{text}\n" for name, text in known.items()))
        sys.stdout.write("one of them: make call FUNCTION=api EVENT=docs/examples/events/api.json\n")
        return 0
    if function not in known:
        raise DeployFailed(f"there is no function {function}, but {', '.join(known)}")
    event = event_for(function, _read(arguments.event))
    place = client_arguments(arguments.stage)
    if arguments.stage == LOCAL:
        with contextlib.redirect_stderr(_Readable(sys.stderr, function)):
            result = call_here(function, event, place)
    else:
        result = call_deployed(arguments.stage, function, event, place)
    sys.stdout.write(json.dumps(result, ensure_ascii=False, indent=1, default=str) + "\n")
    return 0


def _read(file: Path | None) -> Json:
    if file is None:
        return {}
    try:
        event: Json = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise DeployFailed(f"{file} cannot be read as JSON: {error}") from None
    return event


if __name__ == "__main__":
    sys.exit(main())
