"""CloudFormation with DynamoDB behind it, as strict as AWS about the indexes of tables; and an S3 of one dictionary.

Rules:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html (one index
per update, no change of one, CloudFormation does not wait for the filling) and
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html (no update of a table that is not
ACTIVE; at most 20 indexes; the defined attributes are those of keys), and
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Projection.html (at most 100 attributes in all).
"""

import io
import json
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

Json = dict[str, Any]
FILLING = 2  # calls of DescribeTable until a new index is filled


class Interrupted(BaseException):
    """The process of the deployment ends here."""


class Refused(Exception):
    """AWS would roll this update back."""


class FakeAws:
    """One stack. `interrupt_at` counts the executed change sets down; at zero nobody hears of the end."""

    def __init__(self, template: Json | None = None) -> None:
        self.deployed: Json | None = template
        self.objects: dict[str, bytes] = {}
        self.made: dict[str, Json] = {}
        self.executed: list[Json] = []
        self.filling: dict[str, int] = {}
        self.interrupt_at = -1
        self.exceptions = type(
            "Exceptions", (), {"ClientError": ClientError, "NoSuchKey": KeyError, "NoSuchBucket": KeyError}
        )

    # CloudFormation
    def describe_stacks(self, StackName: str) -> Json:  # noqa: N803
        if self.deployed is None:
            raise ClientError({"Error": {"Code": "ValidationError", "Message": "it does not exist"}}, "DescribeStacks")
        return {"Stacks": [{"StackStatus": "UPDATE_COMPLETE", "StackId": "id", "StackName": StackName}]}

    def get_template(self, **_: Any) -> Json:
        return {"TemplateBody": json.dumps(self.deployed)}

    def create_change_set(self, *, ChangeSetName: str, TemplateURL: str, **_: Any) -> None:  # noqa: N803
        self.made[ChangeSetName] = json.loads(self.objects[TemplateURL.split("/", 4)[-1]])

    def describe_change_set(self, *, ChangeSetName: str, **_: Any) -> Json:  # noqa: N803
        if self.made[ChangeSetName]["Resources"] == (self.deployed or {}).get("Resources"):
            return {"Status": "FAILED", "StatusReason": "The submitted information didn't contain changes."}
        changes = [
            {"ResourceChange": {"Action": "Modify", "LogicalResourceId": name, "ResourceType": one["Type"]}}
            for name, one in self.made[ChangeSetName]["Resources"].items()
            if one != (self.deployed or {"Resources": {}})["Resources"].get(name)
        ]
        return {"Status": "CREATE_COMPLETE", "Changes": changes}

    def delete_change_set(self, *, ChangeSetName: str, **_: Any) -> None:  # noqa: N803
        del self.made[ChangeSetName]

    def execute_change_set(self, *, ChangeSetName: str, **_: Any) -> None:  # noqa: N803
        template = self.made.pop(ChangeSetName)
        for name, table in _tables(template).items():
            self._update(name, _tables(self.deployed or {"Resources": {}}).get(name), table)
        self.deployed = template
        self.executed.append(template)
        self.interrupt_at -= 1
        if self.interrupt_at == 0:
            raise Interrupted

    def get_paginator(self, operation: str) -> Any:
        pages = {
            "list_stack_resources": [{"StackResourceSummaries": list(self._resources())}],
            "describe_stack_events": [{"StackEvents": []}],
        }[operation]
        return type("Paginator", (), {"paginate": lambda self, **_: pages})()

    # DynamoDB
    def describe_table(self, TableName: str) -> Json:  # noqa: N803
        left = self.filling.get(TableName, 0)
        self.filling[TableName] = max(0, left - 1)
        indexes = [{"IndexName": "new", "IndexStatus": "CREATING"}] if left else []
        return {"Table": {"TableStatus": "ACTIVE", "GlobalSecondaryIndexes": indexes}}

    # S3
    def head_object(self, *, Key: str, **_: Any) -> None:  # noqa: N803
        if Key not in self.objects:
            raise ClientError({"Error": {}, "ResponseMetadata": {"HTTPStatusCode": 404}}, "HeadObject")  # type: ignore[typeddict-item]

    def put_object(self, *, Key: str, Body: bytes, **_: Any) -> None:  # noqa: N803
        self.objects[Key] = Body

    def get_object(self, *, Key: str, **_: Any) -> Json:  # noqa: N803
        return {"Body": io.BytesIO(self.objects[Key])}

    def _resources(self) -> Iterator[Json]:
        for name, one in (self.deployed or {"Resources": {}})["Resources"].items():
            yield {"LogicalResourceId": name, "PhysicalResourceId": name, "ResourceType": one["Type"]}

    def _update(self, name: str, before: Json | None, after: Json) -> None:
        new, defined = _indexes(after), {one["AttributeName"] for one in after["Properties"]["AttributeDefinitions"]}
        keys = {key["AttributeName"] for one in [after["Properties"], *new.values()] for key in one["KeySchema"]}
        _refuse(defined != keys, f"{name}: attributes {defined} are not those of the keys {keys}")
        _refuse(len(new) > 20, f"{name}: {len(new)} indexes")
        projected = sum(len(index["Projection"].get("NonKeyAttributes", ())) for index in new.values())
        _refuse(projected > 100, f"{name}: {projected} projected attributes")
        if before is None or before == after:
            return
        old = _indexes(before)
        _refuse(self.filling.get(name, 0) > 0, f"{name} is not ACTIVE")
        _refuse(any(new[one] != old[one] for one in new.keys() & old.keys()), f"{name}: an index cannot change")
        _refuse(len(new.keys() ^ old.keys()) > 1, f"{name}: more than one index in an update")
        if new.keys() - old.keys():
            self.filling[name] = FILLING


def _refuse(condition: bool, why: str) -> None:
    if condition:
        raise Refused(why)


def _tables(template: Json) -> dict[str, Json]:
    return {name: one for name, one in template["Resources"].items() if one["Type"] == "AWS::DynamoDB::Table"}


def _indexes(table: Json) -> dict[str, Json]:
    return {one["IndexName"]: one for one in table["Properties"].get("GlobalSecondaryIndexes", [])}
