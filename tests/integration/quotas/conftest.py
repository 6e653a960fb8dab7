"""Every table, the bucket, small quotas and tokens; queues and state machines accept everything."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.core import clock
from chalicelib.core.aws import client
from chalicelib.core.settings import settings
from tests.aws_calls import Call, patch_calls
from tests.people import production_with_tokens
from tests.production import empty_tables

ANSWERS: dict[str, Any] = {
    "SendMessage": {},
    "SendMessageBatch": {"Successful": []},
    "StartExecution": {"executionArn": "e"},
    "CreateSchedule": {},
}
RESOURCES = (
    "DEFERRED_QUEUE_URL", "WORK_QUEUE_URL", "SCHEDULER_ROLE_ARN", "SCHEDULE_GROUP", "LONG_TASK_ARN",
    "REPORT_SAGA_ARN", "DEFERRED_QUEUE_ARN", "DEFERRED_DLQ_ARN",
)  # fmt: skip


@pytest.fixture(scope="package")
def shared_tables() -> Iterator[None]:
    """moto, once."""
    quotas = "emails=2,sms=2,callbacks=2,long_tasks=2,reports=2,uploads=2,background_tasks=2"
    addresses = {name: name.lower() for name in RESOURCES}
    with production_with_tokens(
        AUTH_REQUIRED="true", MAIL_FROM="shopfloor@example.com", DAILY_QUOTAS=quotas, **addresses
    ):
        client("s3").create_bucket(Bucket=settings().files_bucket)
        yield


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
