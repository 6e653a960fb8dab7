"""Between the code and AWS: moto in place of it, and what a test wants to see, change or let fail on the way there."""

import json
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import moto
import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.client import BaseClient
from moto.core import responses
from moto.core.models import botocore_stubber

from chalicelib.core.connections import Connections, Reply
from chalicelib.core.dynamo_transport import DynamoDBClient
from tests import dynamodb_requests
from tests.tables import MotoTables, tables

# moto looks through all methods of a class, and takes their names apart, at each request.
responses.method_names_from_class = cache(responses.method_names_from_class)  # type: ignore[attr-defined]
responses.camelcase_to_underscores = cache(responses.camelcase_to_underscores)  # type: ignore[attr-defined]

REFUSED: list[str] = []
"""Requests that DynamoDB would refuse, in this `mock_aws`."""
ALL_MIGRATIONS = 9_999
Call = Callable[[Any, str, Any], Any]
"""Makes a call of AWS: the client, the name of the operation, its arguments."""


@contextmanager
def mock_aws() -> Iterator[None]:
    """moto, with the tables of tables.py for what calls DynamoDB; both empty, and every migration applied."""
    from chalicelib.core import readiness  # these two declare tables, whose names the environment decides
    from tests.indexed import check_index_attributes

    with pytest.MonkeyPatch.context() as patch, moto.mock_aws():
        patch.setattr(readiness.Seen, "applied", ALL_MIGRATIONS)
        patch.setattr(readiness.Seen, "until", math.inf)
        patch.setattr(Connections, "post", lambda self, headers, body: _answered(headers, body))
        if not isinstance(tables(), MotoTables):
            patch.setattr(botocore_stubber, "process_request", _answered_by_tables(botocore_stubber.process_request))
        tables().forget()
        REFUSED.clear()
        yield
        check_index_attributes()
        assert REFUSED == [], "DynamoDB would refuse these requests"


def _answered(headers: Mapping[str, str], body: bytes) -> Reply:
    """The answer to a request of the service, which has to be one that DynamoDB takes."""
    operation = headers["X-Amz-Target"].rpartition(".")[2]
    for fault in dynamodb_requests.faults(operation, json.loads(body)):
        REFUSED.append(f"{operation}: {fault}")
        raise AssertionError(REFUSED[-1])
    return tables().answer(headers, body)


def _answered_by_tables(by_moto: Callable[[AWSPreparedRequest], Any]) -> Callable[[AWSPreparedRequest], Any]:
    """Of boto3's clients as well: pynamodb has one for what a test does to a model directly."""

    def process(request: AWSPreparedRequest) -> Any:
        target = request.headers.get("X-Amz-Target", b"").decode()
        if target.startswith("DynamoDB_2012"):
            return tables().answer({"X-Amz-Target": target}, request.body)
        return by_moto(request)

    return process


def patch_calls(patch: pytest.MonkeyPatch, around: Callable[[Call], Call]) -> None:
    """Put a function into the way of every call of AWS: `around` gets the real one and returns what is done instead."""
    for client, method in ((BaseClient, "_make_api_call"), (DynamoDBClient, "call")):
        patch.setattr(client, method, around(getattr(client, method)))


def record_calls(patch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """The calls of AWS from now on: operation and arguments."""
    seen: list[tuple[str, Any]] = []

    def around(real: Call) -> Call:
        def call(client: Any, operation: str, arguments: Any) -> Any:
            seen.append((operation, arguments))
            return real(client, operation, arguments)

        return call

    patch_calls(patch, around)
    return seen
