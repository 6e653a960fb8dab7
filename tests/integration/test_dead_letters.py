"""`make dlq`: what failed five times is looked at, and moved back to where it came from."""

import json

import pytest

from chalicelib.core.aws import client
from chalicelib.core.dead_letters import QUEUES, DeadLetters, Size, size
from infra.alarms import QUEUES as WATCHED
from infra.dlq import lines
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
    assert sorted(shown[1:]) == ['    {"task_id": 0}', '    {"task_id": 1}']
    assert size(client("sqs"), f"{STACK}-work-dlq").waiting == 2


def test_a_replay_moves_all_of_them_back_as_they_were() -> None:
    put("work", 0)
    put("work-dlq", 23)
    assert list(lines(STACK, ("work",), PLACE, replay=True)) == ["work            23 moved back"]
    assert DeadLetters(client("sqs"), STACK, "work").peek() == []
    assert size(client("sqs"), f"{STACK}-work") == Size(waiting=23, in_flight=0, delayed=0)


def test_a_replay_that_is_bounded_leaves_the_rest() -> None:
    put("work", 0)
    put("work-dlq", 23)
    letters = DeadLetters(client("sqs"), STACK, "work")
    assert letters.replay(at_least=10) == 10
    assert size(client("sqs"), f"{STACK}-work-dlq").waiting == 13
    assert letters.replay(at_least=20) == 13
