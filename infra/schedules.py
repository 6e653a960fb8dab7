"""EventBridge Scheduler: one-time schedules that put a message into the queue `deferred`."""

from infra.names import Json, arn_of, named, sub

GROUP = "deferred"
ROLE_ID = "SchedulerRole"
_PLACE = "arn:${AWS::Partition}:scheduler:${AWS::Region}:${AWS::AccountId}"


def resources() -> Json:
    """The group of schedules, and the role in which the Scheduler sends. What it cannot send goes to the DLQ."""
    return {
        "ScheduleGroup": {"Type": "AWS::Scheduler::ScheduleGroup", "Properties": {"Name": named(GROUP)}},
        ROLE_ID: _role(),
    }


def schedules_arn() -> Json:
    """The schedules of the group, of any name."""
    return sub(f"{_PLACE}:schedule/${{AWS::StackName}}-{GROUP}/*")


def _role() -> Json:
    ours = {"StringEquals": {"aws:SourceAccount": sub("${AWS::AccountId}")}}
    trust = {"Effect": "Allow", "Principal": {"Service": "scheduler.amazonaws.com"}, "Action": "sts:AssumeRole"}
    queues = [arn_of("DeferredQueue"), arn_of("DeferredDlq")]
    right = {"Sid": "Send", "Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": queues}
    policy = {"Version": "2012-10-17", "Statement": [right]}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": sub("${AWS::StackName}-scheduler-${AWS::Region}"),
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{**trust, "Condition": ours}]},
            "Policies": [{"PolicyName": "rights", "PolicyDocument": policy}],
        },
    }
