"""`python -m infra.dlq --stage dev`: what waits in the dead letter queues; `--queue work --replay` moves it back.

Everything behind a queue may run twice, so moving a message back is always safe. It is sent first and deleted then:
who is interrupted in between has it twice, never lost.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from typing import Any

from infra.alarms import QUEUES
from infra.names import Json
from infra.recount import LOCAL
from infra.template import STAGES

HIDDEN_SECONDS = 30  # from others, while a message is moved
SHOWN = 200  # characters of a message


class DeadLetters:
    """The dead letter queue of one queue of a stack."""

    def __init__(self, stack: str, name: str, place: Json) -> None:
        import boto3

        self._sqs: Any = boto3.client("sqs", **place)
        self._queue = self._sqs.get_queue_url(QueueName=f"{stack}-{name}")["QueueUrl"]
        self._letters = self._sqs.get_queue_url(QueueName=f"{stack}-{name}-dlq")["QueueUrl"]

    def count(self) -> int:
        """How many wait."""
        wanted = "ApproximateNumberOfMessages"
        told = self._sqs.get_queue_attributes(QueueUrl=self._letters, AttributeNames=[wanted])
        return int(told["Attributes"][wanted])

    def look(self) -> list[str]:
        """The first of them, which stay where they are."""
        return [message["Body"] for message in self._receive(0)]

    def replay(self) -> int:
        """Move all of them back into their queue; how many that were."""
        moved = 0
        while batch := self._receive(HIDDEN_SECONDS):
            for message in batch:
                self._sqs.send_message(QueueUrl=self._queue, MessageBody=message["Body"])
                self._sqs.delete_message(QueueUrl=self._letters, ReceiptHandle=message["ReceiptHandle"])
            moved += len(batch)
        return moved

    def _receive(self, hidden: int) -> list[Json]:
        asked = {"QueueUrl": self._letters, "MaxNumberOfMessages": 10, "VisibilityTimeout": hidden}
        messages: list[Json] = self._sqs.receive_message(**asked, WaitTimeSeconds=1).get("Messages", [])
        return messages


def lines(stack: str, names: tuple[str, ...], place: Json, replay: bool) -> Iterator[str]:
    """One line for each queue, and its first messages; or what was moved."""
    for name in names:
        letters = DeadLetters(stack, name, place)
        if replay:
            yield f"{name:<12}{letters.replay():>6} moved back"
            continue
        waiting = letters.count()
        yield f"{name:<12}{waiting:>6}"
        yield from (f"    {body[:SHOWN]}" for body in (letters.look() if waiting else ()))


def main() -> int:
    """Read the arguments, look or move, print."""
    parser = argparse.ArgumentParser(prog="python -m infra.dlq", description=__doc__)
    parser.add_argument("--stage", choices=STAGES, required=True)
    parser.add_argument("--queue", choices=tuple(QUEUES), help="this one only")
    parser.add_argument("--replay", action="store_true", help="move the messages back into their queue")
    arguments = parser.parse_args()
    if arguments.replay and not arguments.queue:
        parser.error("which one? make dlq REPLAY=work")
    local = f"http://127.0.0.1:{os.environ.get('AWS_PORT', '4566')}"
    place: Json = {"endpoint_url": local, **LOCAL} if arguments.stage == "local" else {}
    names = (arguments.queue,) if arguments.queue else tuple(QUEUES)
    for line in lines(f"shopfloor-{arguments.stage}", names, place, arguments.replay):
        sys.stdout.write(line + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
