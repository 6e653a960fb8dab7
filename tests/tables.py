"""The DynamoDB of the tests that run in one process: MiniStack's, with the engine's fast paths, called directly.

`TEST_DYNAMODB=moto` takes moto's instead, `TEST_DYNAMODB=dynoxide` that program (dynoxide.py), `ENGINE_FAST=0`
MiniStack's without fast paths. All get the request that the service's client would send, and give the response it
would get.
"""

import json
import os
from collections.abc import Callable, Mapping
from functools import cache
from threading import Lock
from typing import Any, Protocol

from botocore.awsrequest import AWSPreparedRequest

from chalicelib.core.connections import Reply

Json = dict[str, Any]


class Tables(Protocol):
    """All tables there are."""

    def answer(self, headers: Mapping[str, str], body: bytes) -> Reply:
        """The response to one request."""

    def items(self) -> dict[str, list[Json]]:
        """All items by the full name of their table, past the API, which takes longer than the test itself."""

    def create(self, arguments: Json) -> None:
        """Make a table."""

    def empty(self) -> None:
        """Remove the items of all tables."""

    def forget(self) -> None:
        """Remove all tables."""


class MiniStackTables:
    """MiniStack's module of DynamoDB, one request at a time as in its server."""

    def __init__(self) -> None:
        from localstack import engine
        from tests.unit.localstack.engine.two_engines import FAST_PATHS, dynamodb

        chosen = engine.chosen(os.environ.get("ENGINE_FAST", "1"))
        self._engine = dynamodb("dynamodb_of_the_tests", [name for name in FAST_PATHS if name in chosen])
        self._created: list[Json] = []
        self._lock = Lock()

    def answer(self, headers: Mapping[str, str], body: bytes) -> Reply:
        from ministack.core.responses import request_scope

        target = {"x-amz-target": headers["X-Amz-Target"]}
        with self._lock, request_scope("000000000000", "us-east-1"):
            try:
                self._engine.handle_request("POST", "/", target, body, {}).send(None)
            except StopIteration as done:
                status, given, content = done.value
                return Reply(status, {name.lower(): value for name, value in given.items()}, content)
        raise AssertionError("MiniStack waits for something")

    def items(self) -> dict[str, list[Json]]:
        found = {}
        for _, table in self._engine._tables.all_items():
            partitions = table["items"].values()
            found[table["TableName"]] = [item for partition in partitions for item in partition.values()]
        return found

    def create(self, arguments: Json) -> None:
        self._created.append(arguments)
        _call(self, "CreateTable", arguments)

    def empty(self) -> None:
        self._engine.reset()
        for arguments in self._created:
            _call(self, "CreateTable", arguments)

    def forget(self) -> None:
        self._engine.reset()
        self._created.clear()


class MotoTables:
    """moto's, inside of its `mock_aws`."""

    def answer(self, headers: Mapping[str, str], body: bytes) -> Reply:
        from moto.core.models import botocore_stubber

        url = "https://dynamodb.us-east-1.amazonaws.com/"
        answer = botocore_stubber.process_request(AWSPreparedRequest("POST", url, dict(headers), body, False))
        assert answer
        status, given, content = answer
        lowered = {name.lower(): value for name, value in given.items()}
        return Reply(status, lowered, content.encode() if isinstance(content, str) else content)

    def items(self) -> dict[str, list[Json]]:
        return {table.name: [item.to_json()["Attributes"] for item in table.all_items()] for table in self._tables()}

    def create(self, arguments: Json) -> None:
        _call(self, "CreateTable", arguments)

    def empty(self) -> None:
        for table in self._tables():
            table.items.clear()

    @staticmethod
    def _tables() -> list[Any]:
        from moto.core import DEFAULT_ACCOUNT_ID
        from moto.dynamodb.models import dynamodb_backends

        return list(dynamodb_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].tables.values())

    def forget(self) -> None:
        pass  # moto's own end does it


@cache
def tables() -> Tables:
    """Those that `TEST_DYNAMODB` names."""
    from tests.dynoxide import DynoxideTables

    kinds: dict[str, Callable[[], Tables]]
    kinds = {"ministack": MiniStackTables, "moto": MotoTables, "dynoxide": DynoxideTables}
    return kinds[os.environ.get("TEST_DYNAMODB", "ministack")]()


def call(operation: str, arguments: Json) -> Any:
    """The result of an operation that has to succeed, past the client and all that watches it."""
    return _call(tables(), operation, arguments)


def _call(of: Tables, operation: str, arguments: Json) -> Any:
    scope = "Credential=test/20260101/us-east-1/dynamodb/aws4_request"
    authorization = f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=, Signature="
    headers = {"X-Amz-Target": f"DynamoDB_20120810.{operation}", "Authorization": authorization}
    answer = of.answer({**headers, "Content-Type": "application/x-amz-json-1.0"}, json.dumps(arguments).encode())
    assert answer.status_code == 200, answer.content
    return json.loads(answer.content)
