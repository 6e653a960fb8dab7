"""Background tasks in moto: a bucket, the queue `work`, and a worker that does what waits in it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from chalicelib.background_tasks import service
from chalicelib.core.aws import client
from chalicelib.core.settings import settings
from chalicelib.wiring.runners import RUNNERS, UNDOERS
from tests.http_events import lambda_context
from tests.production import ask, ok

TASKS = "/api/background_tasks"


@contextmanager
def work_queue() -> Iterator[None]:
    """Inside of moto: the bucket and the queue, known to the settings."""
    with pytest.MonkeyPatch.context() as patch:
        url = client("sqs").create_queue(QueueName="shopfloor-test-work")["QueueUrl"]
        patch.setenv("WORK_QUEUE_URL", url)
        settings.cache_clear()
        client("s3").create_bucket(Bucket=settings().files_bucket)
        yield
    settings.cache_clear()


def waiting() -> list[dict[str, Any]]:
    """Takes the messages out of the queue, as records of an event."""
    found: list[dict[str, Any]] = []
    while (
        messages := client("sqs")
        .receive_message(QueueUrl=settings().work_queue_url, MaxNumberOfMessages=10)
        .get("Messages")
    ):
        for message in messages:
            client("sqs").delete_message(QueueUrl=settings().work_queue_url, ReceiptHandle=message["ReceiptHandle"])
            found.append({"messageId": message["MessageId"], "body": message["Body"], "eventSource": "aws:sqs"})
    return found


def run_tasks(remaining_ms: int = 900_000) -> int:
    """Run what waits, and what that puts into the queue; returns how many messages there were."""
    number = 0
    while records := waiting():
        for record in records:
            service.work({"Records": [record]}, RUNNERS, UNDOERS, lambda_context(remaining_ms))
            number += 1
    return number


def task(task_id: str) -> dict[str, Any]:
    """A task as clients see it."""
    found: dict[str, Any] = ok("GET", f"{TASKS}/{task_id}")
    return found


def result_of(task_id: str) -> dict[str, Any]:
    """The result of a task that has to have succeeded."""
    found = task(task_id)
    assert found["status"] == "SUCCESS", found
    result: dict[str, Any] = found["result"]
    return result


def reason_of(task_id: str) -> str:
    """Why a task has failed, which it has to have."""
    found = task(task_id)
    assert found["status"] == "FAILURE", found
    assert set(found["result"]) == {"error"}
    reason: str = found["result"]["error"]
    return reason


def message(task_id: str) -> dict[str, Any]:
    """An event of the queue that names one task."""
    return {"Records": [{"messageId": "1", "body": json.dumps({"task_id": task_id}), "eventSource": "aws:sqs"}]}


def to_react(detail: dict[str, Any]) -> dict[str, Any]:
    """An event of the queue of the listeners, with one message."""
    place = "arn:aws:sqs:us-east-1:123456789012:react"
    about = {"messageId": "1", "receiptHandle": "1", "eventSource": "aws:sqs", "eventSourceARN": place}
    return {"Records": [{**about, "body": json.dumps({"detail": detail})}]}


def unknown(task_id: str) -> bool:
    """Whether clients are told that there is no such task."""
    return ask("GET", f"{TASKS}/{task_id}").status == 404
