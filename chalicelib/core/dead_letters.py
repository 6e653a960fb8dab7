"""The queues of a stack and their dead letter queues: how much waits, what has failed five times, and moving it back.

For the API of administrators (system/) and for `make dlq` (infra/dlq.py). Everything behind a queue may run twice, so
moving a message back is always safe. It is sent first and deleted then: who is interrupted in between has it twice,
never lost.
"""

from dataclasses import dataclass
from typing import Any

from chalicelib.core.threads import map_in_parallel

QUEUES = ("react", "webhooks", "deliveries", "deferred", "outside", "work")
RETENTION_DAYS = 14
MESSAGES_PER_REQUEST = 10  # messages of one request
HIDDEN_SECONDS = 30  # from others, while a message is moved
COUNTS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed")

Message = dict[str, Any]  # as SQS answers it


@dataclass(frozen=True)
class Size:
    """About how many messages a queue has: waiting, received and not deleted yet, delayed."""

    waiting: int
    in_flight: int
    delayed: int


def size(sqs: Any, full_name: str) -> Size:
    """The size of a queue or a dead letter queue."""
    asked = {"QueueUrl": _url(sqs, full_name), "AttributeNames": list(COUNTS)}
    found = sqs.get_queue_attributes(**asked)["Attributes"]
    return Size(*(int(found[name]) for name in COUNTS))


class DeadLetters:
    """The dead letter queue of one queue of a stack; `sqs` is a client of SQS."""

    def __init__(self, sqs: Any, stack: str, name: str) -> None:
        self._sqs = sqs
        self._queue, self._dead_letters = _url(sqs, f"{stack}-{name}"), _url(sqs, f"{stack}-{name}-dlq")

    def first(self) -> list[Message]:
        """Up to ten of them, which stay where they are and visible to others; SQS may answer with fewer than it has."""
        return self._receive(0)

    def replay(self, most: int | None = None) -> int:
        """Move them back into their queue, all or at least so many, if there are; how many were moved."""
        moved = 0
        while (most is None or moved < most) and (messages := self._receive(HIDDEN_SECONDS)):
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
