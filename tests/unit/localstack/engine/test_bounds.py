"""What the emulator keeps in memory has an end, and the newest of it is there."""

from collections.abc import Iterator

import pytest
from ministack.services import cloudformation, cloudwatch_logs, eventbridge, lambda_svc, ses

from localstack.engine import bounds
from tests.unit.localstack.engine.modules import restored

FUNCTION = {"config": {"FunctionName": "f", "FunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:f"}}


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(bounds, "LINES_PER_GROUP", 40)
    monkeypatch.setattr(bounds, "EVENTS_KEPT", 10)
    monkeypatch.setattr(bounds, "MAILS_KEPT", 10)
    with restored(lambda_svc, ses, eventbridge):
        bounds.install()
        yield
    cloudwatch_logs._log_groups.clear()
    eventbridge._events_log.clear()
    ses._sent_emails.clear()


def test_a_log_group_keeps_its_last_lines() -> None:
    for number in range(100):
        lambda_svc._emit_lambda_logs(FUNCTION, f"request-{number}", f"line {number}", False, 1)
    streams = list(cloudwatch_logs._log_groups["/aws/lambda/f"]["streams"].values())
    texts = [event["message"] for stream in streams for event in stream["events"]]
    assert [text for text in texts if text.startswith("line")] == [f"line {number}" for number in range(90, 100)]


def test_a_group_that_was_restored_is_counted() -> None:
    for number in range(10):
        lambda_svc._emit_lambda_logs(FUNCTION, f"request-{number}", "", False, 1)
    bounds._lines.clear()
    lambda_svc._emit_lambda_logs(FUNCTION, "request", "", False, 1)
    group = cloudwatch_logs._log_groups["/aws/lambda/f"]
    assert bounds._lines[id(group)] == sum(len(stream["events"]) for stream in group["streams"].values()) == 33


def test_an_invocation_with_more_lines_than_a_group_keeps_is_kept_whole() -> None:
    lambda_svc._emit_lambda_logs(FUNCTION, "request", "line\n" * 100, False, 1)
    (stream,) = cloudwatch_logs._log_groups["/aws/lambda/f"]["streams"].values()
    assert len(stream["events"]) == 103


@pytest.mark.parametrize("name", ["events", "mails"])
def test_of_events_and_mails_the_last_are_kept(name: str) -> None:
    kept = eventbridge._events_log_list if name == "events" else ses._sent_emails_list
    for number in range(100):
        kept().append(number)
    assert 10 <= len(kept()) <= 11
    assert kept()[-1] == 99


def test_the_events_of_deployments_have_an_end_and_the_newest_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "STACK_EVENTS_KEPT", 10)
    events = cloudformation._stack_events
    events["arn:stack"] = [{"EventId": number} for number in range(25)]
    try:
        bounds.drop_stack_events()
        bounds.drop_stack_events()
        assert [event["EventId"] for event in events["arn:stack"]] == list(range(15, 25))
    finally:
        events.clear()
