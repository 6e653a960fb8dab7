"""One short line for each entry of the functions' logs: time, level, function, request, what, milliseconds."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
RUNTIME = ("START ", "END ", "REPORT ", "INIT_START ", "XRAY ")  # Lambda's own lines about each call
METRIC = "metric"
ID_LENGTH = 8
FUNCTION_WIDTH = 17  # the longest name: refresh-analytics
RED, YELLOW, CYAN, DIM = 31, 33, 36, 2
_COLOURS = {"DEBUG": DIM, "WARNING": YELLOW, "ERROR": RED, "CRITICAL": RED}
_SHOWN = {"timestamp", "level", "message", "service", "request_id", "function", "ms", "exception", "exception_name"}
_OF_REQUEST = {"method", "path", "status", "area"}
_FRAME = re.compile(r'File "[^"]*?([\w.-]+\.py)", line (\d+)')
_FRAME_OF_OURS = re.compile(r'File "[^"]*?/((?:chalicelib/[^"]+|app)\.py)", line (\d+)')


@dataclass(frozen=True)
class Entry:
    """One entry: when it was written, by which function, its text, and its fields when it is one of ours."""

    milliseconds: int
    function: str
    text: str

    @property
    def is_of_runtime(self) -> bool:
        """Whether Lambda wrote it about a call."""
        return self.text.startswith(RUNTIME)

    def fields(self) -> dict[str, Any]:
        """Return the fields of a JSON line; of another text an error with it, as the runtime writes one."""
        try:
            parsed = json.loads(self.text)
        except ValueError:
            parsed = None
        return parsed if isinstance(parsed, dict) else {"level": "ERROR", "message": self.text}

    @property
    def raised(self) -> str:
        """Return the error of an entry with the place in our code that it came from; empty without one."""
        trace = str(self.fields().get("exception", "")).strip()
        if not trace:
            return ""
        frames = _FRAME_OF_OURS.findall(trace) or _FRAME.findall(trace)
        place = f" at {frames[-1][0]}:{frames[-1][1]}" if frames else ""
        return f"{trace.splitlines()[-1]}{place}"


@dataclass(frozen=True)
class Filter:
    """The entries that are wanted: part of a request id, a function, a level or worse."""

    request: str = ""
    function: str = ""
    level: str = ""

    def takes(self, entry: Entry) -> bool:
        """Whether the entry is wanted."""
        if self.function and entry.function != self.function:
            return False
        if self.request and self.request not in entry.text:
            return False
        return not self.level or _rank(str(entry.fields().get("level"))) >= _rank(self.level)


def line(entry: Entry, *, colours: bool, traces: bool = False) -> str | None:
    """Return the line of an entry, with its stack trace below when `traces`; None for a metric."""
    fields = entry.fields()
    message, level = str(fields.get("message", "")), str(fields.get("level", "INFO"))
    if message == METRIC:
        return None
    moment = datetime.fromtimestamp(entry.milliseconds / 1000, UTC).astimezone()
    colour = _COLOURS.get(level) or _colour_of_status(fields.get("status"))
    parts = [
        _in(DIM, f"{moment:%H:%M:%S}.{entry.milliseconds % 1000:03d}", colours),
        _in(colour, f"{level:<7}", colours),
        _in(CYAN, f"{entry.function:<{FUNCTION_WIDTH}}", colours),
        _in(DIM, f"{str(fields.get('request_id') or '')[:ID_LENGTH]:<{ID_LENGTH}}", colours),
        _in(colour, _what(message, fields, entry.raised), colours),
    ]
    if "ms" in fields:
        parts.append(_in(DIM, f"{fields['ms']} ms", colours))
    text = " ".join(part for part in parts if part)
    trace = str(fields.get("exception", "")) if traces else ""
    return f"{text}\n{trace.rstrip()}" if trace else text


def _what(message: str, fields: Mapping[str, Any], raised: str) -> str:
    """Return what happened: the call of a request, the facts of an event, or the message with its fields."""
    if message == "request":
        rest = _facts(fields, _SHOWN | _OF_REQUEST)
        what = f"{fields.get('method')} {fields.get('path')} {fields.get('status')}"
    else:
        rest = _facts(fields, _SHOWN)
        what = "" if message == "event" else " ".join(message.split())
    return " ".join(part for part in (what, rest, raised) if part)


def _facts(fields: Mapping[str, Any], without: set[str]) -> str:
    """Return the other fields; zeros say that nothing was done."""
    return " ".join(f"{name}={value}" for name, value in fields.items() if name not in without and value not in (0, ""))


def _colour_of_status(status: Any) -> int:
    if not isinstance(status, int) or status < 400:
        return 0
    return RED if status >= 500 else YELLOW


def _rank(level: str) -> int:
    return LEVELS.index(level.upper()) if level.upper() in LEVELS else LEVELS.index("ERROR")


def _in(colour: int, text: str, colours: bool) -> str:
    return f"\x1b[{colour}m{text}\x1b[0m" if colours and colour and text.strip() else text
