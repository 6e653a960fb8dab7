"""Tables of DynamoDB: what CreateTable and UpdateTable refuse."""

from collections.abc import Iterator
from typing import Any

from tests.contract.aws_rules.rule import rule, setting
from tests.contract.aws_rules.stack import Stack

Json = dict[str, Any]
CONSTRAINTS = "amazondynamodb/latest/developerguide/Constraints.html"
TABLE = "AWS::DynamoDB::Table"
WANTED_VIEWS = {"NewImage": ("NEW_IMAGE", "NEW_AND_OLD_IMAGES"), "OldImage": ("OLD_IMAGE", "NEW_AND_OLD_IMAGES")}


def _indexes(table: Json) -> list[Json]:
    found: list[Json] = table.get("GlobalSecondaryIndexes", [])
    return found


def _add_indexes(stack: Stack) -> None:
    table = next(one for one in stack.of_type(TABLE).values() if _indexes(one))
    table["GlobalSecondaryIndexes"] *= 21


@rule("A table has 20 global secondary indexes", CONSTRAINTS + "#limits-secondary-indexes", _add_indexes)
def indexes_of_a_table(stack: Stack) -> Iterator[str]:
    """By default; it can be raised."""
    for name, table in stack.of_type(TABLE).items():
        if len(_indexes(table)) > 20:
            yield name


def _project(*numbers: int) -> Any:
    def change(stack: Stack) -> None:
        indexes = next(_indexes(one) for one in stack.of_type(TABLE).values() if len(_indexes(one)) > 5)
        for index, number in zip(indexes, numbers, strict=False):
            names = [f"attribute_{place}" for place in range(number)]
            index["Projection"] = {"ProjectionType": "INCLUDE", "NonKeyAttributes": names}

    return change


@rule(
    "All indexes of a table project 100 attributes by name, the same one in two indexes counted twice",
    "amazondynamodb/latest/APIReference/API_Projection.html",
    _project(20, 20, 20, 20, 20, 1),
)
def projected_attributes(stack: Stack) -> Iterator[str]:
    """Keys are not counted."""
    for name, table in stack.of_type(TABLE).items():
        projected = sum(len(index["Projection"].get("NonKeyAttributes", [])) for index in _indexes(table))
        if projected > 100:
            yield f"{name}: {projected}"


@rule(
    "An index projects from one to 20 attributes by name",
    "amazondynamodb/latest/APIReference/API_Projection.html#DDB-Type-Projection-NonKeyAttributes",
    _project(21),
)
def attributes_of_a_projection(stack: Stack) -> Iterator[str]:
    """And by name only where the type of the projection is INCLUDE."""
    for name, table in stack.of_type(TABLE).items():
        for index in _indexes(table):
            names = index["Projection"].get("NonKeyAttributes", [])
            includes = index["Projection"]["ProjectionType"] == "INCLUDE"
            if len({*names}) < len(names) or includes != (1 <= len(names) <= 20):
                yield f"{name}.{index['IndexName']}: {len(names)}"


@rule(
    "The defined attributes are those of the keys, and no others",
    "amazondynamodb/latest/APIReference/API_CreateTable.html#DDB-CreateTable-request-AttributeDefinitions",
    setting(TABLE, "AttributeDefinitions", [{"AttributeName": "more", "AttributeType": "S"}]),
)
def defined_attributes(stack: Stack) -> Iterator[str]:
    """Each with its type once."""
    for name, table in stack.of_type(TABLE).items():
        schemas = [table["KeySchema"], *(index["KeySchema"] for index in _indexes(table))]
        keys = {key["AttributeName"] for schema in schemas for key in schema}
        defined = [one["AttributeName"] for one in table["AttributeDefinitions"]]
        if sorted(keys) != sorted(defined):
            yield name


@rule(
    "A key is a HASH attribute and then perhaps a RANGE attribute",
    "amazondynamodb/latest/APIReference/API_KeySchemaElement.html",
    setting(TABLE, "KeySchema.0.KeyType", "RANGE"),
)
def kinds_of_keys(stack: Stack) -> Iterator[str]:
    """In this order."""
    for name, table in stack.of_type(TABLE).items():
        for schema in (table["KeySchema"], *(index["KeySchema"] for index in _indexes(table))):
            if [key["KeyType"] for key in schema] not in (["HASH"], ["HASH", "RANGE"]):
                yield name


@rule(
    "A table on demand has no provisioned throughput",
    "amazondynamodb/latest/APIReference/API_CreateTable.html#DDB-CreateTable-request-BillingMode",
    setting(TABLE, "ProvisionedThroughput", {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}),
)
def throughput(stack: Stack) -> Iterator[str]:
    """Nor have its indexes; every other table has to have one."""
    for name, table in stack.of_type(TABLE).items():
        on_demand = table.get("BillingMode") == "PAY_PER_REQUEST"
        if any(on_demand == ("ProvisionedThroughput" in one) for one in (table, *_indexes(table))):
            yield name


def _stream_keys(stack: Stack) -> None:
    for table in stack.of_type(TABLE).values():
        if "StreamSpecification" in table:
            table["StreamSpecification"]["StreamViewType"] = "KEYS_ONLY"


@rule(
    "A filter sees of a record what the stream's view has",
    "lambda/latest/dg/with-ddb-filtering.html",
    _stream_keys,
)
def streams_carry_what_is_filtered(stack: Stack) -> Iterator[str]:
    """A record without the filtered part never starts the function."""
    for mapping in stack.of_type("AWS::Lambda::EventSourceMapping").values():
        source = mapping["EventSourceArn"].get("Fn::GetAtt", ["", ""])
        if source[1] == "StreamArn":
            view = stack.resources[source[0]]["Properties"]["StreamSpecification"]["StreamViewType"]
            filtered = str(mapping.get("FilterCriteria", ""))
            yield from (part for part, views in WANTED_VIEWS.items() if part in filtered and view not in views)
