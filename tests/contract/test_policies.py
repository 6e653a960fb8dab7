"""The policies for people (infra/policies.py) allow what CloudFormation needs for the template, and little more."""

import copy
import fnmatch
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import app
from infra.package import package
from infra.policies import CALLED, DEPLOYER, MAX_CHARACTERS, PASSED_TO, characters, policies
from infra.template import deployed_functions
from tests.contract.cloudformation_needs import ACCOUNT, HERE, NEEDS, REGION, STACK
from tests.stages import STAGES

Json = dict[str, Any]
NAMES = {"AWS::StackName": STACK, "AWS::Region": REGION, "AWS::AccountId": ACCOUNT, "AWS::Partition": "aws"}
# Actions that AWS knows for all resources only, in policies of one stage.
NAMELESS = {
    *("dynamodb:ListTables", "lambda:CreateEventSourceMapping", "s3:ListAllMyBuckets"),
    *("secretsmanager:GetRandomPassword", "sqs:ListQueues"),
}


@cache
def deployed(stage: str, folder: Path) -> Json:
    """The template of a stage as CloudFormation has it after the transform: functions have mappings and permissions."""
    from samtranslator.translator.managed_policy_translator import ManagedPolicyLoader
    from samtranslator.translator.transform import transform

    package(stage, folder / stage, thin=True)
    packaged: Json = json.loads((folder / stage / "sam.json").read_text("utf-8"))
    for resource in packaged["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://bucket/key"
    parameters = {name: definition.get("Default", "x") for name, definition in packaged["Parameters"].items()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        whole: Json = transform(copy.deepcopy(packaged), {**parameters, **NAMES}, ManagedPolicyLoader(None))
    return whole


@pytest.fixture(scope="module", params=STAGES)
def template(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Json:
    """The template of each stage."""
    return deployed(request.param, tmp_path_factory.getbasetemp())


def allowed(action: str, arn: str) -> bool:
    """Whether the policies of the deployer allow an action on a resource, conditions aside."""
    return any(
        action in statement["Action"] and any(fnmatch.fnmatchcase(arn, wanted) for wanted in statement["Resource"])
        for statement in _deployer()
    )


def _deployer() -> list[Json]:
    parts = [policy for name, policy in policies("prod", ACCOUNT, REGION) if name.startswith("deploy")]
    return [statement for part in parts for statement in part["Statement"]]


@pytest.mark.slow
def test_cloudformation_may_make_change_and_delete_every_type_of_the_template(template: Json) -> None:
    types = {resource["Type"] for resource in template["Resources"].values()}
    assert types - set(NEEDS) == set(), "say in NEEDS what this type needs, and allow it in infra/policies.py"
    missing = [
        (kind, action)
        for kind in types
        for action in NEEDS[kind][0].split()
        if not allowed(action, f"arn:aws:{NEEDS[kind][1]}")
    ]
    assert missing == []


def test_alarms_are_described_by_a_right_on_all_of_them() -> None:
    """A narrower right is denied even where the call names an alarm (https://github.com/mattclay/aws-terminator/pull/63)."""
    assert allowed("cloudwatch:DescribeAlarms", f"arn:aws:cloudwatch:{HERE}:alarm:*")


def test_a_deleted_mapping_may_be_asked_for() -> None:
    """Until AWS answers that there is none; by then it has no function that a condition could name."""
    asked = [one for one in _deployer() if "lambda:GetEventSourceMapping" in one["Action"]]
    assert any("Condition" not in one for one in asked)


def test_whoever_deploys_may_use_each_action_of_the_table() -> None:
    needed = {action for actions, _ in NEEDS.values() for action in actions.split()}
    assert needed - {action for statement in _deployer() for action in statement["Action"]} == set()


def test_every_name_in_the_template_begins_with_that_of_the_stack(template: Json) -> None:
    given = [
        (logical_id, key, value)
        for logical_id, resource in template["Resources"].items()
        for key, value in resource.get("Properties", {}).items()
        if key in (f"{resource['Type'].rpartition(':')[2]}Name", "Name", "QueueName", "FunctionName") and value
    ]
    texts = {(logical_id, key): _text(value) for logical_id, key, value in given if "Ref" not in value}
    named = re.compile(rf"(/aws/[\w/-]+/)?{STACK}-")
    own = {place: text for place, text in texts.items() if place[1] not in ("StageName", "DomainName")}
    assert {place: text for place, text in own.items() if not named.match(text)} == {}
    assert len(texts) > 100


def _text(value: Any) -> str:
    text = value["Fn::Sub"] if isinstance(value, dict) and "Fn::Sub" in value else json.dumps(value)
    for name, known in NAMES.items():
        text = text.replace(f"${{{name}}}", known)
    return str(text)


def test_roles_are_passed_to_the_services_of_the_template_alone(template: Json) -> None:
    roles = [one["Properties"] for one in template["Resources"].values() if one["Type"] == "AWS::IAM::Role"]
    services = set(
        re.findall(r'"([a-z]+)\.amazonaws\.com"', json.dumps([one["AssumeRolePolicyDocument"] for one in roles]))
    )
    has_api_role = any(one["Type"] == "AWS::ApiGateway::Account" for one in template["Resources"].values())
    assert services == set(PASSED_TO) - (set() if has_api_role else {"apigateway"})


def test_every_policy_fits_into_a_managed_policy_for_the_longest_names() -> None:
    written = dict(policies("a" * 20, ACCOUNT, "ap-southeast-4"))
    assert {name: characters(policy) for name, policy in written.items() if characters(policy) > MAX_CHARACTERS} == {}
    assert len(written) <= 4  # a user may have ten


def test_no_right_reaches_another_stage() -> None:
    for name, policy in policies("prod", ACCOUNT, REGION):
        for statement in policy["Statement"]:
            for arn in (arn for arn in statement["Resource"] if STACK in arn):
                assert not fnmatch.fnmatchcase(arn.replace(STACK, "shopfloor-prod2"), arn), (name, arn)


def test_all_resources_are_meant_only_where_aws_knows_no_other() -> None:
    wide = [statement for statement in _deployer() if "*" in statement["Resource"] and "Condition" not in statement]
    actions = {action for statement in wide for action in statement["Action"]}
    assert {
        action for action in actions - NAMELESS if not re.match("logs:.*(Deliver|Describe|ResourcePolicy)", action)
    } == set()


def test_no_action_is_a_wildcard() -> None:
    actions = [
        a for _, policy in policies("prod", ACCOUNT, REGION) for one in policy["Statement"] for a in one["Action"]
    ]
    assert [action for action in actions if "*" in action] == []


def test_a_role_is_passed_under_a_condition() -> None:
    (passing,) = [right for right in DEPLOYER if "PassRole" in right.actions]
    assert passing.condition
    assert passing.condition[1] == "iam:PassedToService"


def test_the_functions_that_our_commands_call_are_deployed() -> None:
    names = {name.replace("_", "-") for name in deployed_functions(app.app)}
    sources = [path.read_text() for path in Path(app.__file__).parent.joinpath("infra").rglob("*.py")]
    called = {
        name
        for source in sources
        for name in re.findall(r"(?:shopfloor-\{stage\}|\{self\.stack\.name\})-([a-z-]+)", source)
    }
    assert called - {"dlq"} <= set(CALLED)
    assert set(CALLED) <= names


def test_what_our_commands_call_is_allowed() -> None:
    sources = "".join(path.read_text() for path in Path(app.__file__).parent.joinpath("infra").rglob("*.py"))
    calls = re.findall(r"_(cloudformation|s3|dynamodb|sqs|lambda|events|machines)\.([a-z]+_\w+)\(", sources)
    pages = re.findall(r"_(cloudformation|s3|dynamodb|sqs|events|machines)\.get_paginator\(\"(\w+)\"", sources)
    found = {
        (service, name) for service, name in (*calls, *pages) if not name.startswith(("get_paginator", "get_waiter"))
    }
    actions = {(SERVICES.get(service, service), ACTIONS.get(name) or _camel(name)) for service, name in found}
    granted = {tuple(action.split(":")) for _, part in policies("prod", ACCOUNT, REGION) for action in _actions(part)}
    assert actions - granted == set()
    assert len(actions) > 20


SERVICES = {"machines": "states"}
ACTIONS = {  # named otherwise than the call: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations.html
    "head_bucket": "ListBucket",
    "head_object": "GetObject",
    "list_objects_v2": "ListBucket",
    "list_object_versions": "ListBucketVersions",
    "list_buckets": "ListAllMyBuckets",
    "delete_objects": "DeleteObject",
    "put_public_access_block": "PutBucketPublicAccessBlock",
    "put_bucket_encryption": "PutEncryptionConfiguration",
    "put_bucket_lifecycle_configuration": "PutLifecycleConfiguration",
}


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _actions(policy: Json) -> list[str]:
    return [action for statement in policy["Statement"] for action in statement["Action"]]
