"""Structured logs: JSON lines on stderr, one for each request and one for each event another function handles.

Every Lambda call writes at least one line whatever LOG_LEVEL says: it is the access log. What looks like a secret is
replaced before it is written, by the name of its key and by the look of a bearer token.
"""

import json
import logging
import sys
import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import wraps
from typing import Any, TypeVar

from chalicelib.core import clock
from chalicelib.core.aws import client
from chalicelib.core.redaction import HIDDEN, TOKENS, hide_token, is_secret
from chalicelib.core.settings import settings

KEY_OF_A_REQUEST = "idempotency-key"
RETENTION_DAYS = 30
NAMESPACE = "Shopfloor"  # of our own metrics
PING = {"ping": True}
_MAX_TEXT = 20_000  # a stack trace fits, a body pasted into an exception does not
_TAKEN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime"}  # names logging keeps for itself
_counts: ContextVar[dict[str, Any] | None] = ContextVar("counts", default=None)
Handler = TypeVar("Handler", bound=Callable[..., Any])


def redact(value: Any) -> Any:
    """The same value with secrets replaced by `***`."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if not isinstance(value, str):
        if isinstance(value, Mapping):
            return {key: HIDDEN if _is_secret(str(key)) else redact(inner) for key, inner in value.items()}
        if isinstance(value, (list, tuple)):
            return [redact(inner) for inner in value]
    return TOKENS.sub(hide_token, str(value)[:_MAX_TEXT])


def _is_secret(name: str) -> bool:
    return is_secret(name) or name.lower() == KEY_OF_A_REQUEST


class _Line(logging.Formatter):
    """A record as one line of JSON: what it says, what came with it as `extra`, and the stack trace as one text."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC)
        extra = {name: value for name, value in vars(record).items() if name not in _TAKEN}
        return self.line(moment, record.levelname, record.getMessage(), record.name, extra, record.exc_info)

    def line(
        self, moment: datetime, level: str, message: str, service: str, extra: Mapping[str, Any], trace: Any
    ) -> str:
        """A line with these parts."""
        line = {"timestamp": clock.to_text(moment), "level": level, "message": message, "service": service, **extra}
        if trace and trace[0]:
            line["exception_name"] = trace[0].__name__
            line["exception"] = self.formatException(trace)
        return _as_json(redact(line)).encode(errors="replace").decode()


_as_json = json.JSONEncoder(ensure_ascii=False).encode
_line = _Line()


class _Stderr:
    """The stderr of the moment, which a test or the runtime may have replaced since import."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def _logger(name: str, level: str) -> logging.Logger:
    """A logger of ours alone: the runtime of Lambda has another one at the root, which would write the line again."""
    made = logging.Logger(name, level)
    made.addHandler(logging.StreamHandler(_Stderr()))
    made.handlers[0].setFormatter(_line)
    return made


log = _logger("app", settings().log_level)


def write_line(
    message: str, fields: Mapping[str, Any], *, failed: bool = False, error: BaseException | None = None
) -> None:
    """One line of the access log; with `error`, its stack trace is in the same line.

    Written without a logger, which looks for its caller, its handlers and its level: a third of a small request.
    """
    trace = (type(error), error, error.__traceback__) if error else None
    extra = {f"{name}_" if name in _TAKEN else name: value for name, value in fields.items()}
    level = "ERROR" if failed else "INFO"
    sys.stderr.write(_line.line(datetime.now(UTC), level, message, "access", extra, trace) + "\n")
    sys.stderr.flush()


def measure(metric: str, value: float, unit: str) -> None:
    """A line that CloudWatch makes a metric of, in the embedded metric format: one for the stack, in our namespace."""
    described = {"Namespace": NAMESPACE, "Dimensions": [["Stack"]], "Metrics": [{"Name": metric, "Unit": unit}]}
    about = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [described]}
    write_line("metric", {"_aws": about, "Stack": settings().stack_name, metric: value})


def note(**counts: Any) -> None:
    """Adds counts (or other short facts) to the line of the event being handled: `note(published=3)`."""
    collected = _counts.get()
    if collected is not None:
        collected.update(counts)


def handler(name: str) -> Callable[[Handler], Handler]:
    """Around a Lambda that is no HTTP: one line per call with the number of records, what was noted, and the time.

    PING only starts the worker, so that the next call finds it warm; the function is not called.
    """

    def wrap(function: Handler) -> Handler:
        @wraps(function)
        def logged(event: Any, context: Any) -> Any:
            started = time.perf_counter()
            counts: dict[str, Any] = {}
            token = _counts.set(counts)
            error: BaseException | None = None
            try:
                if event == PING:
                    client("dynamodb")
                    return None
                return function(event, context)
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

        return logged  # type: ignore[return-value]

    return wrap
