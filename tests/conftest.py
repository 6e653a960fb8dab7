"""What all tests share: the environment of a function, and tables made from the registry in moto."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

os.environ.update(
    STAGE="local",
    STACK_NAME="shopfloor-test",
    FILES_BUCKET="shopfloor-test-files",
    AUTH_REQUIRED="false",
    LISTING_SHARDS="3",
    COUNTER_SHARDS="4",
    AWS_REGION="us-east-1",
    AWS_DEFAULT_REGION="us-east-1",
    AWS_ACCESS_KEY_ID="test",
    AWS_SECRET_ACCESS_KEY="test",
)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """moto, empty, with clients that belong to this test."""
    from moto import mock_aws

    from chalicelib.core.aws import client

    with mock_aws():
        client.cache_clear()
        yield
    client.cache_clear()


@pytest.fixture
def tables(aws: None) -> Callable[..., None]:
    """Make tables of the registry: `tables("batches", "counters")`."""
    return make_tables


def make_tables(*names: str) -> None:
    """The same for a test that opens moto itself, once for each example."""
    from chalicelib.core.aws import client
    from chalicelib.core.dynamo import TABLES

    for name in names:
        client("dynamodb").create_table(**table_definition(TABLES[name]))


def table_definition(spec: Any) -> dict[str, Any]:
    """A table of the registry as CreateTable wants it."""
    from chalicelib.core.dynamo import table_name

    keys = [(spec.hash_key, "HASH")] + ([(spec.range_key, "RANGE")] if spec.range_key else [])
    attributes = {name for name, _ in keys} | {name for ix in spec.indexes for name in (ix.hash_key, ix.range_key)}
    definition: dict[str, Any] = {
        "TableName": table_name(spec.name),
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": name, "KeyType": kind} for name, kind in keys],
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in sorted(attributes)],
    }
    if spec.indexes:
        definition["GlobalSecondaryIndexes"] = [
            {
                "IndexName": ix.name,
                "KeySchema": [
                    {"AttributeName": ix.hash_key, "KeyType": "HASH"},
                    {"AttributeName": ix.range_key, "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(ix.include)}
                if ix.include
                else {"ProjectionType": "KEYS_ONLY"},
            }
            for ix in spec.indexes
        ]
    return definition
