"""The log: one JSON line per call on stderr, without secrets."""

import json
from dataclasses import replace
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.core import aws, logs
from chalicelib.core.logs import PING, Work, handler, log, measure, note
from chalicelib.core.redaction import mask_log
from chalicelib.core.settings import settings
from tests.http_events import REQUEST_ID, call
from tests.unit.core.sample import APP

CONTEXT = SimpleNamespace(aws_request_id="r-1")
STARTED = (("relay", "events"), ("report_step", "s3"))


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    captured = capsys.readouterr()
    assert captured.out == ""
    return [json.loads(line) for line in captured.err.splitlines()]


def test_a_request_writes_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    call(APP, "GET", "/api/v1/reports/17/")
    [line] = lines(capsys)
    assert line.pop("timestamp").endswith("Z")
    assert line.pop("ms") >= 0
    assert line == {
        "level": "INFO",
        "message": "request",
        "service": "access",
        "request_id": REQUEST_ID,
        "user": 1,
        "area": "reports",
        "method": "GET",
        "path": "/api/v1/reports/{report_id}",
        "status": 200,
    }


def test_unknown_path_is_logged_shortened(capsys: pytest.CaptureFixture[str]) -> None:
    call(APP, "GET", "/x\n" + "y" * 5000)
    [line] = lines(capsys)
    assert (line["status"], len(line["path"])) == (404, 200)


def test_event_writes_one_line_with_counts(capsys: pytest.CaptureFixture[str]) -> None:
    def publish(_event: Any, _context: Any) -> str:
        note(published=2)
        note(failed=1, name="x", message="y")
        return "ok"

    @handler("relay")
    def relay() -> Work:
        return publish

    assert relay({"Records": [1, 2, 3]}, CONTEXT) == "ok"
    assert relay.__name__ == "relay"
    [line] = lines(capsys)
    assert (line["function"], line["records"], line["published"], line["failed"]) == ("relay", 3, 2, 1)
    assert (line["request_id"], line["level"]) == ("r-1", "INFO")
    assert (line["name_"], line["message_"], line["message"]) == ("x", "y", "event")


def test_failed_event_is_logged_with_its_stack_and_raised(capsys: pytest.CaptureFixture[str]) -> None:
    @handler("sweep")
    def sweep() -> Work:
        return lambda _event, _context: {}["no such thing"]

    with pytest.raises(KeyError):
        sweep({}, None)
    [line] = lines(capsys)
    assert (line["level"], line["exception_name"]) == ("ERROR", "KeyError")
    note(ignored=1)


def test_a_start_loads_the_work_of_its_own_function_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    own = replace(settings(), aws_lambda_function_name="shopfloor-test-report-step")
    monkeypatch.setattr(logs, "settings", lambda: own)
    loaded: list[str] = []
    made: list[str] = []
    monkeypatch.setattr(aws, "client", made.append)

    def loading(name: str) -> Work:
        loaded.append(name)
        return lambda _event, _context: f"work of {name}"

    functions = [handler(name, service)(partial(loading, name)) for name, service in STARTED]
    assert (loaded, made) == (["report_step"], ["dynamodb", "s3"])
    assert [function(PING, CONTEXT) for function in functions] == [None, None]
    assert [function({}, CONTEXT) for function in functions] == ["work of relay", "work of report_step"]
    assert len(lines(capsys)) == 4


def test_measure_writes_a_metric_of_the_stack(capsys: pytest.CaptureFixture[str]) -> None:
    measure("OldestUnsentEvent", 12.5, "Seconds")
    [line] = lines(capsys)
    [described] = line["_aws"]["CloudWatchMetrics"]
    assert described["Metrics"] == [{"Name": "OldestUnsentEvent", "Unit": "Seconds"}]
    assert (described["Namespace"], described["Dimensions"]) == ("Shopfloor", [["Stack"]])
    assert (line["Stack"], line["OldestUnsentEvent"]) == ("shopfloor-test", 12.5)
    assert isinstance(line["_aws"]["Timestamp"], int)


def test_secrets_are_replaced(capsys: pytest.CaptureFixture[str]) -> None:
    jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
    log.warning(f"sent Bearer abc.def and {jwt}", extra={"headers": {"Authorization": "x1", "a": ["Bearer x2"]}})
    try:
        raise ValueError(f"token {jwt}")
    except ValueError:
        log.exception("failed", extra={"password": "x3", "nested": {"secret_key": "x4", "new_password": "x5"}})
    log.warning("kept as $argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA", extra={"body": {"old_password": "x6"}})
    text = capsys.readouterr().err
    for secret in ("abc.def", jwt, "x1", "x2", "x3", "x4", "x5", "x6", "argon2", "aGFzaA"):
        assert secret not in text
    assert text.count("***") == 10


def test_unusual_values_do_not_break_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    log.warning("lone \ud800 half", extra={"what": object(), "items": ({"token": 1},)})
    assert len(lines(capsys)) == 1
    assert mask_log(("a", 1, None)) == ["a", 1, None]
