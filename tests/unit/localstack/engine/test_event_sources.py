"""Queues and streams reach their functions at once, and no source waits for another's function."""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ministack.core import lambda_runtime
from ministack.core.concurrency import esm_wake
from ministack.services import dynamodb, lambda_svc, sqs

from localstack.engine import event_sources, queues
from tests.unit.localstack.engine.modules import Clock, restored

ACCOUNT, REGION = "000000000000", "us-east-1"
STREAM = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/events/stream/2026"
MAX_WAIT_SECONDS = 60.0


class Functions:
    """Stands for the functions: notes what they are called with, and ends when it is told."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, list[Any]]] = []
        self.changed = threading.Condition()
        self.open = threading.Event()
        self.open.set()
        self.slow: set[str] = set()
        self.fail = 0

    def run(self, function: dict[str, Any], event: dict[str, Any]) -> dict[str, Any]:
        name = function["config"]["FunctionName"]
        with self.changed:
            self.calls.append((name, event["Records"]))
            self.changed.notify_all()
            if self.fail:
                self.fail -= 1
                return {"error": True, "body": {}}
        if name in self.slow:
            assert self.open.wait(MAX_WAIT_SECONDS)
        return {"body": {}}

    def wait_for(self, name: str, records: int) -> list[Any]:
        """The records of a function, when there are so many."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.records(name)) >= records, MAX_WAIT_SECONDS), self.calls
        return self.records(name)

    def records(self, name: str) -> list[Any]:
        return [record for called, records in self.calls if called == name for record in records]

    def batches(self, name: str) -> int:
        return sum(called == name for called, _ in self.calls)


@pytest.fixture
def functions() -> Iterator[Functions]:
    """The poller's loop with a queue mapped to `consume` and a stream mapped to `relay`."""
    stand_in = Functions()
    ended = threading.Event()
    with restored(sqs, lambda_svc):
        _clear()
        queues.install()
        event_sources.install()
        lambda_svc._execute_function = stand_in.run
        sqs._act_create_queue({"QueueName": "work", "Attributes": {"VisibilityTimeout": "30"}}, "")
        dynamodb._tables["events"] = _table()
        for name in ("consume", "relay"):
            lambda_svc._functions[name] = {"config": config_of(name)}
        _map("queue", f"arn:aws:sqs:{REGION}:{ACCOUNT}:work", "consume", BatchSize=10)
        _map("stream", STREAM, "relay", BatchSize=100, StartingPosition="TRIM_HORIZON")
        thread = threading.Thread(target=_move, args=(ended,), daemon=True)
        thread.start()
        yield stand_in
        ended.set()
        stand_in.open.set()
        esm_wake.set()
        thread.join(MAX_WAIT_SECONDS)
        _clear()


def _move(ended: threading.Event) -> None:
    """The loop as it runs for ever, until the test ends."""
    while not ended.is_set():
        esm_wake.clear()
        event_sources.move()
        esm_wake.wait(event_sources.until_due())


def _clear() -> None:
    sqs.reset()
    for store in (lambda_svc._esms, lambda_svc._functions, lambda_svc._dynamodb_stream_positions):
        store.clear()
    lambda_svc._esm_backoff_until.clear()
    dynamodb._tables.clear()
    dynamodb._stream_records.clear()


def _table() -> dict[str, Any]:
    spec = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    arn = STREAM.split("/stream/")[0]
    return {
        "TableName": "events", "TableArn": arn, "LatestStreamArn": STREAM, "StreamSpecification": spec,
        "pk_name": "id", "sk_name": None, "items": {}, "KeySchema": [],
    }  # fmt: skip


def _map(name: str, source: str, function: str, **more: Any) -> None:
    lambda_svc._esms[name] = {"UUID": name, "EventSourceArn": source, "FunctionName": function, "Enabled": True, **more}


def config_of(name: str) -> dict[str, Any]:
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"
    return {"FunctionName": name, "FunctionArn": arn, "Version": "$LATEST"}


def send(text: str, delay: int = 0) -> None:
    sqs._act_send_message({"QueueUrl": "work", "MessageBody": text, "DelaySeconds": delay}, "")


def write(number: int) -> None:
    dynamodb._emit_stream_event("events", "INSERT", None, {"id": {"S": str(number)}})


def numbers(records: list[Any]) -> list[int]:
    return [int(record["dynamodb"]["Keys"]["id"]["S"]) for record in records]


def test_a_slow_stream_function_delays_no_queue_and_no_record_overtakes_another(functions: Functions) -> None:
    functions.slow.add("relay")
    functions.open.clear()
    write(0)
    functions.wait_for("relay", 1)
    send("text")
    assert functions.wait_for("consume", 1)[0]["body"] == "text"
    for number in range(1, 50):
        write(number)
    functions.open.set()
    assert numbers(functions.wait_for("relay", 50)) == list(range(50))


