"""The poller of queues and streams wakes when a message or record comes, and one source does not delay another.

MiniStack has one thread for all of them. It runs the function of a stream itself, so that every queue waits for it;
after a wake without work it sleeps for 50 ms; what becomes due by time (a delayed message, the end of a visibility
timeout or of a pause after a failure) waits for a look once a second. After a restart it also waits until a stream has
as many records as before the restart, because positions are saved and records are not.

Here that thread starts batches and nothing else: each stream has a thread while it has records, batches of a queue run
as before, and the thread sleeps until a source gains something, a batch ends, or something is due. What a batch is,
what is removed, retried or sent to a dead letter queue is MiniStack's own code. A queue's mapping still runs up to
its MaximumConcurrency at once, but its batches come to that gradually: see `_batches_at_once`.
"""

import contextlib
import contextvars
import functools
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ministack.core import lambda_runtime
from ministack.core.arn import ArnParseError, parse_arn
from ministack.core.concurrency import esm_wake, spawn_background
from ministack.core.responses import _request_account_id, _request_region
from ministack.services import dynamodb, lambda_svc, sqs

Mapping = dict[str, Any]
Key = tuple[str, ...]
LONGEST_SLEEP_SECONDS = 1.0
STREAM_PAUSE_SECONDS = 0.05
"""Between two invocations for one stream; AWS reads a shard four times a second, so a busy stream comes in batches."""
SHORTEST_SLEEP_SECONDS = 0.002
"""What comes within this is moved together: each wake-up looks at all sources."""
MAX_IDLE_WAIT_SECONDS = 0.5
IDLE_SAMPLE_SECONDS = 0.1
SPARE_PROCESSOR = 0.5
AT_ONCE = max(2, os.cpu_count() or 1)

_only: contextvars.ContextVar[Key | None] = contextvars.ContextVar("mapping", default=None)
_streaming: set[Key] = set()
_started: dict[str, list[float]] = {}  # mapping -> when each of its batches in flight began
_lock = threading.Lock()


def install() -> None:
    """Replace the poller's loop, and how it starts batches."""
    plain_limit, plain_dispatch = lambda_svc._sqs_esm_concurrency, lambda_svc._dispatch_esm_batch

    def limit(mapping: Mapping, function: Any, config: Mapping, queue: Any = None) -> int:
        return _batches_at_once(plain_limit(mapping, function, config, queue), mapping, config)

    def dispatch(mapping_id: str, run: Any, *arguments: Any) -> None:
        began = time.monotonic()
        with _lock:
            _started.setdefault(mapping_id, []).append(began)

        def timed() -> None:
            try:
                run(*arguments)
            finally:
                with _lock:
                    _started[mapping_id].remove(began)

        plain_dispatch(mapping_id, timed)

    lambda_svc._sqs_esm_concurrency = limit
    lambda_svc._dispatch_esm_batch = dispatch
    lambda_svc._iter_all_esms = _mappings
    lambda_svc._poll_loop = _move_for_ever


def _mappings() -> Iterator[tuple[str, str, Mapping]]:
    """All mappings, or the one that the calling thread is for."""
    only = _only.get()
    for key, mapping in [(only, lambda_svc._esms._data.get(only))] if only else list(lambda_svc._esms._data.items()):
        if mapping is not None:
            yield key[0], key[1] if len(key) == 3 else lambda_svc.REGION, mapping


def _move_for_ever() -> None:
    while True:
        esm_wake.clear()
        with _logged("queues"):
            move()
        if esm_wake.wait(until_due()):
            time.sleep(SHORTEST_SLEEP_SECONDS)


def move() -> None:
    """Start every batch that can start now."""
    for key, mapping in list(lambda_svc._esms._data.items()):
        service = _service(mapping)
        if service in ("dynamodb", "kinesis") and key not in _streaming and _has_records(key, mapping):
            _streaming.add(key)
            spawn_background(_stream, key, service, thread_name="ministack-esm-stream")
    while lambda_svc._poll_sqs():
        pass


def _stream(key: Key, service: str) -> None:
    """Hand on what a stream has, batch after batch, in its order."""
    moved = False
    try:
        _only.set(key)
        poll = lambda_svc._poll_dynamodb_streams if service == "dynamodb" else lambda_svc._poll_kinesis
        while poll():
            moved = True
            time.sleep(STREAM_PAUSE_SECONDS)
    finally:
        _streaming.discard(key)
        if moved or service == "dynamodb":
            esm_wake.set()  # a record may have come after the last look


