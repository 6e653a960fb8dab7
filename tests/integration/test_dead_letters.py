"""`make dlq`: what failed five times is looked at, and moved back to where it came from."""

import contextlib
import json
import re
import time

import boto3
import pytest

from chalicelib.core.aws import client
from chalicelib.core.dead_letters import QUEUES, DeadLetters, Size, size
from infra.alarms import QUEUES as WATCHED
from infra.dlq import CONSUMERS, lines
from infra.functions import MAKERS
from infra.messaging import resources

pytestmark = pytest.mark.usefixtures("aws")
STACK = "shopfloor-test"
PLACE = {"region_name": "us-east-1"}


def put(queue: str, count: int) -> None:
    url = client("sqs").create_queue(QueueName=f"{STACK}-{queue}")["QueueUrl"]
    for number in range(count):
        client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps({"task_id": number}))


def test_every_queue_of_the_template_is_looked_into() -> None:
    made = {name for name, resource in resources().items() if resource["Type"] == "AWS::SQS::Queue"}
    assert made == {f"{name.capitalize()}{kind}" for name in QUEUES for kind in ("Queue", "Dlq")}
    assert set(WATCHED) == set(QUEUES)


def test_looking_leaves_the_messages_where_they_are() -> None:
    put("work", 0)
    put("work-dlq", 2)
    shown = list(lines(STACK, ("work",), PLACE, replay=False))
    assert shown[0].split() == ["work", "2"]
    assert sorted(one.split("  ")[-1] for one in shown[1::2]) == ['{"task_id": 0}', '{"task_id": 1}']
    assert size(client("sqs"), f"{STACK}-work-dlq").waiting == 2


def test_a_replay_moves_all_of_them_back_as_they_were() -> None:
    put("work", 0)
    put("work-dlq", 23)
    assert list(lines(STACK, ("work",), PLACE, replay=True)) == ["work            23 moved back"]
    assert DeadLetters(client("sqs"), STACK, "work").peek() == []
    assert size(client("sqs"), f"{STACK}-work") == Size(waiting=23, in_flight=0, delayed=0)


def test_a_message_is_its_event_its_ids_its_attempts_and_the_error_of_the_log() -> None:
    put("react", 0)
    url = client("sqs").create_queue(QueueName=f"{STACK}-react-dlq")["QueueUrl"]
    detail = {"event": "batch.closed", "events": [{"id": "e-1", "data": {}}, {"id": "e-2", "data": {}}]}
    number = client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps({"detail": detail}))["MessageId"]
    _log("react", {"message": "a listener failed", "message_id": "another", "exception": "OSError: not this one"})
    _log("react", {"message": "a listener failed", "message_id": number, "exception": "KeyError: 'uuid'"})
    count, message, error = lines(STACK, ("react",), PLACE, replay=False)
    assert count.split() == ["react", "1"]
    assert re.fullmatch(r"    \d\d\.\d\d\. [\d:]{8}  received \d times  batch\.closed  e-1, e-2", message)
    assert error.strip() == "KeyError: 'uuid'"


def test_an_error_that_no_log_has_is_told_with_where_to_look() -> None:
    put("deferred", 0)
    put("deferred-dlq", 1)
    *_, error = lines(STACK, ("deferred",), PLACE, replay=False)
    assert error.strip() == "its error is not in the log: make logs FUNCTION=run-deferred LEVEL=ERROR SINCE=14d"


def test_the_log_of_a_queue_is_that_of_the_function_that_takes_its_messages() -> None:
    taken = {
        source.removesuffix("Queue").lower(): name.replace("_", "-")
        for name, make in MAKERS.items()
        for source, event in make().events.items()
        if event["Type"] == "SQS"
    }
    assert taken == CONSUMERS


def _log(function: str, fields: dict[str, str]) -> None:
    """Write an entry into the log of a function, now."""
    logs, group = boto3.client("logs", **PLACE), f"/aws/lambda/{STACK}-{function}"
    with contextlib.suppress(logs.exceptions.ResourceAlreadyExistsException):
        logs.create_log_group(logGroupName=group)
        logs.create_log_stream(logGroupName=group, logStreamName="1")
    entry = {"timestamp": int(time.time() * 1000), "message": json.dumps(fields)}
    logs.put_log_events(logGroupName=group, logStreamName="1", logEvents=[entry])


def test_a_replay_that_is_bounded_leaves_the_rest() -> None:
    put("work", 0)
    put("work-dlq", 23)
    letters = DeadLetters(client("sqs"), STACK, "work")
    assert letters.replay(at_least=10) == 10
    assert size(client("sqs"), f"{STACK}-work-dlq").waiting == 13
    assert letters.replay(at_least=20) == 13
