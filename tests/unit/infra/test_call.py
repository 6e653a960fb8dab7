"""`make call`: which functions there are, which events are offered, how an entry is printed."""

import base64
import io
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import app
from infra import call
from infra.deploying.failures import DeployFailed
from infra.template import deployed_functions
from localstack.config import ROOT

EXAMPLES = sorted((ROOT / "docs" / "examples" / "events").glob("*.json"))


def test_every_function_is_offered_with_what_it_does() -> None:
    deployed = {name.replace("_", "-") for name in deployed_functions(app.app)} - {"api-handler"}
    assert set(call.functions()) == deployed | {call.API}
    assert all(call.functions().values())


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_an_example_is_an_event_of_the_function_that_it_is_named_after(file: Path) -> None:
    assert isinstance(json.loads(file.read_text()), dict)
    assert file.stem in call.functions()


def test_a_short_event_of_the_api_becomes_that_of_the_gateway() -> None:
    made = call.event_for("api", {"method": "POST", "path": "/orders?limit=1", "body": {"a": 1}})
    assert (made["httpMethod"], made["path"], made["body"]) == ("POST", "/orders", '{"a": 1}')
    assert made["queryStringParameters"] == {"limit": "1"}
    assert call.event_for("api", made) == made
    assert call.event_for("work", {"method": "GET"}) == {"method": "GET"}


def test_entries_are_short_lines_and_other_output_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    readable = call._Readable(out, "work")
    readable.write('{"level": "INFO", "message": "event", "task_id": 7, "ms": 1.5}\nSTART RequestId: 1\nplain\n')
    first, second = out.getvalue().splitlines()
    assert first.split()[1:] == ["INFO", "work", "task_id=7", "1.5", "ms"]
    assert second == "plain"


@pytest.mark.parametrize("text", ["{", None])
def test_an_event_that_cannot_be_read_is_told(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "event.json"
    if text:
        file.write_text(text)
    with pytest.raises(DeployFailed, match=r"event\.json cannot be read as JSON"):
        call._read(file)


def test_an_unknown_function_is_told_with_those_that_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["call", "--stage", "local", "--function", "workk"])
    with pytest.raises(SystemExit, match="there is no function workk, but api, "):
        call.main()


def test_lambda_calls_the_function_of_another_stage_and_its_log_is_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    log = b'START RequestId: 1\n{"level": "INFO", "message": "event", "published": 3, "ms": 2}\nEND RequestId: 1\n'
    asked = answering(monkeypatch, {"LogResult": base64.b64encode(log), "Payload": io.BytesIO(b'{"done": true}')})
    monkeypatch.setattr("sys.argv", ["call", "--stage", "dev", "--function", "sweep"])
    assert call.main() == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out) == {"done": True}
    assert shown.err.split()[1:] == ["INFO", "sweep", "published=3", "2", "ms"]
    assert asked == [{"FunctionName": "shopfloor-dev-sweep", "Payload": "{}", "LogType": "Tail"}]


def test_an_error_of_another_stage_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = {"errorType": "KeyError", "errorMessage": "'Records'"}
    answer = {"LogResult": b"", "Payload": io.BytesIO(json.dumps(failed).encode()), "FunctionError": "Unhandled"}
    answering(monkeypatch, answer)
    monkeypatch.setattr("sys.argv", ["call", "--stage", "dev", "--function", "work"])
    with pytest.raises(SystemExit, match="the function failed: KeyError: 'Records'"):
        call.main()


def answering(monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any]) -> list[dict[str, Any]]:
    """Let Lambda answer this; return what it is asked."""
    asked: list[dict[str, Any]] = []
    functions = SimpleNamespace(invoke=lambda **call: asked.append(call) or answer)
    monkeypatch.setattr("boto3.client", lambda service, **place: functions)
    return asked
