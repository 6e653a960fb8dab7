"""The event bus, and the queues behind it. Every queue has a dead letter queue that keeps what failed five times."""

from collections.abc import Sequence

from chalicelib.core.dead_letters import QUEUES, RETENTION_DAYS
from chalicelib.core.retries import QUEUE_MESSAGE
from chalicelib.events.types import webhook_names
from chalicelib.wiring.listeners import LISTENERS
from infra.names import Json, arn_of, camel, kept, named, ref

REACT_TIMEOUT = 300  # a deleted batch may have 100,000 products to purge
WEBHOOKS_TIMEOUT = 60
DELIVERIES_TIMEOUT = 60  # an attempt takes up to 30 s
DEFERRED_TIMEOUT = 45  # a callback waits up to 30 s; the lease of a task (deferred_tasks.model) is longer than this
RETRIED_SECONDS = 3_600  # how long the bus tries to send an event to a queue; SQS is seldom away for longer
RETRIES = 185  # the maximum; the bus ends by the time
WORK_TIMEOUT = 900  # the maximum of Lambda; a longer task continues in another call


def resources() -> Json:
    """Bus -> rules -> react queue -> listeners, and -> webhooks queue -> fan-out -> deliveries queue.

    Use cases that start a background task send to the queue `work`; those that plan a deferred task, and the Scheduler,
    send to `deferred` or `outside`.
    """
    return {
        "EventBus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": named("bus")}},
        **queue("react", REACT_TIMEOUT),
        **events_to("react", sorted(LISTENERS)),
        **queue("work", WORK_TIMEOUT),
        **queue("webhooks", WEBHOOKS_TIMEOUT),
        **events_to("webhooks", webhook_names()),
        **queue("deliveries", DELIVERIES_TIMEOUT),
        **queue("deferred", DEFERRED_TIMEOUT),
        **queue("outside", DEFERRED_TIMEOUT),
    }


def outputs() -> Json:
    """Return the URLs and names that operators need."""
    queues = {key: value for name in QUEUES for key, value in addresses(name).items()}
    return {"EventBusName": {"Value": ref("EventBus")}, **queues}


def queue(name: str, timeout: int) -> Json:
    """Return a queue for a function with this timeout, and its dead letter queue."""
    own = camel(name)
    return {
        f"{own}Queue": {
            "Type": "AWS::SQS::Queue",
            "DeletionPolicy": "Delete",
            "UpdateReplacePolicy": "Delete",
            "Properties": {
                "QueueName": named(name),
                "VisibilityTimeout": timeout * 6,  # six times the timeout, as Lambda requires
                "SqsManagedSseEnabled": True,
                "RedrivePolicy": {
                    "deadLetterTargetArn": arn_of(f"{own}Dlq"),
                    "maxReceiveCount": QUEUE_MESSAGE.max_attempts,
                },
            },
        },
        f"{own}Dlq": kept(
            {
                "Type": "AWS::SQS::Queue",
                "Properties": {
                    "QueueName": named(f"{name}-dlq"),
                    "MessageRetentionPeriod": RETENTION_DAYS * 24 * 3600,
                    "SqsManagedSseEnabled": True,
                },
            }
        ),
    }


def events_to(name: str, event_names: Sequence[str]) -> Json:
    """Return a rule that sends events of these names to a queue, and the policies that allow it.

    An event that the queue does not take goes to the dead letter queue of the same queue, in the same form, so a
    replay works for it too.
    """
    own = camel(name)
    target = {
        "Id": f"{name}-queue",
        "Arn": arn_of(f"{own}Queue"),
        "DeadLetterConfig": {"Arn": arn_of(f"{own}Dlq")},
        "RetryPolicy": {"MaximumEventAgeInSeconds": RETRIED_SECONDS, "MaximumRetryAttempts": RETRIES},
    }
    return {
        f"{own}Rule": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "Name": named(name),
                "EventBusName": ref("EventBus"),
                "EventPattern": {"source": ["shopfloor"], "detail-type": list(event_names)},
                "Targets": [target],
            },
        },
        **{f"{queue}Policy": _sent_by_rule(queue, f"{own}Rule") for queue in (f"{own}Queue", f"{own}Dlq")},
    }


def _sent_by_rule(queue: str, rule: str) -> Json:
    """Return the policy of a queue to which a rule sends."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn_of(queue),
        "Condition": {"ArnEquals": {"aws:SourceArn": arn_of(rule)}},
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [ref(queue)], "PolicyDocument": document}}


def addresses(name: str) -> Json:
    """Return the outputs of a queue."""
    own = camel(name)
    return {f"{own}QueueUrl": {"Value": ref(f"{own}Queue")}, f"{own}DlqUrl": {"Value": ref(f"{own}Dlq")}}
