"""Tables in dynoxide, a DynamoDB of others that its authors compare with Amazon's: a second opinion on every request.

`make second-engine` builds it and runs tests on it. It serves one process of tests, in memory.
"""

import json
import socket
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from http.client import HTTPConnection
from typing import Any

from chalicelib.core.connections import Reply
from localstack.config import ROOT
from tests.e2e.stack import free_ports
from tests.waiting import wait_for

Json = dict[str, Any]
PROGRAM = ROOT / ".shopfloor" / "dynoxide" / "bin" / "dynoxide"
WRITING = ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems")
_SIGNED = {
    "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, "
    "SignedHeaders=host, Signature=0",
    "Content-Type": "application/x-amz-json-1.0",
    "X-Amz-Date": "20260101T000000Z",
}


class DynoxideTables:
    """The program, called over HTTP; each thread has a connection."""

    def __init__(self) -> None:
        assert PROGRAM.exists(), f"{PROGRAM} is missing: make second-engine"
        self._port = free_ports(1)[0]
        command = [str(PROGRAM), "serve", "--port", str(self._port), "--log", "quiet"]
        ends_with_us = ["sh", "-c", '"$@" & read -r _; kill $!', "sh"]  # its input is closed, however this process ends
        self._program = subprocess.Popen([*ends_with_us, *command], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        self._local = threading.local()
        self._created: dict[str, Json] = {}
        self._written = set[str]()
        wait_for(self._answers)

    def answer(self, headers: Mapping[str, str], body: bytes) -> Reply:
        operation = headers["X-Amz-Target"].rpartition(".")[2]
        if operation in WRITING:
            self._written |= _tables_of(json.loads(body))
        connection = self._connection()
        connection.request("POST", "/", body, {**_SIGNED, "X-Amz-Target": headers["X-Amz-Target"]})
        response = connection.getresponse()
        lowered = {name.lower(): value for name, value in response.getheaders()}
        return Reply(response.status, lowered, response.read())

    def items(self) -> dict[str, list[Json]]:
        return {name: [*self._scan(name)] for name in self._names()}

    def create(self, arguments: Json) -> None:
        self._created[arguments["TableName"]] = arguments
        self._call("CreateTable", arguments)

    def empty(self) -> None:
        for name in self._written & {*self._created}:
            self._call("DeleteTable", {"TableName": name})
            self._call("CreateTable", self._created[name])
        self._written.clear()

    def forget(self) -> None:
        for name in self._names():
            self._call("DeleteTable", {"TableName": name})
        self._created.clear()
        self._written.clear()

    def _names(self) -> list[str]:
        """The tables that are there; a test may have deleted some."""
        found: list[str] = self._call("ListTables", {})["TableNames"]
        return found

    def _scan(self, name: str) -> Iterator[Json]:
        start: Json = {}
        while True:
            page = self._call("Scan", {"TableName": name, "ConsistentRead": True, **start})
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    def _call(self, operation: str, arguments: Json) -> Any:
        answer = self.answer({"X-Amz-Target": f"DynamoDB_20120810.{operation}"}, json.dumps(arguments).encode())
        assert answer.status_code == 200, answer.content
        return json.loads(answer.content)

    def _connection(self) -> HTTPConnection:
        if not hasattr(self._local, "connection"):
            self._local.connection = HTTPConnection("127.0.0.1", self._port)
        found: HTTPConnection = self._local.connection
        return found

    def _answers(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self._port), 1):
            return True
        return False


def _tables_of(arguments: Json) -> set[str]:
    """The tables that a write names."""
    parts = [part for one in arguments.get("TransactItems", ()) for part in one.values()]
    named = {one["TableName"] for one in (arguments, *parts) if "TableName" in one}
    return named | {*arguments.get("RequestItems", ())}