def test_a_batch_that_failed_comes_again_before_later_records(functions: Functions) -> None:
    functions.fail = 1
    write(1)
    functions.wait_for("relay", 1)
    write(2)
    assert numbers(functions.wait_for("relay", 3)) == [1, 1, 2]


def test_positions_from_before_a_restart_hide_no_record(functions: Functions) -> None:
    lambda_svc._dynamodb_stream_positions["stream"] = 1500
    write(1)
    assert numbers(functions.wait_for("relay", 1)) == [1]


def test_a_delayed_message_is_handed_on_when_it_is_due(functions: Functions) -> None:
    send("text", delay=1)
    (record,) = functions.wait_for("consume", 1)
    sent, handed_on = (record["attributes"][name] for name in ("SentTimestamp", "ApproximateFirstReceiveTimestamp"))
    assert int(handed_on) - int(sent) >= 1000


def test_the_thread_sleeps_until_a_message_is_due(functions: Functions, monkeypatch: pytest.MonkeyPatch) -> None:
    lambda_svc._esms["queue"]["Enabled"] = False
    clock = Clock(monkeypatch)
    with restored(sqs):
        send("text", delay=30)
        assert event_sources.until_due() == event_sources.LONGEST_SLEEP_SECONDS
        message = next(iter(sqs._queues[sqs._queue_url("work")]["messages"]))
        sqs._queues[sqs._queue_url("work")]["messages"]._hide(0, message, clock.now + 0.3)
        assert event_sources.until_due() == pytest.approx(0.3)


def test_batches_that_wait_for_something_outside_are_joined_by_more_up_to_the_limit(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_sources, "MAX_IDLE_WAIT_SECONDS", 0.01)
    lambda_svc._esms["queue"]["ScalingConfig"] = {"MaximumConcurrency": 4}
    lambda_svc._esms["queue"]["BatchSize"] = 1
    functions.slow.add("consume")
    functions.open.clear()
    for number in range(8):
        send(str(number))
    functions.wait_for("consume", 4)
    assert functions.batches("consume") == 4
    functions.open.set()
    assert sorted(record["body"] for record in functions.wait_for("consume", 8)) == list("01234567")


class Worker:
    """A worker as the limit sees it."""

    def __init__(self, in_use: bool, started: bool) -> None:
        self.in_use = in_use
        self._start_time = 1.0 if started else None


@pytest.mark.parametrize(
    ("running", "workers", "allowed"),
    [
        ([], [], 10),  # nothing runs
        ([0.0], [Worker(True, True)], 10),  # a processor is free
        ([0.0], [Worker(True, False)], 1),  # the first worker still starts
        ([0.0, 0.0], [Worker(True, True), Worker(True, True)], 2),  # as many as processors, and all work
        ([0.0, 0.0], [Worker(True, True), Worker(True, True), Worker(False, True)], 10),  # one is idle
        ([9.0, 9.0], [Worker(True, True), Worker(True, True)], 10),  # all have waited for long
        ([9.0, 0.0], [Worker(True, True), Worker(True, True)], 2),  # the last has just begun
        ([9.0, 9.0], [Worker(True, True), Worker(True, False)], 2),  # one starts already
    ],
)
def test_a_worker_more_is_started_only_when_it_can_help(
    running: list[float], workers: list[Worker], allowed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = config_of("f")
    key = lambda_runtime._worker_key("f", config, "$LATEST")
    monkeypatch.setattr(event_sources, "AT_ONCE", 2)
    monkeypatch.setattr(event_sources, "_processors", event_sources.Processors(Path("/nothing")))
    monkeypatch.setitem(lambda_runtime._workers, key, workers)
    monkeypatch.setitem(event_sources._started, "m", [time.monotonic() - seconds for seconds in running])
    assert event_sources._batches_at_once(10, {"UUID": "m"}, config) == allowed


@pytest.mark.parametrize(("idle_ticks", "spare"), [(0, False), (20, False), (80, True)])
def test_a_processor_is_spare_when_it_was_idle_for_most_of_the_last_moment(
    idle_ticks: int, spare: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: moment)
    file = tmp_path / "stat"
    ticks = os.sysconf("SC_CLK_TCK")
    file.write_text(f"cpu  1 2 3 {50 * ticks} 5 6\n")
    processors = event_sources.Processors(file)
    processors.are_idle()
    moment += 1
    file.write_text(f"cpu  1 2 3 {50 * ticks + idle_ticks * ticks // 100} 5 6\n")
    assert processors.are_idle() is spare
