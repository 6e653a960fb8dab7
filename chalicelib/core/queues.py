"""Queues: many messages sent with few requests, and a batch of messages worked on side by side.

Delivery is at least once: whoever works on a message may have done so before. A message whose work fails comes again,
alone; after five times the queue's DLQ keeps it.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from chalicelib.core.aws import client
from chalicelib.core.logs import log

CALL = 10  # messages of one request
LONGEST_DELAY = 900

Message = tuple[Mapping[str, Any], int]
"""Its body, and after how many seconds it is to be received."""


def send(queue_url: str, messages: Sequence[Message]) -> None:
    """Put messages into a queue. One that SQS refuses by itself is logged: what it announced is found by a sweep."""
    for start in range(0, len(messages), CALL):
        entries = [
            {"Id": str(number), "MessageBody": json.dumps(body), "DelaySeconds": min(delay, LONGEST_DELAY)}
            for number, (body, delay) in enumerate(messages[start : start + CALL])
        ]
        answer = client("sqs").send_message_batch(QueueUrl=queue_url, Entries=entries)
        for refused in answer.get("Failed", []):
            log.error("a queue refused a message", extra={"queue": queue_url, "reason": refused})


def work_off(
    queue_event: Mapping[str, Any], work: Callable[[Any], Any], threads: int
) -> tuple[dict[str, Any], list[Any]]:
    """Work on the messages of an SQS batch, `threads` at a time: the answer, which names those to be delivered again,
    and what `work` returned for the others.
    """
    for service in ("dynamodb", "sqs"):
        client(service)  # made once, not by all threads at the same time
    with ThreadPoolExecutor(threads) as pool:
        done = [(record, pool.submit(work, json.loads(record["body"]))) for record in queue_event["Records"]]
    failures, results = [], []
    for record, future in done:
        if error := future.exception():
            log.error("a message failed", exc_info=error, extra={"message_id": record["messageId"]})
            failures.append({"itemIdentifier": record["messageId"]})
        else:
            results.append(future.result())
    return {"batchItemFailures": failures}, results
