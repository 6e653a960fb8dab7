"""The service's client of DynamoDB and boto3's, and a server that answers as a test wants."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
)

from chalicelib.core import aws
from chalicelib.core.dynamo_transport import DynamoDBClient
from chalicelib.core.settings import settings
from tests.unit.core.dynamo_server import DynamoServer

KEY = {"TableName": "t", "Key": {"id": {"S": "1"}}}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One without a proxy; what a test sets is forgotten."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    yield
    monkeypatch.undo()
    settings.cache_clear()
    aws.client.cache_clear()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[DynamoServer]:
    """DynamoDB as the test wants it; without the pauses between attempts."""
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    with DynamoServer() as made:
        made.waits = waits
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", made.url)
        yield made


def both() -> list[Any]:
    """The service's client and boto3's, both new."""
    settings.cache_clear()
    direct = aws._direct_client()
    assert isinstance(direct, DynamoDBClient)
    return [direct, aws._boto3_client("dynamodb")]


def outcome(client: Any, operation: str, arguments: dict[str, Any]) -> Any:
    """What comes of a call: its answer, or all that a caller can see of its exception."""
    try:
        return getattr(client, operation)(**arguments)
    except ClientError as error:
        return type(error).__name__, str(error), error.response, error.operation_name
    except BotoCoreError as error:
        return type(error).__mro__, re.sub(r"\('.*|Read timed.*|Connection .*|<.*|Remote.*", "", str(error))
