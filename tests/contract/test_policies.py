"""The policies for people (infra/policies.py): they allow what CloudFormation needs for the template, and little more.

What each type of resource needs is in its schema, which AWS publishes with the actions that create, read, update and
delete it: https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html ("handlers"),
`aws cloudformation describe-type --type RESOURCE --type-name AWS::DynamoDB::Table`. Types without handlers there
follow the Service Authorization Reference, https://docs.aws.amazon.com/service-authorization/latest/reference/.
Actions of features that the template does not use (KMS keys, VPC, replication, Kinesis) are left out.
"""

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
from tests.stages import STAGES

Json = dict[str, Any]
STACK, REGION, ACCOUNT = "shopfloor-prod", "eu-central-1", "123456789012"
NAMES = {"AWS::StackName": STACK, "AWS::Region": REGION, "AWS::AccountId": ACCOUNT, "AWS::Partition": "aws"}
HERE = f"{REGION}:{ACCOUNT}"
_GATEWAY = "apigateway:DELETE apigateway:GET apigateway:PATCH apigateway:POST apigateway:PUT"
_RULE = "DeleteRule DescribeRule ListTargetsByRule PutRule PutTargets RemoveTargets"


def _of(service: str, actions: str) -> str:
    return " ".join(f"{service}:{action}" for action in actions.split())


