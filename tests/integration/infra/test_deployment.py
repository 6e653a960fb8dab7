"""Deploying to and deleting from an account, with moto: the bucket of artifacts, parameters, states, what is left."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from moto import mock_aws

from infra.deploying.deployment import Deployment
from infra.deploying.failures import DeployFailed
from infra.deploying.parameters import PROTECTION
from infra.destroy import destroy
from infra.policies import DEPLOYER

Json = dict[str, Any]
REGION = "eu-central-1"
NAMED = {"Fn::Sub": "${AWS::StackName}-batches"}
TEMPLATE: Json = {
    "AWSTemplateFormatVersion": "2010-09-09",
    "Parameters": {
        PROTECTION: {"Type": "String", "Default": "true"},
        "LogLevel": {"Type": "String", "Default": "INFO"},
    },
    "Resources": {
        "BatchesTable": {
            "Type": "AWS::DynamoDB::Table",
            "DeletionPolicy": "Retain",
            "Properties": {
                "TableName": NAMED,
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{"AttributeName": "uuid", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "uuid", "KeyType": "HASH"}],
                "DeletionProtectionEnabled": {"Ref": PROTECTION},
            },
        },
        "FilesBucket": {"Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain"},
        "WorkDlq": {
            "Type": "AWS::SQS::Queue",
            "DeletionPolicy": "Retain",
            "Properties": {"QueueName": {"Fn::Sub": "${AWS::StackName}-work-dlq"}},
        },
    },
}
ACTIONS = {
    ("s3", operation): action
    for operation, action in {
        "DeleteObjects": "DeleteObject",
        "HeadBucket": "ListBucket",
        "HeadObject": "GetObject",
        "ListBuckets": "ListAllMyBuckets",
        "ListObjectVersions": "ListBucketVersions",
        "ListObjectsV2": "ListBucket",
        "PutBucketEncryption": "PutEncryptionConfiguration",
        "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
        "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    }.items()
}
"""Operations whose action has another name: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations.html"""


class Calls(list[tuple[str, str, Json]]):
    """All calls of AWS: service, operation, arguments."""

    def of(self, operation: str) -> list[Json]:
        """The arguments of one operation."""
        return [arguments for _, name, arguments in self if name == operation]


@pytest.fixture
def calls(monkeypatch: Any) -> Iterator[Calls]:
    """An empty account, and the calls that are made to it."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    made, call = Calls(), BaseClient._make_api_call

    def record(client: Any, operation: str, arguments: Json) -> Any:
        made.append((client.meta.service_model.service_name, operation, arguments))
        # moto takes no notice of the condition of a policy: it would refuse everything
        return {} if operation == "PutBucketPolicy" else call(client, operation, arguments)

    with mock_aws():
        monkeypatch.setattr(BaseClient, "_make_api_call", record)
        yield made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A package."""
    (tmp_path / "sam.json").write_text(json.dumps(TEMPLATE))
    (tmp_path / "deployment.zip").write_bytes(b"code")
    return tmp_path


def protections(calls: Calls) -> list[str | None]:
    """What each change set said about the protection of tables; None: nothing."""
    given = [{one["ParameterKey"]: one for one in call["Parameters"]} for call in calls.of("CreateChangeSet")]
    return [one.get(PROTECTION, {}).get("ParameterValue") for one in given]


def is_protected(table: str) -> bool:
    """Whether DynamoDB refuses to delete a table."""
    found: bool = boto3.client("dynamodb").describe_table(TableName=table)["Table"]["DeletionProtectionEnabled"]
    return found


def test_a_stack_is_created_and_its_parameters_stay(calls: Calls, folder: Path) -> None:
    Deployment("plant2", poll=0).deploy(folder, {"LogLevel": "DEBUG"})
    (folder / "deployment.zip").write_bytes(b"other code")
    Deployment("plant2", poll=0).deploy(folder, {})
    last = calls.of("CreateChangeSet")[-1]["Parameters"]
    assert {"ParameterKey": "LogLevel", "UsePreviousValue": True} in last


@pytest.mark.parametrize(("kept_days", "kept"), [(30, 3), (0, 1)])
def test_artifacts_that_are_not_used_stay_for_some_days(kept_days: int, kept: int, calls: Calls) -> None:
    artifacts = Deployment("plant2", poll=0, kept_days=kept_days).artifacts
    artifacts.prepare()
    keys = [artifacts.upload(code, "zip") for code in (b"1", b"2", b"3")]
    artifacts.prune({keys[-1]})
    found = {one["Key"] for one in boto3.client("s3").list_objects_v2(Bucket=artifacts.bucket)["Contents"]}
    assert len(found) == kept and keys[-1] in found


@pytest.mark.parametrize(
    ("given", "steps"),
    [({}, ["false", "true"]), ({PROTECTION: "false"}, ["false"]), ({PROTECTION: "true"}, ["false", "true"])],
)
def test_only_a_stack_that_is_there_gets_protected_tables(
    given: dict[str, str], steps: list[str], calls: Calls, folder: Path
) -> None:
    """When the creation fails, no table is left in the way of the next one."""
    Deployment("plant2", poll=0).deploy(folder, given)
    assert protections(calls) == steps
    Deployment("plant2", poll=0).deploy(folder, {})
    assert protections(calls)[len(steps) :] == [None]


def test_every_call_on_the_artifacts_names_the_account_that_owns_them(calls: Calls, folder: Path) -> None:
    Deployment("plant2", poll=0).deploy(folder, {})
    bucket = f"shopfloor-artifacts-123456789012-{REGION}"
    made = [(name, arguments) for _, name, arguments in calls if arguments.get("Bucket") == bucket]
    assert {name for name, given in made if given.get("ExpectedBucketOwner") != "123456789012"} == {"CreateBucket"}
    s3 = boto3.client("s3")
    (rule,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert set(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values()) == {True}
    (statement,) = json.loads(calls.of("PutBucketPolicy")[0]["Policy"])["Statement"]
    assert (statement["Effect"], statement["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] == REGION


@pytest.mark.parametrize(
    ("status", "said"),
    [("UPDATE_ROLLBACK_FAILED", "continue-update-rollback"), ("DELETE_FAILED", "make destroy")],
)
def test_a_stack_that_needs_its_operator_is_left_alone(
    status: str, said: str, calls: Calls, folder: Path, monkeypatch: Any
) -> None:
    deployment = Deployment("plant2", poll=0)
    monkeypatch.setattr(deployment.stack, "describe", lambda: {"StackStatus": status})
    with pytest.raises(DeployFailed, match=said):
        deployment.deploy(folder, {})
    assert calls.of("CreateChangeSet") == []


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"])
def test_what_a_failed_creation_has_left_is_deleted_and_it_is_repeated(
    status: str, calls: Calls, folder: Path, monkeypatch: Any
) -> None:
    deployment = Deployment("plant2", poll=0)
    describe = deployment.stack.describe
    answers = iter([{"StackStatus": status}])
    monkeypatch.setattr(deployment.stack, "describe", lambda: next(answers, None) or describe())
    deployment.deploy(folder, {})
    assert [name for _, name, _ in calls if name in ("DeleteStack", "ExecuteChangeSet")][:2] == [
        "DeleteStack",
        "ExecuteChangeSet",
    ]


def test_a_running_operation_is_waited_for(calls: Calls, folder: Path, monkeypatch: Any) -> None:
    Deployment("plant2", poll=0).deploy(folder, {})
    shown: list[str] = []
    deployment = Deployment("plant2", poll=0, show=shown.append)
    describe, answers = deployment.stack.describe, iter([{"StackStatus": "UPDATE_IN_PROGRESS"}] * 3)
    monkeypatch.setattr(deployment.stack, "describe", lambda: next(answers, None) or describe())
    deployment.deploy(folder, {})
    assert "waiting for the end" in shown[0] and next(answers, None) is None
    assert shown[1].startswith("changes of ")  # and nothing that happened before


def test_who_refuses_changes_nothing(calls: Calls, folder: Path) -> None:
    with pytest.raises(DeployFailed, match="nothing was changed"):
        Deployment("plant2", poll=0, ask=lambda: False).deploy(folder, {})
    assert Deployment("plant2").stack.describe() is None
    assert Deployment("plant2").data.find().tables == []


def test_a_deleted_stack_leaves_its_data_which_stand_in_the_way_of_a_new_one(
    calls: Calls, folder: Path, capsys: Any
) -> None:
    Deployment("plant2", poll=0).deploy(folder, {})
    deployment = Deployment("plant2", poll=0)
    destroy(deployment, data=False, yes="1")
    found = deployment.data.find()
    assert (found.tables, len(found.buckets), len(found.queues)) == (["shopfloor-plant2-batches"], 1, 1)
    assert "kept: 1 table, 1 bucket, 1 queue" in capsys.readouterr().out
    with pytest.raises(DeployFailed, match="has left 1 table"):
        Deployment("plant2", poll=0).deploy(folder, {})
    with pytest.raises(DeployFailed, match="DATA=1 deletes them"):
        destroy(deployment, data=False, yes="1")


@pytest.mark.parametrize("with_stack", [True, False])
def test_data_are_deleted_when_told_and_of_this_stage_alone(with_stack: bool, calls: Calls, folder: Path) -> None:
    for stage in ("plant2", "plant"):
        Deployment(stage, poll=0).deploy(folder, {})
    deployment = Deployment("plant2", poll=0)
    if not with_stack:
        destroy(deployment, data=False, yes="1")
    s3, (bucket,) = boto3.client("s3"), deployment.data.find().buckets
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for _ in range(2):
        s3.put_object(Bucket=bucket, Key="report.pdf", Body=b"x")
    s3.delete_object(Bucket=bucket, Key="report.pdf")
    boto3.client("dynamodb").update_table(TableName="shopfloor-plant2-batches", DeletionProtectionEnabled=True)
    destroy(deployment, data=True, yes="plant2")
    assert not deployment.data.find() and deployment.stack.describe() is None
    assert len(Deployment("plant").data.find().tables) == 1
    artifacts = s3.list_objects_v2(Bucket=deployment.artifacts.bucket)["Contents"]
    assert {one["Key"].split("/")[0] for one in artifacts} == {"shopfloor-plant"}


@pytest.mark.parametrize(
    ("data", "yes", "said"), [(True, "1", "YES=plant2"), (True, "", "YES=plant2"), (False, "", "YES=1")]
)
def test_nothing_is_deleted_without_a_yes(
    data: bool, yes: str, said: str, calls: Calls, folder: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr("sys.stdin", open("/dev/null"))  # noqa: SIM115
    Deployment("plant2", poll=0).deploy(folder, {})
    with pytest.raises(DeployFailed, match=said):
        destroy(Deployment("plant2", poll=0), data=data, yes=yes)
    assert calls.of("DeleteStack") == []


def test_the_caller_needs_no_other_rights_than_the_policy_gives(calls: Calls, folder: Path) -> None:
    Deployment("plant2", poll=0, show=lambda _: None).deploy(folder, {})
    Deployment("plant2", poll=0, show=lambda _: None).deploy(folder, {"LogLevel": "DEBUG"})
    destroy(Deployment("plant2", poll=0), data=True, yes="plant2")
    used = {f"{service}:{ACTIONS.get((service, name), name)}" for service, name, _ in calls}
    given = {f"{right.service}:{action}" for right in DEPLOYER for action in right.actions.split()}
    assert used - given == {"sts:GetCallerIdentity"}  # which needs no right


def test_without_a_region_nothing_is_asked_of_aws(calls: Calls, monkeypatch: Any) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    with pytest.raises(DeployFailed, match="no AWS region"):
        Deployment("plant2")
    assert calls == []
