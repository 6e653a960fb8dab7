"""A DynamoDB that is out of order: answers are lost after the work was done, tables are throttled, writers meet.

Both clients of the service are answered here (tests/tables.py), below their own repetitions.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError
from botocore.retries import standard

from chalicelib.core import dynamo_transport, repeats
from chalicelib.core.connections import Reply
from tests.tables import tables

URL = "https://dynamodb.us-east-1.amazonaws.com/"
WRITES = {"TransactWriteItems", "UpdateItem", "PutItem", "DeleteItem", "BatchWriteItem"}
ATTEMPTS_OF_CLIENT = 4  # core/aws.py
BREAKERS = "shopfloor-test-breakers"

Answer = Callable[[], Reply]
Fault = Callable[[str, Answer], Reply]
"""What a call comes to, instead of its answer: the name of the operation, and what carries it out."""


def refusal(status: int, code: str, **more: Any) -> Reply:
    """The answer to a call that failed."""
    content = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": code, **more}
    return Reply(status, {"x-amzn-requestid": "1"}, json.dumps(content).encode())


def reset(operation: str, answer: Answer) -> Reply:
    """The call is carried out, and the connection broken before its answer has come."""
    answer()
    raise ConnectionClosedError(endpoint_url=URL)


def timeout(operation: str, answer: Answer) -> Reply:
    """The call is carried out too late."""
    answer()
    raise ReadTimeoutError(endpoint_url=URL)


def server_error(operation: str, answer: Answer) -> Reply:
    """The call is carried out, and its answer says that it was not."""
    answer()
    return refusal(500, "InternalServerError")


def in_progress(operation: str, answer: Answer) -> Reply:
    """A transaction is carried out while its client repeats it; other calls are carried out, and answered in vain."""
    answer()
    if operation != "TransactWriteItems":
        raise ConnectionClosedError(endpoint_url=URL)
    return refusal(400, "TransactionInProgressException")


def throttled(operation: str, answer: Answer) -> Reply:
    """The table takes no more."""
    if operation == "TransactWriteItems":
        reasons = [{"Code": "ThrottlingError", "Message": "slow down"}]
        return refusal(400, "TransactionCanceledException", CancellationReasons=reasons)
    return refusal(400, "ProvisionedThroughputExceededException")


def contended(operation: str, answer: Answer) -> Reply:
    """Another user is always just writing."""
    if operation == "TransactWriteItems":
        reasons = [{"Code": "TransactionConflict", "Message": "ongoing"}]
        return refusal(400, "TransactionCanceledException", CancellationReasons=reasons)
    return refusal(400, "TransactionConflictException") if operation in WRITES else answer()


@contextmanager
def fault(
    happens: Fault,
    *,
    first: int = 1,
    times: int = 10**9,
    of: Callable[[str], bool] = WRITES.__contains__,
    table: str = "",
) -> Iterator[list[str]]:
    """Inside, the `first` call of those operations (and of that table), and so many after it, meet a fault.

    The table of breakers is spared unless it is named.

    Yields the names of all such calls. Nobody waits between repetitions.
    """
    seen: list[str] = []
    real = tables().answer

    def answer(headers: Mapping[str, str], body: bytes) -> Reply:
        operation, text = headers["X-Amz-Target"].rpartition(".")[2], bytes(body).decode()
        spared = BREAKERS in text and table != BREAKERS  # they have to count what comes of the fault
        if not of(operation) or table not in text or spared:
            return real(headers, body)
        seen.append(operation)
        if first <= len(seen) < first + times:
            return happens(operation, lambda: real(headers, body))
        return real(headers, body)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables(), "answer", answer)
        patch.setattr(repeats, "sleep", lambda seconds: None)
        patch.setattr(dynamo_transport.time, "sleep", lambda seconds: None)
        patch.setattr(standard.ExponentialBackoff, "delay_amount", lambda self, context: 0)
        yield seen


def everything(operation: str) -> bool:
    """Every call."""
    return True
