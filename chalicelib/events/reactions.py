"""Listeners of events: the bus puts events into the queue `react`, this calls whom wiring/listeners.py names.

A message whose listener fails is reported alone and comes again; after five times the queue's DLQ keeps it.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from chalicelib.core.logs import log

Listener = Callable[[dict[str, Any]], Any]


def handle(queue_event: dict[str, Any], listeners: Mapping[str, Sequence[Listener]]) -> dict[str, Any]:
    """Call the listeners of each message of an SQS batch; the answer names the messages to be delivered again."""
    # 140 ms that no other function has to pay for
    from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType

    def one(record: Any) -> None:
        detail = json.loads(record["body"])["detail"]
        for event in detail["events"]:
            for listener in listeners.get(detail["event"], ()):
                listener(event["data"])

    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    with processor(queue_event["Records"], one):
        processor.process()
    for _, failure, _ in processor.exceptions:
        log.error("a listener failed", exc_info=failure)
    return dict(processor.response())
