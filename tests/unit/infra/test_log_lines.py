"""`make logs`: a short line an entry, those that are wanted, and what was raised where."""

import json
from typing import Any

import pytest

from infra import logs
from infra.deploying.failures import DeployFailed
from infra.log_lines import Entry, Filter, line
from infra.logs import Logs

TRACE = """Traceback (most recent call last):
  File "/tmp/ministack-lambda-x/chalicelib/batches/view.py", line 33, in of
    return batch["x"]
  File "/usr/lib/python3.11/json/decoder.py", line 9, in decode
    raise KeyError("x")
KeyError: 'x'"""


def entry(function: str = "api", *, moment: int = 1_000, **fields: Any) -> Entry:
    """An entry as a function writes it."""
    return Entry(moment, function, json.dumps({"level": "INFO", "message": "event", **fields}))


REQUEST = entry(message="request", request_id="5933a9df-6a98", method="GET", path="/orders", status=200, ms=1.2, user=1)
BROKEN = entry("work", level="ERROR", message="a message failed", message_id="m-1", exception=TRACE)


def text(shown: Entry, **options: Any) -> str:
    """Its line without the time."""
    return " ".join(str(line(shown, colours=False, **options)).split()[1:])


def test_a_request_is_its_call_its_status_and_its_time() -> None:
    assert text(REQUEST) == "INFO api 5933a9df GET /orders 200 user=1 1.2 ms"


def test_an_event_is_its_facts_without_those_that_are_nothing() -> None:
    assert text(entry("sweep", published=0, sagas=2, ms=9)) == "INFO sweep sagas=2 9 ms"


def test_what_was_raised_is_told_with_the_place_in_our_code() -> None:
    assert text(BROKEN) == "ERROR work a message failed message_id=m-1 KeyError: 'x' at chalicelib/batches/view.py:33"
    assert "\n" not in str(line(BROKEN, colours=False))
    assert str(line(BROKEN, colours=False, traces=True)).endswith(TRACE)


def test_what_is_no_json_is_an_error_of_the_runtime() -> None:
    assert text(Entry(1, "api", "Runtime.ImportModuleError: no module\n named x")).startswith("ERROR api Runtime.Imp")


def test_a_metric_is_not_shown() -> None:
    assert line(entry(message="metric", OldestUnsentEvent=0.0), colours=False) is None


@pytest.mark.parametrize(("status", "colour"), [(200, None), (404, 33), (503, 31)])
def test_colours_tell_failures_apart_on_a_terminal_only(status: int, colour: int | None) -> None:
    shown = entry(message="request", method="GET", path="/", status=status)
    assert "\x1b" not in str(line(shown, colours=False))
    assert (f"\x1b[{colour}mGET / {status}" in str(line(shown, colours=True))) is (colour is not None)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Filter(), [REQUEST, BROKEN]),
        (Filter(request="5933a9df"), [REQUEST]),
        (Filter(function="work"), [BROKEN]),
        (Filter(level="WARNING"), [BROKEN]),
        (Filter(function="api", level="ERROR"), []),
    ],
)
def test_a_filter_takes_what_fits_all_of_it(wanted: Filter, found: list[Entry]) -> None:
    assert [one for one in (REQUEST, BROKEN) if wanted.takes(one)] == found


class FakeLogs:
    """CloudWatch Logs with the entries of two functions."""

    def __init__(self, *entries: Entry) -> None:
        self.entries = entries
        self._asked = ""

    def get_paginator(self, name: str) -> "FakeLogs":
        self._asked = name
        return self

    def paginate(self, **asked: Any) -> list[Any]:
        if self._asked == "describe_log_groups":
            prefix = asked["logGroupNamePrefix"]
            return [{"logGroups": [{"logGroupName": f"{prefix}{name}"} for name in ("api", "work")]}]
        function = asked["logGroupName"].rpartition("-")[2]
        own = [one for one in self.entries if one.function == function and one.milliseconds >= asked["startTime"]]
        return [{"events": [{"timestamp": one.milliseconds, "message": f"{one.text}\n"} for one in own]}]


def test_entries_come_in_the_order_of_time_once_and_without_those_of_lambda() -> None:
    late, early = entry("api", moment=30_000), entry("work", moment=20_000)
    fake = FakeLogs(late, early, Entry(25_000, "api", "START RequestId: 1"))
    followed = Logs(fake, "shopfloor-local", Filter()).follow(10_000, poll=0)
    assert [next(followed), next(followed)] == [early, late]
    later = entry("work", moment=29_000)  # it came late
    fake.entries = (*fake.entries, later)
    assert next(followed) == later


def test_an_unknown_function_is_told_with_those_that_are_there() -> None:
    with pytest.raises(DeployFailed, match="a function apis, but of api, work"):
        list(Logs(FakeLogs(), "shopfloor-local", Filter(function="apis")).read(0))


def test_a_duration_is_a_number_with_a_unit() -> None:
    assert [logs.duration(one) for one in ("90s", "10m", "2h", "1d")] == [90, 600, 7_200, 86_400]
    with pytest.raises(Exception, match="is no duration"):
        logs.duration("soon")
