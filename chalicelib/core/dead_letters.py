"""The queues of a stack and their dead letter queues: sizes, messages that have failed five times, and replay.

For the API of administrators (system/) and for `make dlq` (infra/dlq.py). A message may be processed twice, so a replay
is safe. It sends a message before it deletes it: an interruption in between duplicates the message, never loses it.
"""

from dataclasses import dataclass
from typing import Any

from chalicelib.core.threads import map_in_parallel

QUEUES = ("react", "webhooks", "deliveries", "deferred", "outside", "work")
RETENTION_DAYS = 14
MESSAGES_PER_REQUEST = 10
HIDDEN_SECONDS = 30  # of a message that is being moved
COUNTS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed")

Message = dict[str, Any]  # as SQS returns it


@dataclass(frozen=True)
class Size:
    """The approximate numbers of messages of a queue: waiting, received and not deleted yet, delayed."""

    waiting: int
    in_flight: int
    delayed: int


def size(sqs: Any, full_name: str) -> Size:
    """Return the size of a queue or a dead letter queue."""
    asked = {"QueueUrl": _url(sqs, full_name), "AttributeNames": list(COUNTS)}
    found = sqs.get_queue_attributes(**asked)["Attributes"]
    return Size(*(int(found[name]) for name in COUNTS))


class DeadLetters:
    """The dead letter queue of one queue of a stack; `sqs` is a client of SQS."""

    def __init__(self, sqs: Any, stack: str, name: str) -> None:
        self._sqs = sqs
        self._queue, self._dead_letters = _url(sqs, f"{stack}-{name}"), _url(sqs, f"{stack}-{name}-dlq")

    def peek(self) -> list[Message]:
        """Return up to ten messages, which stay visible in the queue; SQS may return fewer than there are."""
        return self._receive(0)

    def replay(self, at_least: int | None = None) -> int:
        """Move messages back into their queue, all or at least so many of them; return how many were moved."""
        moved = 0
        while (at_least is None or moved < at_least) and (messages := self._receive(HIDDEN_SECONDS)):
            map_in_parallel(self._move, messages)
            moved += len(messages)
        return moved

    def _move(self, message: Message) -> None:
        self._sqs.send_message(QueueUrl=self._queue, MessageBody=message["Body"])
        self._sqs.delete_message(QueueUrl=self._dead_letters, ReceiptHandle=message["ReceiptHandle"])

    def _receive(self, hidden: int) -> list[Message]:
        messages: list[Message] = self._sqs.receive_message(
            QueueUrl=self._dead_letters,
            MaxNumberOfMessages=MESSAGES_PER_REQUEST,
            VisibilityTimeout=hidden,
            WaitTimeSeconds=1,
            AttributeNames=["All"],
            MessageAttributeNames=["All"],
        ).get("Messages", [])
        return messages


def _url(sqs: Any, full_name: str) -> str:
    return str(sqs.get_queue_url(QueueName=full_name)["QueueUrl"])
