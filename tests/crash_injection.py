"""Something happens right after the n-th write of this process: the process dies, or a user cancels the saga."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

import pytest
from botocore.exceptions import ClientError

import app
from tests.aws_calls import Call, patch_calls

WRITES = {
    "TransactWriteItems", "UpdateItem", "PutItem", "DeleteItem", "PutObject", "CopyObject", "DeleteObjects",
}  # fmt: skip


class Died(Exception):
    """The process of a function is gone."""


@contextmanager
def after_write(number: int, happens: Callable[[], None]) -> Iterator[list[str]]:
    """Inside, `happens` is called once, after the write with that number (from 1); yields the writes there were."""
    writes: list[str] = []

    def around(real: Call) -> Call:
        def call(client: Any, operation: str, arguments: Any) -> Any:
            answer = real(client, operation, arguments)
            if operation in WRITES:
                writes.append(operation)
                if len(writes) == number:
                    happens()
            return answer

        return call

    with pytest.MonkeyPatch.context() as patch:
        patch_calls(patch, around)
        yield writes


def die() -> None:
    """The function's process ends here; the machine sees an error."""
    raise Died


@contextmanager
def writes_in_turn() -> Iterator[None]:
    """Inside, threads write one after the other, as the tables do it; moto would check and write at different times."""
    turn = Lock()

    def around(real: Call) -> Call:
        def call(client: Any, operation: str, arguments: Any) -> Any:
            if operation not in WRITES:
                return real(client, operation, arguments)
            with turn:
                return real(client, operation, arguments)

        return call

    with pytest.MonkeyPatch.context() as patch:
        patch_calls(patch, around)
        yield


@contextmanager
def killed(function: str, times: int, *, late: bool = False, **fields: Any) -> Iterator[list[Any]]:
    """Inside, the first calls of a function of app.py whose event has these fields die: before their work as if they
    were throttled, or `late`, when it is done. Yields the events of those calls.
    """
    real, events = getattr(app, function), list[Any]()

    def call(event: Any, context: Any) -> Any:
        if len(events) >= times or not fields.items() <= event.items():
            return real(event, context)
        events.append(event)
        if late:
            real(event, context)
        raise Died

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, function, call)
        yield events


def throttle() -> None:
    """DynamoDB or S3 has no capacity left for this call."""
    raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "Rate exceeded"}}, "PutObject")
