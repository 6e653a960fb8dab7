"""EventBridge Scheduler: one-time schedules that put a message into the queue `deferred`."""

from infra.names import Json, arn_of, named, sub

GROUP = "deferred"
ROLE_ID = "SchedulerRole"
_PLACE = "arn:${AWS::Partition}:scheduler:${AWS::Region}:${AWS::AccountId}"


def resources() -> Json:
    """Return the group of schedules and the role of the Scheduler; messages that it cannot send go to the DLQ."""
    return {
        "ScheduleGroup": {"Type": "AWS::Scheduler::ScheduleGroup", "Properties": {"Name": named(GROUP)}},
        ROLE_ID: _role(),
    }


def schedule_arns() -> list[Json]:
    """Return the ARNs of schedules of the group; the emulator puts them into the group `default`."""
    names = (f"${{AWS::StackName}}-{GROUP}/*", "default/task-*", "default/schedule-*")
    return [sub(f"{_PLACE}:schedule/{name}") for name in names]


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
