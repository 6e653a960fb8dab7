"""Queues: many messages sent with few requests, and a batch of messages worked on together.

Delivery is at least once: whoever works on a message may have done so before. A message whose work fails comes again,
alone; after five times the queue's DLQ keeps it.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any, TypeVar

from chalicelib.core.aws import client
from chalicelib.core.logs import log

MESSAGES_PER_REQUEST = 10  # messages of one request
MAX_DELAY_SECONDS = 900
WAIT_FOR_MORE_SECONDS = 0.02  # after the first end

R = TypeVar("R")
S = TypeVar("S")

Message = tuple[Mapping[str, Any], int]
"""Its body, and after how many seconds it is to be received."""


def send(queue_url: str, messages: Sequence[Message]) -> None:
    """Put messages into a queue. One that SQS refuses by itself is logged: what it announced is found by a sweep."""
    for start in range(0, len(messages), MESSAGES_PER_REQUEST):
        entries = [
            {"Id": str(number), "MessageBody": json.dumps(body), "DelaySeconds": min(delay, MAX_DELAY_SECONDS)}
            for number, (body, delay) in enumerate(messages[start : start + MESSAGES_PER_REQUEST])
        ]
        answer = client("sqs").send_message_batch(QueueUrl=queue_url, Entries=entries)
        for refused in answer.get("Failed", []):
            log.error("a queue refused a message", extra={"queue": queue_url, "reason": refused})


def process_batch(
    queue_event: Mapping[str, Any], work: Callable[[list[Any]], Sequence[R | BaseException]]
) -> tuple[dict[str, Any], list[R]]:
    """Hand the bodies of an SQS batch to `work`, which returns for each what came of it, or the exception it failed of.

    Returns the answer, which names the messages to be delivered again, and what came of the others.
    """
    records, failures, results = queue_event["Records"], [], list[R]()
    for service in ("dynamodb", "sqs"):
        client(service)  # made once, not by all threads at the same time
    for record, outcome in zip(records, work([json.loads(record["body"]) for record in records]), strict=True):
        if isinstance(outcome, BaseException):
            log.error("a message failed", exc_info=outcome, extra={"message_id": record["messageId"]})
            failures.append({"itemIdentifier": record["messageId"]})
        else:
            results.append(outcome)
    return {"batchItemFailures": failures}, results


def wait_for_some(going: Iterable["Future[Any]"], timeout: float | None = None) -> set["Future[Any]"]:
    """Those of the futures that have ended within `timeout`, with what ends a moment later: to be written together."""
    futures = list(going)
    if not wait(futures, timeout, FIRST_COMPLETED).done:
        return set()
    return wait(futures, WAIT_FOR_MORE_SECONDS).done


def result_or_error(work: Callable[[S], R], subject: S) -> R | Exception:
    """What `work` returns, or what it raises: the other messages of a batch do not fail of that."""
    try:
        return work(subject)
    except Exception as error:
        return error
