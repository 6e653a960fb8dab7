"""Queues: sending many messages with few requests, and processing a batch of messages.

Delivery is at least once: a message may be processed twice. A message that fails is delivered again; after five times
it is moved to the dead letter queue.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.core.aws import client
from chalicelib.core.dead_letters import MESSAGES_PER_REQUEST
from chalicelib.core.logs import log
from chalicelib.core.retries import QUEUE_MESSAGE

MAX_DELAY_SECONDS = 900

R = TypeVar("R")

Message = tuple[Mapping[str, Any], int]
"""The body of a message, and the seconds until it can be received."""


def send(queue_url: str, messages: Sequence[Message]) -> None:
    """Send messages to a queue. A message that SQS refuses is logged: the sweep finds what it was about."""
    for start in range(0, len(messages), MESSAGES_PER_REQUEST):
        entries = [
            {"Id": str(number), "MessageBody": json.dumps(body), "DelaySeconds": min(delay, MAX_DELAY_SECONDS)}
            for number, (body, delay) in enumerate(messages[start : start + MESSAGES_PER_REQUEST])
        ]
        answer = client("sqs").send_message_batch(QueueUrl=queue_url, Entries=entries)
        for refused in answer.get("Failed", []):
            log.error("a queue refused a message", extra={"queue": queue_url, "reason": refused})


def deliver_again_soon(record: Mapping[str, Any]) -> None:
    """Let a failed message come again after the backoff of its attempt. By itself it comes after the visibility
    timeout, six times the timeout of the function.
    """
    attempt = int(record.get("attributes", {}).get("ApproximateReceiveCount", 1))
    try:
        url = client("sqs").get_queue_url(QueueName=record["eventSourceARN"].rpartition(":")[2])["QueueUrl"]
        client("sqs").change_message_visibility(
            QueueUrl=url,
            ReceiptHandle=record["receiptHandle"],
            VisibilityTimeout=int(QUEUE_MESSAGE.backoff(attempt)),
        )
    except (ClientError, BotoCoreError) as error:
        log.error("a message comes again late", extra={"message_id": record["messageId"], "reason": str(error)})


def process_batch(
    queue_event: Mapping[str, Any], work: Callable[[list[Any]], Sequence[R | BaseException]]
) -> tuple[dict[str, Any], list[R]]:
    """Call `work` with the bodies of an SQS batch; it returns an outcome or an exception for each.

    Returns the response with the messages to be delivered again, and the outcomes of the others.
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