def _has_records(key: Key, mapping: Mapping) -> bool:
    """Whether a stream may have something for its mapping."""
    if not mapping.get("Enabled", True) or _paused_until(key, mapping) > time.time():
        return False
    if _service(mapping) == "kinesis":
        return True
    with _scope(key[0], key[1]):
        table = mapping["EventSourceArn"].split("/stream/")[0].split("/")[-1]
        end = dynamodb.stream_end_position(table)
        start = dynamodb.stream_start_position(table)
        with lambda_svc._dynamodb_stream_positions_lock:
            positions = lambda_svc._dynamodb_stream_positions
            position = positions.get(mapping["UUID"])
            if position is not None and position > end:  # from before a restart
                positions[mapping["UUID"]] = position = start
    function = lambda_svc._functions.get_scoped(key[0], key[1], mapping["FunctionName"])
    return function is not None and end > max(start, position if position is not None else 0)


def until_due() -> float:
    """Seconds until something becomes due by time."""
    now = time.time()
    moments = [now + LONGEST_SLEEP_SECONDS]
    for key, mapping in list(lambda_svc._esms._data.items()):
        moments.append(_paused_until(key, mapping) or moments[0])
        if _service(mapping) == "sqs":
            moments.append(_queue_due(key, mapping, now))
    return max(0.0, min(moment for moment in moments if moment > now) - now)


def _queue_due(key: Key, mapping: Mapping, now: float) -> float:
    """When the next message of the queue is visible; a message that waits for a free worker: soon."""
    with _scope(key[0], key[1]):
        queue = sqs._queues.get(sqs._queue_url(mapping["EventSourceArn"].split(":")[-1]))
    due = getattr(queue["messages"], "next_visible", lambda: None)() if queue else None
    if due is None:
        return now + LONGEST_SLEEP_SECONDS
    return float(due) if due > now else now + MAX_IDLE_WAIT_SECONDS / 5


def _batches_at_once(most: int, mapping: Mapping, config: Mapping) -> int:
    """How many batches of a queue's mapping may be in flight now, `most` at the end.

    Each batch more needs a worker, and a worker that starts takes a processor from those that work. So as many as
    there are processors at once; one more when a worker is idle, or when no worker of the function is starting and
    either a processor has nothing to do, or all batches in flight have waited for something for half a second.
    """
    with _lock:
        began = list(_started.get(mapping["UUID"], ()))
    if len(began) < min(AT_ONCE, most):
        workers = _workers(config)
        return most if not began or not any(map(_is_starting, workers)) else len(began)
    workers = _workers(config)
    idle = any(not worker.in_use for worker in workers)
    if not idle and any(map(_is_starting, workers)):
        return len(began)
    waiting = time.monotonic() - max(began) >= MAX_IDLE_WAIT_SECONDS
    return most if idle or waiting or _processors.are_idle() else len(began)


class Processors:
    """Whether the machine has a processor to spare, by its own count of idle time (Linux; elsewhere never)."""

    def __init__(self, file: Path = Path("/proc/stat")) -> None:
        self._file = file
        self._ticks = os.sysconf("SC_CLK_TCK")
        self._seen = 0.0, 0.0
        self._idle = False

    def are_idle(self) -> bool:
        """Whether most of a processor was idle in the last moment."""
        now = time.monotonic()
        if now - self._seen[0] >= IDLE_SAMPLE_SECONDS and self._file.exists():
            idle = int(self._file.read_text().split(maxsplit=5)[4]) / self._ticks
            seconds, spared = now - self._seen[0], idle - self._seen[1]
            self._idle = spared > SPARE_PROCESSOR * seconds
            self._seen = now, idle
        return self._idle


_processors = Processors()


def _workers(config: Mapping) -> list[Any]:
    key = lambda_runtime._worker_key(config.get("FunctionName", ""), config, config.get("Version", "$LATEST"))
    with lambda_runtime._lock:
        return list(lambda_runtime._workers.get(key, ()))


def _is_starting(worker: Any) -> bool:
    return worker._start_time is None and worker.in_use


def _service(mapping: Mapping) -> str:
    return _service_of(mapping.get("EventSourceArn", ""))


@functools.cache
def _service_of(arn: str) -> str:
    try:
        return str(parse_arn(arn).service)
    except ArnParseError:
        return ""


def _paused_until(key: Key, mapping: Mapping) -> float:
    return float(lambda_svc._esm_backoff_until.get_scoped(key[0], key[1], mapping["UUID"], 0))


@contextlib.contextmanager
def _scope(account: str, region: str) -> Iterator[None]:
    tokens = _request_account_id.set(account), _request_region.set(region)
    try:
        yield
    finally:
        _request_account_id.reset(tokens[0])
        _request_region.reset(tokens[1])


@contextlib.contextmanager
def _logged(what: str) -> Iterator[None]:
    """An error of one round is written to the log; the next round goes on."""
    try:
        yield
    except Exception:  # the thread is the only one: it must not end
        lambda_svc.logger.exception("moving %s to functions failed", what)
