"""DynamoDB tables, made from the registry that the stores fill (chalicelib.core.dynamo.TABLES)."""

from chalicelib.core.dynamo import TABLES, IndexSpec, TableSpec
from infra.names import Json, named, table_id


def resources() -> Json:
    """One resource per declared table."""
    return {table_id(spec.name): _table(spec) for spec in TABLES.values()}


def _table(spec: TableSpec) -> Json:
    properties: Json = {
        "TableName": named(spec.name),
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in _key_attributes(spec)],
        "KeySchema": _keys(spec.hash_key, spec.range_key),
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
    }
    if spec.indexes:
        properties["GlobalSecondaryIndexes"] = [_index(index) for index in spec.indexes]
    if spec.stream:
        properties["StreamSpecification"] = {"StreamViewType": "NEW_IMAGE"}
    if spec.ttl:
        properties["TimeToLiveSpecification"] = {"AttributeName": spec.ttl, "Enabled": True}
    # The data outlives a stack deleted by mistake; renaming a table never drops the old one.
    return {
        "Type": "AWS::DynamoDB::Table",
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": properties,
    }


def _key_attributes(spec: TableSpec) -> list[str]:
    names = [spec.hash_key, spec.range_key]
    for index in spec.indexes:
        names += [index.hash_key, index.range_key]
    return sorted({name for name in names if name})


def _keys(hash_key: str, range_key: str | None) -> list[Json]:
    keys = [{"AttributeName": hash_key, "KeyType": "HASH"}]
    return [*keys, {"AttributeName": range_key, "KeyType": "RANGE"}] if range_key else keys


def _index(index: IndexSpec) -> Json:
    projection: Json = {"ProjectionType": "KEYS_ONLY"}
    if index.include:
        projection = {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(index.include)}
    return {
        "IndexName": index.name,
        "KeySchema": _keys(index.hash_key, index.range_key),
        "Projection": projection,
    }
