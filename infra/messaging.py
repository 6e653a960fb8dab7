"""The event bus, and the queue through which the application reacts to its own events."""

from chalicelib.wiring import LISTENERS
from infra.names import Json, arn_of, named, ref

REACT_TIMEOUT = 300  # a deleted batch may have 100,000 products to purge
MAX_RECEIVES = 5
DLQ_DAYS = 14


def resources() -> Json:
    """Bus -> rule -> react queue; what fails five times waits in the dead letter queue."""
    return {
        "EventBus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": named("bus")}},
        "ReactRule": _rule(),
        "ReactQueue": _queue(),
        "ReactDlq": {
            "Type": "AWS::SQS::Queue",
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
            "Properties": {
                "QueueName": named("react-dlq"),
                "MessageRetentionPeriod": DLQ_DAYS * 24 * 3600,
                "SqsManagedSseEnabled": True,
            },
        },
        "ReactQueuePolicy": _queue_policy(),
    }


def outputs() -> Json:
    """Names that operators need."""
    return {
        "EventBusName": {"Value": ref("EventBus")},
        "ReactQueueUrl": {"Value": ref("ReactQueue")},
        "ReactDlqUrl": {"Value": ref("ReactDlq")},
    }


def _rule() -> Json:
    return {
        "Type": "AWS::Events::Rule",
        "Properties": {
            "Name": named("react"),
            "EventBusName": ref("EventBus"),
            "EventPattern": {"source": ["shopfloor"], "detail-type": sorted(LISTENERS)},
            "Targets": [{"Id": "react-queue", "Arn": arn_of("ReactQueue")}],
        },
    }


def _queue() -> Json:
    return {
        "Type": "AWS::SQS::Queue",
        "DeletionPolicy": "Delete",
        "UpdateReplacePolicy": "Delete",
        "Properties": {
            "QueueName": named("react"),
            # six times the function's timeout, as Lambda asks of its queues
            "VisibilityTimeout": REACT_TIMEOUT * 6,
            "SqsManagedSseEnabled": True,
            "RedrivePolicy": {"deadLetterTargetArn": arn_of("ReactDlq"), "maxReceiveCount": MAX_RECEIVES},
        },
    }


def _queue_policy() -> Json:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn_of("ReactQueue"),
        "Condition": {"ArnEquals": {"aws:SourceArn": arn_of("ReactRule")}},
    }
    return {
        "Type": "AWS::SQS::QueuePolicy",
        "Properties": {
            "Queues": [ref("ReactQueue")],
            "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        },
    }
