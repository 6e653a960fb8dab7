"""DynamoDB tables of the template, made from the declared ones (chalicelib.core.dynamo.TABLES)."""

from collections.abc import Sequence

import chalicelib.deferred_tasks.admission  # noqa: F401 - declares a table that no route imports
from chalicelib.core.dynamo import TABLES, IndexSpec, TableSpec, table_name
from infra.names import Json, chosen, kept, named, table_id


def resources() -> Json:
    """Return one resource for each declared table."""
    return {table_id(spec.name): _table(spec) for spec in TABLES.values()}


def creations(names: Sequence[str] | None = None) -> list[Json]:
    """Return arguments of CreateTable for the tables, or some of them: for tests and benchmarks."""
    accepted = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
    return [
        {"TableName": table_name(spec.name)}
        | {name: value for name, value in _table(spec)["Properties"].items() if name in accepted}
        for spec in TABLES.values()
        if names is None or spec.name in names
    ]


def _table(spec: TableSpec) -> Json:
    properties: Json = {
        "TableName": named(spec.name),
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in _key_attributes(spec)],
        "KeySchema": _keys(spec.hash_key, spec.range_key),
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        "DeletionProtectionEnabled": chosen("IsProtected", True, False),
    }
    if spec.indexes:
        properties["GlobalSecondaryIndexes"] = [_index(spec, index) for index in spec.indexes]
    if spec.stream:
        properties["StreamSpecification"] = {"StreamViewType": "NEW_IMAGE"}
    if spec.ttl:
        properties["TimeToLiveSpecification"] = {"AttributeName": spec.ttl, "Enabled": True}
    return kept({"Type": "AWS::DynamoDB::Table", "Properties": properties})


def _key_attributes(spec: TableSpec) -> list[str]:
    names = [spec.hash_key, spec.range_key]
    for index in spec.indexes:
        names += [index.hash_key, index.range_key]
    return sorted({name for name in names if name})


def _keys(hash_key: str, range_key: str | None) -> list[Json]:
    keys = [{"AttributeName": hash_key, "KeyType": "HASH"}]
    return [*keys, {"AttributeName": range_key, "KeyType": "RANGE"}] if range_key else keys


def _index(spec: TableSpec, index: IndexSpec) -> Json:
    keys = {spec.hash_key, spec.range_key, index.hash_key, index.range_key}  # in every index anyway
    projected = [name for name in index.include if name not in keys]
    projection: Json = {"ProjectionType": "KEYS_ONLY"}
    if projected:
        projection = {"ProjectionType": "INCLUDE", "NonKeyAttributes": projected}
    return {
        "IndexName": index.name,
        "KeySchema": _keys(index.hash_key, index.range_key),
        "Projection": projection,
    }
