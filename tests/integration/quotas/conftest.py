"""Every table and the bucket, small quotas, and tokens for everybody; queues and machines take whatever they get."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.core import clock
from chalicelib.core.aws import client
from chalicelib.core.settings import settings
from tests.aws_calls import Call, patch_calls
from tests.people import signing
from tests.production import empty_tables, production

ANSWERS: dict[str, Any] = {
    "SendMessage": {},
    "SendMessageBatch": {"Successful": []},
    "StartExecution": {"executionArn": "e"},
    "CreateSchedule": {},
}
QUEUES = ("DEFERRED_QUEUE_URL", "WORK_QUEUE_URL", "SCHEDULER_ROLE_ARN", "SCHEDULE_GROUP", "LONG_TASK_ARN")


@pytest.fixture(scope="package")
def shared_tables() -> Iterator[None]:
    """moto, once."""
    with pytest.MonkeyPatch.context() as patch, production():
        patch.setenv("JWT_SECRET_ARN", signing())
        patch.setenv("AUTH_REQUIRED", "true")
        patch.setenv("MAIL_FROM", "shopfloor@example.com")
        for name in (*QUEUES, "REPORT_SAGA_ARN", "DEFERRED_QUEUE_ARN", "DEFERRED_DLQ_ARN"):
            patch.setenv(name, name.lower())
        patch.setenv("DAILY_QUOTAS", "emails=2,sms=2,callbacks=2,long_tasks=2,reports=2,uploads=2")
        settings.cache_clear()
        client("s3").create_bucket(Bucket=settings().files_bucket)
        yield
    settings.cache_clear()


@pytest.fixture(autouse=True)
def empty(shared_tables: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing is left of the test before."""

    def around(real: Call) -> Call:
        def call(this: Any, operation: str, arguments: Any) -> Any:
            if operation == "StartExecution":
                return {**ANSWERS[operation], "startDate": clock.now()}
            return ANSWERS[operation] if operation in ANSWERS else real(this, operation, arguments)

        return call

    patch_calls(monkeypatch, around)
    yield
    monkeypatch.undo()
    empty_tables()
