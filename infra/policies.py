"""`python -m infra.policies --stage prod ...`: the IAM policies for who deploys a stage and for who operates it.

`deploy` has what CloudFormation does in the name of its caller and what infra/deploy.py calls itself; `operate` has
what the other commands call. What carries the name of the stack is limited to it. A managed policy holds 6,144
characters, so `deploy` is written in parts. tests/contract/test_policies.py holds both against the template.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.names import Json
from infra.stages import stage_name

MAX_CHARACTERS = 6_144  # of a managed policy, without blanks
PASSED_TO = ("lambda", "states", "scheduler", "apigateway")
CALLED = ("make-admin", "migrate", "recount", "refresh-analytics", "rotate-key")  # functions that our commands call
_GATEWAY = "ops.apigateway.amazonaws.com"  # its role is made with the first domain name of an account
_HERE = "{region}:{account}"


@dataclass(frozen=True)
class Right:
    """Actions of one service on resources, whose `arn:aws:<service>:` is left out."""

    service: str
    actions: str
    resources: tuple[str, ...]
    condition: tuple[str, str, tuple[str, ...]] | None = None

    def statement(self, names: dict[str, str]) -> Json:
        """Return the statement of a policy."""
        whole = ("*", "arn:")
        arns = [one if one.startswith(whole) else f"arn:aws:{self.service}:{one}" for one in self.resources]
        statement: Json = {
            "Effect": "Allow",
            "Action": sorted(f"{self.service}:{action}" for action in self.actions.split()),
            "Resource": [arn.format(**names) for arn in arns],
        }
        if self.condition:
            operator, key, values = self.condition
            statement["Condition"] = {operator: {key: [value.format(**names) for value in values]}}
        return statement


_TAGS = "TagResource UntagResource"
_FUNCTIONS = f"{_HERE}:function:{{stack}}-"
_CALLED = tuple(f"{_FUNCTIONS}{name}" for name in CALLED)
_MAPPINGS = f"{_HERE}:event-source-mapping:*"
_ARTIFACTS = "::shopfloor-artifacts-{account}-{region}"
_STACK = f"{_HERE}:stack/{{stack}}/*"
_OWN_FUNCTIONS = ("ArnLike", "lambda:FunctionArn", (f"arn:aws:lambda:{_FUNCTIONS}*",))

DEPLOYER = (
    Right(
        "cloudformation",
        """ContinueUpdateRollback CreateChangeSet DeleteChangeSet DeleteStack DescribeChangeSet DescribeStackEvents
        DescribeStackResources DescribeStacks ExecuteChangeSet GetTemplate GetTemplateSummary ListStackResources
        TagResource UpdateTerminationProtection""",
        (_STACK,),
    ),
    Right("cloudformation", "CreateChangeSet", ("{region}:aws:transform/Serverless-2016-10-31",)),
    Right(
        "s3",
        """CreateBucket DeleteObject GetBucketLocation GetObject ListBucket PutBucketPolicy PutBucketPublicAccessBlock
        PutEncryptionConfiguration PutLifecycleConfiguration PutObject""",
        (_ARTIFACTS, f"{_ARTIFACTS}/*"),
    ),
    # What an earlier stack of the stage has left, and with DATA=1 its deletion.
    Right("dynamodb", "ListTables", ("*",)),
    Right("sqs", "ListQueues", ("*",)),
    Right("s3", "ListAllMyBuckets", ("*",)),
    Right("s3", "DeleteObject DeleteObjectVersion ListBucketVersions", ("::{stack}-*",)),
    Right("lambda", "InvokeFunction", _CALLED),
    Right(
        "dynamodb",
        f"""CreateTable DeleteTable DescribeContinuousBackups DescribeContributorInsights
        DescribeKinesisStreamingDestination DescribeTable DescribeTimeToLive GetResourcePolicy ListTagsOfResource
        Scan {_TAGS} UpdateContinuousBackups UpdateTable UpdateTimeToLive""",
        (f"{_HERE}:table/{{stack}}-*",),
    ),
    Right(
        "lambda",
        f"""AddPermission CreateAlias CreateFunction DeleteAlias DeleteFunction DeleteFunctionConcurrency
        DeleteFunctionEventInvokeConfig GetAlias GetFunction GetFunctionCodeSigningConfig GetFunctionConfiguration
        GetFunctionEventInvokeConfig GetFunctionRecursionConfig GetFunctionScalingConfig GetPolicy
        GetRuntimeManagementConfig ListTags ListVersionsByFunction PublishVersion PutFunctionConcurrency
        PutFunctionEventInvokeConfig PutFunctionRecursionConfig RemovePermission {_TAGS} UpdateAlias UpdateFunctionCode
        UpdateFunctionConfiguration UpdateFunctionEventInvokeConfig""",
        (f"{_FUNCTIONS}*",),
    ),
    # Neither has a name: a mapping is known by its function, and its creation by that alone.
    Right("lambda", "CreateEventSourceMapping", ("*",), _OWN_FUNCTIONS),
    Right("lambda", "DeleteEventSourceMapping UpdateEventSourceMapping", (_MAPPINGS,), _OWN_FUNCTIONS),
    # CloudFormation also asks for one that is deleted, whose function nobody knows any more.
    Right("lambda", f"GetEventSourceMapping ListTags {_TAGS}", (_MAPPINGS,)),
    Right(
        "sqs",
        """CreateQueue DeleteQueue GetQueueAttributes GetQueueUrl ListQueueTags SetQueueAttributes TagQueue
        UntagQueue""",
        (f"{_HERE}:{{stack}}-*",),
    ),
    Right(
        "events",
        f"""CreateEventBus DeleteEventBus DeleteRule DescribeEventBus DescribeRule DisableRule EnableRule
        ListTagsForResource ListTargetsByRule PutRule PutTargets RemoveTargets {_TAGS} UpdateEventBus""",
        (f"{_HERE}:event-bus/{{stack}}-*", f"{_HERE}:rule/{{stack}}-*"),
    ),
    Right(
        "states",
        f"CreateStateMachine DeleteStateMachine DescribeStateMachine ListTagsForResource {_TAGS} UpdateStateMachine",
        (f"{_HERE}:stateMachine:{{stack}}-*",),
    ),
    Right(
        "scheduler",
        f"CreateScheduleGroup DeleteSchedule DeleteScheduleGroup GetScheduleGroup ListTagsForResource {_TAGS}",
        (f"{_HERE}:schedule-group/{{stack}}-*", f"{_HERE}:schedule/{{stack}}-*"),
    ),
    # A secret without a name of its own is called after its logical id.
    Right(
        "secretsmanager",
        f"CreateSecret DeleteSecret DescribeSecret GetSecretValue PutSecretValue {_TAGS} UpdateSecret",
        (f"{_HERE}:secret:{{stack}}-*", f"{_HERE}:secret:JwtSecret-*"),
    ),
    Right("secretsmanager", "GetRandomPassword", ("*",)),
    Right(
        "cloudwatch",
        f"DeleteAlarms DeleteDashboards GetDashboard ListTagsForResource PutDashboard PutMetricAlarm {_TAGS}",
        (f"{_HERE}:alarm:{{stack}}-*", ":{account}:dashboard/{stack}-*"),
    ),
    # Asked of all alarms, whichever the call names.
    Right("cloudwatch", "DescribeAlarms", (f"{_HERE}:alarm:*",)),
    Right(
        "logs",
        f"""CreateLogGroup DeleteLogGroup DeleteRetentionPolicy GetDataProtectionPolicy ListTagsForResource
        PutRetentionPolicy {_TAGS}""",
        (f"{_HERE}:log-group:/aws/*/{{stack}}-*",),
    ),
    Right(
        "logs",
        """CreateLogDelivery DeleteLogDelivery DescribeIndexPolicies DescribeLogGroups DescribeResourcePolicies
        GetLogDelivery ListLogDeliveries PutResourcePolicy UpdateLogDelivery""",
        ("*",),
    ),
    Right(
        "s3",
        """CreateBucket DeleteBucket DeleteBucketPolicy GetAccelerateConfiguration GetAnalyticsConfiguration
        GetBucketAcl GetBucketCORS GetBucketLocation GetBucketLogging GetBucketNotification
        GetBucketObjectLockConfiguration GetBucketOwnershipControls GetBucketPolicy GetBucketPublicAccessBlock
        GetBucketTagging GetBucketVersioning GetBucketWebsite GetEncryptionConfiguration
        GetIntelligentTieringConfiguration GetInventoryConfiguration GetLifecycleConfiguration GetMetricsConfiguration
        GetReplicationConfiguration ListBucket PutBucketCORS PutBucketOwnershipControls PutBucketPolicy
        PutBucketPublicAccessBlock PutBucketTagging PutBucketVersioning PutEncryptionConfiguration
        PutLifecycleConfiguration""",
        ("::{stack}-*",),
    ),
    Right(
        "apigateway",
        "DELETE GET PATCH POST PUT SetWebACL UpdateRestApiPolicy",
        tuple(
            f"{{region}}::/{path}"
            for path in ("account", "domainnames", "domainnames/*", "restapis", "restapis/*", "tags/*")
        ),
    ),
    Right("route53", "ChangeResourceRecordSets GetHostedZone ListResourceRecordSets", ("::hostedzone/*",)),
    Right("route53", "GetChange", ("::change/*",)),
    Right(
        "wafv2",
        f"AssociateWebACL CreateWebACL DeleteWebACL GetWebACL ListTagsForResource {_TAGS} UpdateWebACL",
        (f"{_HERE}:regional/webacl/{{stack}}-*",),
    ),
    # Asked of the API's stage, which has the ARN of another service.
    Right(
        "wafv2",
        "AssociateWebACL DisassociateWebACL GetWebACLForResource",
        ("arn:aws:apigateway:{region}::/restapis/*/stages/*",),
    ),
    Right(
        "iam",
        """AttachRolePolicy CreateRole DeleteRole DeleteRolePolicy DetachRolePolicy GetRole GetRolePolicy
        ListAttachedRolePolicies ListRolePolicies ListRoleTags PutRolePolicy TagRole UntagRole UpdateAssumeRolePolicy
        UpdateRole UpdateRoleDescription""",
        (":{account}:role/{stack}-*",),
    ),
    Right(
        "iam",
        "PassRole",
        (":{account}:role/{stack}-*",),
        ("StringEquals", "iam:PassedToService", tuple(f"{service}.amazonaws.com" for service in PASSED_TO)),
    ),
    Right(
        "iam",
        "CreateServiceLinkedRole",
        (f":{{account}}:role/aws-service-role/{_GATEWAY}/*",),
        ("StringEquals", "iam:AWSServiceName", (_GATEWAY,)),
    ),
)
_TABLES = f"{_HERE}:table/{{stack}}-*"
OPERATOR = (
    Right(
        "dynamodb",
        """BatchGetItem BatchWriteItem DeleteItem DeleteTable DescribeContinuousBackups DescribeTable GetItem PutItem
        Query RestoreTableToPointInTime Scan UpdateItem""",
        (_TABLES, f"{_TABLES}/index/*"),
    ),
    Right(
        "lambda",
        f"""DeleteFunctionConcurrency GetFunctionConcurrency GetFunctionConfiguration ListTags PutFunctionConcurrency
        {_TAGS}""",
        (f"{_FUNCTIONS}*",),
    ),
    Right("lambda", "InvokeFunction", _CALLED),
    Right("lambda", "GetEventSourceMapping UpdateEventSourceMapping", (_MAPPINGS,), _OWN_FUNCTIONS),
    Right("events", "ListRules", ("*",)),
    Right("events", "DisableRule EnableRule", (f"{_HERE}:rule/{{stack}}-*",)),
    Right("states", "ListExecutions", (f"{_HERE}:stateMachine:{{stack}}-*",)),
    Right("states", "StopExecution", (f"{_HERE}:execution:{{stack}}-*",)),
    Right("cloudformation", "DescribeStacks ListStackResources", (_STACK,)),
    Right("sqs", "DeleteMessage GetQueueAttributes GetQueueUrl ReceiveMessage SendMessage", (f"{_HERE}:{{stack}}-*",)),
    Right("logs", "FilterLogEvents GetLogEvents StartQuery", (f"{_HERE}:log-group:/aws/*/{{stack}}-*",)),
    Right("logs", "DescribeLogGroups GetQueryResults", ("*",)),
    Right("cloudwatch", "DescribeAlarms GetDashboard GetMetricData ListDashboards ListMetrics", ("*",)),
)


def policies(stage: str, account: str, region: str) -> Iterator[tuple[str, Json]]:
    """Yield each policy with its name: the parts of `deploy`, and `operate`."""
    names = {"stack": f"shopfloor-{stage}", "account": account, "region": region}
    for number, part in enumerate(_parts([right.statement(names) for right in DEPLOYER]), 1):
        yield f"deploy-{number}", part
    yield "operate", _document([right.statement(names) for right in OPERATOR])


def _parts(statements: Sequence[Json]) -> Iterator[Json]:
    """Yield documents, none larger than a managed policy may be."""
    part: list[Json] = []
    for statement in statements:
        if part and characters(_document([*part, statement])) > MAX_CHARACTERS:
            yield _document(part)
            part = []
        part.append(statement)
    yield _document(part)


def characters(policy: Json) -> int:
    """Return the size of a policy as IAM counts it."""
    return len(re.sub(r"\s", "", json.dumps(policy)))


def _document(statements: Sequence[Json]) -> Json:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def main() -> None:
    """Write the policies of a stage into a folder, a file each."""
    parser = argparse.ArgumentParser(prog="python -m infra.policies", description=__doc__)
    parser.add_argument("--stage", type=stage_name, required=True)
    parser.add_argument("--account", required=True, help="the number of the AWS account")
    parser.add_argument("--region", required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name, policy in policies(arguments.stage, arguments.account, arguments.region):
        path = arguments.out / f"{name}.json"
        path.write_text(json.dumps(policy, indent=1) + "\n")
        sys.stdout.write(f"{path}  {characters(policy):,} of {MAX_CHARACTERS:,} characters\n")


if __name__ == "__main__":
    main()
