"""Structured logs: JSON lines on stderr, one for each request and one for each event of the other functions.

Every Lambda call writes at least one line, whatever LOG_LEVEL is: the access log. Secrets are replaced before a line is
written: values of keys with secret names, and tokens anywhere in a text.
"""

import json
import logging
import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from chalicelib.core import clock
from chalicelib.core.aws import make_clients
from chalicelib.core.redaction import mask_log
from chalicelib.core.settings import settings

RETENTION_DAYS = 30
NAMESPACE = "Shopfloor"  # of our metrics
PING = {"ping": True}
_TAKEN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime"}  # attributes that logging uses itself
_counts: ContextVar[dict[str, Any] | None] = ContextVar("counts", default=None)
Work = Callable[[Any, Any], Any]  # what a call of a function does with its event and context


class _Line(logging.Formatter):
    """Formats a record as one line of JSON: its message, its `extra`, and the stack trace as one text."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC)
        extra = {name: value for name, value in vars(record).items() if name not in _TAKEN}
        return self.line(moment, record.levelname, record.getMessage(), record.name, extra, record.exc_info)

    def line(
        self, moment: datetime, level: str, message: str, service: str, extra: Mapping[str, Any], trace: Any
    ) -> str:
        """Return the line with these parts."""
        line = {"timestamp": clock.to_text(moment), "level": level, "message": message, "service": service, **extra}
        if trace and trace[0]:
            line["exception_name"] = trace[0].__name__
            line["exception"] = self.formatException(trace)
        return _as_json(mask_log(line)).encode(errors="replace").decode()


_as_json = json.JSONEncoder(ensure_ascii=False).encode
_line = _Line()


class _Stderr:
    """The current stderr, which a test or the runtime may have replaced since the import."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def _logger(name: str, level: str) -> logging.Logger:
    """Return a logger without a parent: the handler of Lambda's runtime at the root would write each line again."""
    made = logging.Logger(name, level)
    made.addHandler(logging.StreamHandler(_Stderr()))
    made.handlers[0].setFormatter(_line)
    return made


log = _logger("app", settings().log_level)


def write_line(
    message: str, fields: Mapping[str, Any], *, failed: bool = False, error: BaseException | None = None
) -> None:
    """Write one line of the access log; with `error`, the line has its stack trace.

    It uses no logger, which looks up its caller, handlers and level: a third of the time of a small request.
    """
    trace = (type(error), error, error.__traceback__) if error else None
    extra = {f"{name}_" if name in _TAKEN else name: value for name, value in fields.items()}
    level = "ERROR" if failed else "INFO"
    sys.stderr.write(_line.line(datetime.now(UTC), level, message, "access", extra, trace) + "\n")
    sys.stderr.flush()


def measure(metric: str, value: float, unit: str) -> None:
    """Write a line that CloudWatch turns into a metric (embedded metric format), with the stack as its dimension."""
    described = {"Namespace": NAMESPACE, "Dimensions": [["Stack"]], "Metrics": [{"Name": metric, "Unit": unit}]}
    about = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [described]}
    write_line("metric", {"_aws": about, "Stack": settings().stack_name, metric: value})


def note(**counts: Any) -> None:
    """Add counts or other short facts to the line of the current event: `note(published=3)`."""
    collected = _counts.get()
    if collected is not None:
        collected.update(counts)


def handler(name: str, *services: str) -> Callable[[Callable[[], Work]], Work]:
    """Return a decorator for a Lambda function other than `api`. What it decorates imports the modules of the work and
    returns the work. The start of that function calls it, and makes the clients of `services`: Lambda gives a start a
    whole processor, and a call only its share.

    A call writes one line with the number of records, the notes and the time. PING only makes a worker start, so that
    the next call finds it warm.
    """

    def wrap(load: Callable[[], Work]) -> Work:
        @wraps(load)
        def logged(event: Any, context: Any) -> Any:
            with _event_line(name, event, context):
                return load()(event, context) if event != PING else None

        if settings().function == name:
            load()
            make_clients(*services)
        return logged

    return wrap


@contextmanager
def _event_line(name: str, event: Any, context: Any) -> Generator[None, None, None]:
    """Write the line of a call after the block, with what `note` adds in it."""
    started, counts = time.perf_counter(), dict[str, Any]()
    token, error = _counts.set(counts), None
    try:
        yield
    except BaseException as raised:
        error = raised
        raise
    finally:
        _counts.reset(token)
        ms = round((time.perf_counter() - started) * 1000, 1)
        fields = {"request_id": getattr(context, "aws_request_id", None), "function": name, "ms": ms}
        records = event.get("Records") if isinstance(event, Mapping) else None
        if isinstance(records, list):
            fields["records"] = len(records)
        write_line("event", {**counts, **fields}, failed=error is not None, error=error)
