"""EventBridge Scheduler: one-time schedules that put a message into the queue `deferred`."""

from infra.names import Json, named

GROUP = "deferred"


def resources() -> Json:
    """The group of schedules."""
    return {"ScheduleGroup": {"Type": "AWS::Scheduler::ScheduleGroup", "Properties": {"Name": named(GROUP)}}}
