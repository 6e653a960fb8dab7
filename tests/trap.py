"""Something happens right after the n-th write of this process: the process dies, or somebody cancels the saga."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

import pytest
from botocore.client import BaseClient

WRITES = {
    "TransactWriteItems", "UpdateItem", "PutItem", "DeleteItem", "PutObject", "CopyObject", "DeleteObjects",
}  # fmt: skip


class Died(Exception):
    """The process of a function is gone."""


@contextmanager
def after_write(number: int, happens: Callable[[], None]) -> Iterator[list[str]]:
    """Inside, `happens` is called once, after the write with that number (from 1); yields the writes there were."""
    real = BaseClient._make_api_call
    writes: list[str] = []

    def call(self: Any, operation: str, arguments: Any) -> Any:
        answer = real(self, operation, arguments)
        if operation in WRITES:
            writes.append(operation)
            if len(writes) == number:
                happens()
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseClient, "_make_api_call", call)
        yield writes


def die() -> None:
    """The function's process ends here; the machine sees an error."""
    raise Died


@contextmanager
def writes_in_turn() -> Iterator[None]:
    """Inside, threads write one after the other, as the tables do it; moto would check and write at different times."""
    real, turn = BaseClient._make_api_call, Lock()

    def call(self: Any, operation: str, arguments: Any) -> Any:
        if operation not in WRITES:
            return real(self, operation, arguments)
        with turn:
            return real(self, operation, arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseClient, "_make_api_call", call)
        yield
