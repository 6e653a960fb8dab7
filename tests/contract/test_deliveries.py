"""Nothing is lost between the bus, the queues and the functions, and what failed comes again soon."""

from typing import Any

import pytest

import app
from chalicelib.core import queues
from chalicelib.core.retries import QUEUE_MESSAGE
from chalicelib.events import reactions
from infra.functions import functions
from infra.stages import EXAMPLES
from infra.template import deployed_functions, merge_template

Json = dict[str, Any]
of_stage = pytest.mark.parametrize("stage", EXAMPLES)


def resources(stage: str) -> Json:
    """Of the template, but what Chalice generates."""
    found: Json = merge_template(app.app, stage)["Resources"]
    return found


def arn_of(name: str) -> Json:
    """The ARN of a resource."""
    return {"Fn::GetAtt": [name, "Arn"]}


@of_stage
def test_every_target_of_the_bus_is_tried_again_and_has_a_dead_letter_queue_that_takes_its_events(stage: str) -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html"""
    found = resources(stage)
    rules = {name: one for name, one in found.items() if one.get("Type") == "AWS::Events::Rule"}
    policies = [one["Properties"] for one in found.values() if one.get("Type") == "AWS::SQS::QueuePolicy"]
    assert set(rules) == {"ReactRule", "WebhooksRule"}
    for name, rule in rules.items():
        (target,) = rule["Properties"]["Targets"]
        queue = target["Arn"]["Fn::GetAtt"][0]
        assert target["DeadLetterConfig"] == {"Arn": arn_of(queue.replace("Queue", "Dlq"))}
        assert 0 < target["RetryPolicy"]["MaximumEventAgeInSeconds"] <= 86_400
        assert 0 < target["RetryPolicy"]["MaximumRetryAttempts"] <= 185
        for taking in (target["Arn"], target["DeadLetterConfig"]["Arn"]):
            (policy,) = (one for one in policies if one["Queues"] == [{"Ref": taking["Fn::GetAtt"][0]}])
            (statement,) = policy["PolicyDocument"]["Statement"]
            assert (statement["Principal"], statement["Resource"]) == ({"Service": "events.amazonaws.com"}, taking)
            assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": arn_of(name)}}


@of_stage
def test_a_queue_hides_a_message_for_six_times_the_timeout_of_its_function(stage: str) -> None:
    """https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"""
    found, seen = resources(stage), set[str]()
    for function in functions(deployed_functions(app.app)).values():
        for event in function.events.values():
            if event["Type"] == "SQS":
                queue = event["Properties"]["Queue"]["Fn::GetAtt"][0]
                seen.add(queue)
                assert found[queue]["Properties"]["VisibilityTimeout"] == 6 * function.timeout
    assert seen == {name for name, one in found.items() if one.get("Type") == "AWS::SQS::Queue" and "Dlq" not in name}


class Queue:
    """SQS, as far as a failed message needs it."""

    def __init__(self) -> None:
        self.pauses: list[tuple[str, int]] = []

    def get_queue_url(self, **request: str) -> Json:
        return {"QueueUrl": f"https://sqs.example/{request['QueueName']}"}

    def change_message_visibility(self, **request: Any) -> None:
        assert request["QueueUrl"] == "https://sqs.example/shopfloor-prod-react"
        self.pauses.append((request["ReceiptHandle"], request["VisibilityTimeout"]))


def test_a_failed_listener_comes_again_within_minutes_and_the_pauses_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    sqs = Queue()
    monkeypatch.setattr(queues, "client", lambda service: sqs)

    def fail(data: Json) -> None:
        raise RuntimeError(data["why"])

    for attempt in range(1, QUEUE_MESSAGE.max_attempts):
        records = [
            {
                "messageId": str(number),
                "receiptHandle": f"receipt-{number}",
                "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:shopfloor-prod-react",
                "attributes": {"ApproximateReceiveCount": str(attempt)},
                "body": f'{{"detail": {{"event": "{name}", "events": [{{"data": {{"why": "no reason"}}}}]}}}}',
            }
            for number, name in enumerate(("works", "fails"))
        ]
        answer = reactions.handle({"Records": records}, {"works": [lambda data: None], "fails": [fail]})
        assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    assert [receipt for receipt, _ in sqs.pauses] == ["receipt-1"] * 4
    pauses = [pause for _, pause in sqs.pauses]
    assert pauses == sorted(set(pauses)) and pauses[0] <= 60 and max(pauses) <= 900
