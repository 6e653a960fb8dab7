"""`python -m infra.dlq --stage dev`: list dead letters; `--queue work --replay` moves them back.

The same as `GET /api/v1/system/dead-letters/{queue}`, with the credentials of the account; see core/dead_letters.py.
Functions that take a message write its id beside the error, so the error is looked up in their log.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from chalicelib.core.dead_letters import QUEUES, RETENTION_DAYS, DeadLetters, Message, size
from infra.deploying.failures import one_line_errors
from infra.log_lines import Entry
from infra.names import Json
from infra.stages import client_arguments, stage_name

MAX_SHOWN_CHARACTERS = 200  # of a message
MAX_SHOWN_EVENTS = 3  # of a message
CONSUMERS = {
    "react": "react",
    "webhooks": "fan-out",
    "deliveries": "deliver",
    "deferred": "run-deferred",
    "outside": "run-outside",
    "work": "work",
}


def lines(stack: str, names: tuple[str, ...], place: Json, replay: bool) -> Iterator[str]:
    """Return a line for each queue and two for each of its first messages; with `--replay` the number moved."""
    import boto3

    sqs, logs = boto3.client("sqs", **place), boto3.client("logs", **place)
    for name in names:
        dead_letters = DeadLetters(sqs, stack, name)
        if replay:
            yield f"{name:<12}{dead_letters.replay():>6} moved back"
            continue
        waiting = size(sqs, f"{stack}-{name}-dlq").waiting
        yield f"{name:<12}{waiting:>6}"
        shown = dead_letters.peek() if waiting else []
        for message in shown:
            yield f"    {described(message)}"
            yield f"        {_error(logs, stack, name, message)}"
        if waiting > len(shown):
            yield f"    … and {waiting - len(shown)} more"


def described(message: Message) -> str:
    """Return when a message was sent, how often it was received, and what it is about."""
    about = message["Attributes"]
    sent = datetime.fromtimestamp(int(about["SentTimestamp"]) / 1_000, UTC).astimezone()
    return f"{sent:%d.%m. %H:%M:%S}  received {about['ApproximateReceiveCount']} times  {_subject(message['Body'])}"


def _subject(body: str) -> str:
    """Return the event and the ids of its occurrences, or the text of another message."""
    try:
        detail: Any = json.loads(body)["detail"]
        ids = [str(one["id"]) for one in detail["events"]]
    except (ValueError, KeyError, TypeError):
        return body[:MAX_SHOWN_CHARACTERS]
    more = f" and {len(ids) - MAX_SHOWN_EVENTS} more" if len(ids) > MAX_SHOWN_EVENTS else ""
    return f"{detail['event']}  {', '.join(ids[:MAX_SHOWN_EVENTS])}{more}"


def _error(logs: Any, stack: str, queue: str, message: Message) -> str:
    """Return the last error of a message: as the sender has recorded it, or of the log of the function."""
    recorded = message.get("MessageAttributes", {}).get("ERROR_MESSAGE", {}).get("StringValue")
    if recorded:
        return str(recorded)[:MAX_SHOWN_CHARACTERS]
    function = CONSUMERS[queue]
    group = f"/aws/lambda/{stack}-{function}"
    since = int(message["Attributes"]["SentTimestamp"])
    wanted = {"logGroupName": group, "startTime": since, "filterPattern": f'"{message["MessageId"]}"'}
    try:
        pages = logs.get_paginator("filter_log_events").paginate(**wanted)
        found = [Entry(one["timestamp"], function, one["message"]) for page in pages for one in page["events"]]
    except logs.exceptions.ResourceNotFoundException:
        found = []
    errors = [entry for entry in found if message["MessageId"] in entry.text and entry.raised]
    if errors:
        return max(errors, key=lambda entry: entry.milliseconds).raised[:MAX_SHOWN_CHARACTERS]
    return f"its error is not in the log: make logs FUNCTION={function} LEVEL=ERROR SINCE={RETENTION_DAYS}d"


@one_line_errors()
def main() -> int:
    """List or move dead letters by the arguments of the command line."""
    parser = argparse.ArgumentParser(prog="python -m infra.dlq", description=__doc__)
    parser.add_argument("--stage", type=stage_name, required=True)
    parser.add_argument("--queue", choices=QUEUES, help="this one only")
    parser.add_argument("--replay", action="store_true", help="move the messages back into their queue")
    arguments = parser.parse_args()
    if arguments.replay and not arguments.queue:
        parser.error("which one? make dlq REPLAY=work")
    place = client_arguments(arguments.stage)
    names = (arguments.queue,) if arguments.queue else QUEUES
    for line in lines(f"shopfloor-{arguments.stage}", names, place, arguments.replay):
        sys.stdout.write(line + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
