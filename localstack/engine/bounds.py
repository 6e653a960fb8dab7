"""Bounds for the logs, events, emails and events of deployments that the emulator keeps in memory.

MiniStack makes a log stream of several lines for each invocation, and keeps every event put on a bus and every email
sent until its end; each snapshot and each start reads and writes all of them. Here the log group of a function keeps
its latest streams, up to a number of lines, and only the latest events and emails are kept.
"""

import threading
from collections.abc import Callable
from typing import Any

from ministack.services import cloudformation, cloudwatch_logs, eventbridge, lambda_svc, ses

LINES_PER_GROUP = 10_000
EVENTS_KEPT = 1000
MAILS_KEPT = 1000
STACK_EVENTS_KEPT = 1000
Group = dict[str, Any]
_lines: dict[int, int] = {}  # log group by identity -> number of lines in its streams
_lock = threading.Lock()


def install() -> None:
    """Remove the oldest entries whenever one is added."""
    plain_emit = lambda_svc._emit_lambda_logs

    def emit(function: dict[str, Any], *rest: Any, **more: Any) -> None:
        plain_emit(function, *rest, **more)
        config = function.get("config") or function
        name = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{config.get('FunctionName')}"
        group = cloudwatch_logs._log_groups.get(name)
        if group is not None:
            drop_streams(group)

    lambda_svc._emit_lambda_logs = emit
    ses._sent_emails_list = _bounded(ses._sent_emails_list, MAILS_KEPT)
    eventbridge._events_log_list = _bounded(eventbridge._events_log_list, EVENTS_KEPT)


def drop_streams(group: Group) -> None:
    """Remove the oldest streams of a group to which one was added."""
    streams: dict[str, Any] = group["streams"]
    with _lock:
        known = _lines.get(id(group))
        count = sum(map(_length, streams.values())) if known is None else known + _length(_newest(streams))
        while count > LINES_PER_GROUP and len(streams) > 1:
            count -= _length(streams.pop(next(iter(streams))))
        _lines[id(group)] = count


def drop_stack_events() -> None:
    """Remove the oldest events of each stack; a deployment adds some hundred."""
    for events in cloudformation._stack_events.all_values():
        del events[:-STACK_EVENTS_KEPT]


def _newest(streams: dict[str, Any]) -> dict[str, Any]:
    newest: dict[str, Any] = streams[next(reversed(streams))]
    return newest


def _length(stream: dict[str, Any]) -> int:
    return len(stream["events"])


def _bounded(plain: Callable[[], list[Any]], most: int) -> Callable[[], list[Any]]:
    """A list that removes its oldest tenth when it is full."""

    def bounded() -> list[Any]:
        entries = plain()
        if len(entries) > most + most // 10:
            del entries[:-most]
        return entries

    return bounded
