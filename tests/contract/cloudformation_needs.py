"""What CloudFormation needs for each type of resource in the template: the actions, and the ARN to allow them on.

What each type of resource needs is in its schema, which AWS publishes with the actions that create, read, update and
delete it: https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html ("handlers"),
`aws cloudformation describe-type --type RESOURCE --type-name AWS::DynamoDB::Table`. Types without handlers there
follow the Service Authorization Reference, https://docs.aws.amazon.com/service-authorization/latest/reference/.
Actions of features that the template does not use (KMS keys, VPC, replication, Kinesis) are left out.
"""

STACK, REGION, ACCOUNT = "shopfloor-prod", "eu-central-1", "123456789012"
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