NEEDS = {  # by type: the actions, and the ARN of a resource of that type in this stack
    "AWS::ApiGateway::Account": (_GATEWAY, f"apigateway:{REGION}::/account"),
    "AWS::ApiGateway::BasePathMapping": (_GATEWAY, f"apigateway:{REGION}::/domainnames/a.example/basepathmappings/x"),
    "AWS::ApiGatewayV2::ApiMapping": (_GATEWAY, f"apigateway:{REGION}::/domainnames/a.example/apimappings/x"),
    "AWS::ApiGateway::Deployment": (_GATEWAY, f"apigateway:{REGION}::/restapis/abc/deployments/x"),
    "AWS::ApiGateway::DomainName": (_GATEWAY, f"apigateway:{REGION}::/domainnames/a.example"),
    "AWS::ApiGateway::RestApi": (f"{_GATEWAY} apigateway:UpdateRestApiPolicy", f"apigateway:{REGION}::/restapis/abc"),
    "AWS::ApiGateway::Stage": (_GATEWAY, f"apigateway:{REGION}::/restapis/abc/stages/api"),
    "AWS::CloudWatch::Alarm": (
        _of("cloudwatch", "DeleteAlarms DescribeAlarms ListTagsForResource PutMetricAlarm TagResource UntagResource"),
        f"cloudwatch:{HERE}:alarm:{STACK}-api-5xx",
    ),
    "AWS::CloudWatch::Dashboard": (
        _of("cloudwatch", "DeleteDashboards GetDashboard PutDashboard"),
        f"cloudwatch::{ACCOUNT}:dashboard/{STACK}-overview",
    ),
    "AWS::DynamoDB::Table": (
        _of(
            "dynamodb",
            """CreateTable DeleteTable DescribeContinuousBackups DescribeContributorInsights
            DescribeKinesisStreamingDestination DescribeTable DescribeTimeToLive ListTagsOfResource TagResource
            UntagResource UpdateContinuousBackups UpdateTable UpdateTimeToLive""",
        ),
        f"dynamodb:{HERE}:table/{STACK}-batches",
    ),
    "AWS::Events::EventBus": (
        _of("events", "CreateEventBus DeleteEventBus DescribeEventBus"),
        f"events:{HERE}:event-bus/{STACK}-bus",
    ),
    "AWS::Events::Rule": (_of("events", _RULE), f"events:{HERE}:rule/{STACK}-bus/{STACK}-react"),
    "AWS::IAM::Role": (
        _of(
            "iam",
            """AttachRolePolicy CreateRole DeleteRole DeleteRolePolicy DetachRolePolicy GetRole GetRolePolicy
            ListAttachedRolePolicies ListRolePolicies PassRole PutRolePolicy TagRole UntagRole UpdateAssumeRolePolicy
            UpdateRole UpdateRoleDescription""",
        ),
        f"iam::{ACCOUNT}:role/{STACK}-api-{REGION}",
    ),
    "AWS::Lambda::Alias": (
        _of("lambda", "CreateAlias DeleteAlias GetAlias UpdateAlias"),
        f"lambda:{HERE}:function:{STACK}-api:live",
    ),
    "AWS::Lambda::EventInvokeConfig": (
        _of(
            "lambda",
            """DeleteFunctionEventInvokeConfig GetFunctionEventInvokeConfig PutFunctionEventInvokeConfig
            UpdateFunctionEventInvokeConfig""",
        ),
        f"lambda:{HERE}:function:{STACK}-sweep:$LATEST",
    ),
    "AWS::Lambda::EventSourceMapping": (
        _of("lambda", "DeleteEventSourceMapping GetEventSourceMapping UpdateEventSourceMapping"),
        f"lambda:{HERE}:event-source-mapping:x",
    ),
    "AWS::Lambda::Function": (
        _of(
            "lambda",
            """CreateFunction DeleteFunction DeleteFunctionConcurrency GetFunction GetFunctionCodeSigningConfig
            GetFunctionRecursionConfig GetFunctionScalingConfig GetRuntimeManagementConfig PutFunctionConcurrency
            PutFunctionRecursionConfig TagResource UntagResource UpdateFunctionCode UpdateFunctionConfiguration""",
        ),
        f"lambda:{HERE}:function:{STACK}-relay",
    ),
    "AWS::Lambda::Permission": (
        _of("lambda", "AddPermission GetPolicy RemovePermission"),
        f"lambda:{HERE}:function:{STACK}-sweep",
    ),
    "AWS::Lambda::Version": (
        _of("lambda", "DeleteFunction ListVersionsByFunction PublishVersion"),
        f"lambda:{HERE}:function:{STACK}-api:1",
    ),
    "AWS::Logs::LogGroup": (
        _of(
            "logs",
            """CreateLogGroup DeleteLogGroup DeleteRetentionPolicy DescribeIndexPolicies DescribeLogGroups
            GetDataProtectionPolicy ListTagsForResource PutRetentionPolicy TagResource UntagResource""",
        ),
        f"logs:{HERE}:log-group:/aws/lambda/{STACK}-api",
    ),
    "AWS::Route53::RecordSet": (
        _of("route53", "ChangeResourceRecordSets GetHostedZone ListResourceRecordSets"),
        "route53:::hostedzone/Z1",
    ),
    "AWS::S3::Bucket": (
        _of(
            "s3",
            """CreateBucket DeleteBucket GetBucketCORS GetBucketOwnershipControls GetBucketPublicAccessBlock
            GetBucketTagging GetBucketVersioning GetEncryptionConfiguration GetLifecycleConfiguration ListBucket
            PutBucketCORS PutBucketOwnershipControls PutBucketPublicAccessBlock PutBucketTagging PutBucketVersioning
            PutEncryptionConfiguration PutLifecycleConfiguration""",
        ),
        f"s3:::{STACK}-filesbucket-1abc",
    ),
    "AWS::S3::BucketPolicy": (
        _of("s3", "DeleteBucketPolicy GetBucketPolicy PutBucketPolicy"),
        f"s3:::{STACK}-filesbucket-1abc",
    ),
    "AWS::SQS::Queue": (
        _of(
            "sqs",
            """CreateQueue DeleteQueue GetQueueAttributes GetQueueUrl ListQueueTags SetQueueAttributes TagQueue
            UntagQueue""",
        ),
        f"sqs:{HERE}:{STACK}-react-dlq",
    ),
    "AWS::SQS::QueuePolicy": ("sqs:SetQueueAttributes", f"sqs:{HERE}:{STACK}-react"),
    "AWS::Scheduler::ScheduleGroup": (
        _of(
            "scheduler",
            "CreateScheduleGroup DeleteScheduleGroup GetScheduleGroup ListTagsForResource TagResource UntagResource",
        ),
        f"scheduler:{HERE}:schedule-group/{STACK}-deferred",
    ),
    "AWS::SecretsManager::Secret": (
        _of("secretsmanager", "CreateSecret DeleteSecret DescribeSecret TagResource UntagResource UpdateSecret"),
        f"secretsmanager:{HERE}:secret:JwtSecret-AbCdEf-123",
    ),
    "AWS::StepFunctions::StateMachine": (
        _of(
            "states",
            """CreateStateMachine DeleteStateMachine DescribeStateMachine ListTagsForResource TagResource UntagResource
            UpdateStateMachine""",
        ),
        f"states:{HERE}:stateMachine:{STACK}-report-saga",
    ),
    "AWS::WAFv2::WebACL": (
        _of("wafv2", "CreateWebACL DeleteWebACL GetWebACL ListTagsForResource UpdateWebACL"),
        f"wafv2:{HERE}:regional/webacl/{STACK}-api/1-2-3",
    ),
    "AWS::WAFv2::WebACLAssociation": (
        _of("wafv2", "AssociateWebACL DisassociateWebACL GetWebACLForResource") + " apigateway:SetWebACL",
        f"apigateway:{REGION}::/restapis/abc/stages/api",
    ),
}
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
