"""`python -m infra.logs --stage local`: print the log entries of all functions, oldest first, and follow them.

One short line an entry; `--json` prints the lines as the functions wrote them. Colours on a terminal, unless NO_COLOR
is set.
"""

import argparse
import os
import re
import sys
import time
from collections.abc import Iterator
from typing import Any

from infra.deploying.failures import DeployFailed, one_line_errors
from infra.log_lines import LEVELS, Entry, Filter, line
from infra.stages import LOCAL, client_arguments, stage_name

OVERLAP_MS = 5_000  # entries may come late by so much
POLL_SECONDS, POLL_SECONDS_OF_AWS = 1.0, 5.0
_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


class Logs:
    """The log groups of the functions of one stack; `client` is a client of CloudWatch Logs."""

    def __init__(self, client: Any, stack: str, wanted: Filter) -> None:
        self._client = client
        self._prefix = f"/aws/lambda/{stack}-"
        self._wanted = wanted

    def read(self, since: int) -> Iterator[Entry]:
        """Yield the wanted entries since a time in milliseconds."""
        for group in self._groups():
            function = group.removeprefix(self._prefix)
            pages = self._client.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=since)
            for page in pages:
                entries = (Entry(one["timestamp"], function, one["message"].rstrip()) for one in page["events"])
                yield from (entry for entry in entries if not entry.is_of_runtime and self._wanted.takes(entry))

    def follow(self, since: int, poll: float | None) -> Iterator[Entry]:
        """Yield the entries in order, then new ones every `poll` seconds; None: those that are there."""
        seen: set[Entry] = set()
        while True:
            entries = set(self.read(since))
            yield from sorted(entries - seen, key=lambda entry: entry.milliseconds)
            if poll is None:
                return
            seen = entries
            since = max([since, *(entry.milliseconds - OVERLAP_MS for entry in entries)])
            time.sleep(poll)

    def _groups(self) -> Iterator[str]:
        """Yield the names of the groups; DeployFailed when there is none of the wanted function."""
        pages = self._client.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=self._prefix)
        found = [group["logGroupName"].removeprefix(self._prefix) for page in pages for group in page["logGroups"]]
        wanted = self._wanted.function
        if wanted not in ("", *found):
            raise DeployFailed(f"there is no log of a function {wanted}, but of {', '.join(found) or 'none'}")
        return (f"{self._prefix}{name}" for name in found if wanted in ("", name))


def duration(text: str) -> int:
    """Return the seconds of `90s`, `10m`, `2h` or `1d`; for argparse."""
    found = re.fullmatch(r"(\d+)([smhd])", text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is no duration: 90s, 10m, 2h or 1d")
    return int(found[1]) * _UNITS[found[2]]


@one_line_errors()
def main() -> int:
    """Print the entries that the arguments of the command line want."""
    arguments = _arguments()
    place = client_arguments(arguments.stage)
    import boto3

    wanted = Filter(arguments.request, arguments.function.replace("_", "-"), arguments.level)
    logs = Logs(boto3.client("logs", **place), f"shopfloor-{arguments.stage}", wanted)
    poll = POLL_SECONDS if arguments.stage == LOCAL else POLL_SECONDS_OF_AWS
    colours = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    try:
        for entry in logs.follow(int((time.time() - arguments.since) * 1000), None if arguments.once else poll):
            text = entry.text if arguments.json else line(entry, colours=colours, traces=bool(arguments.request))
            if text is not None:
                sys.stdout.write(f"{text}\n")
                sys.stdout.flush()
    except (KeyboardInterrupt, BrokenPipeError):  # Ctrl-C, or the end of `make logs | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.logs", description=__doc__)
    parser.add_argument("--stage", type=stage_name, required=True)
    parser.add_argument("--request", default="", help="a request id or its beginning; with its stack traces")
    parser.add_argument("--function", default="", help="e.g. api or report-step")
    parser.add_argument("--level", default="", type=str.upper, choices=["", *LEVELS], help="this one or worse")
    parser.add_argument("--since", default="10m", type=duration, help="e.g. 2h; default: 10m")
    parser.add_argument("--json", action="store_true", help="the lines as they were written")
    parser.add_argument("--once", action="store_true", help="do not wait for new entries")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
