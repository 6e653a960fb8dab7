"""Alarms and the dashboard name resources that exist, and every function and queue has an alarm."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

import app
from chalicelib.core.dynamo import TABLES
from infra.alarms import BUSY_TABLES, RULES, THROTTLED, WATCHED
from infra.functions import functions
from infra.machines import MACHINES
from infra.names import short_name
from infra.template import deployed_functions, merge_template

Json = dict[str, Any]
STACK = "shopfloor-prod"
OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"
ANSWERED = {"batch_report", "recount", "make_admin", "rotate_key"}  # a user waits for their result
METRICS = {
    "AWS/ApiGateway": {"Count", "4XXError", "5XXError", "Latency", "IntegrationLatency"},
    "AWS/DynamoDB": {
        *("ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"),
        *("ReadThrottleEvents", "WriteThrottleEvents"),
    },
    "AWS/Events": {"FailedInvocations", "InvocationsSentToDlq", "InvocationsFailedToBeSentToDlq"},
    "AWS/Lambda": {"Errors", "Throttles", "ConcurrentExecutions", "IteratorAge", "Invocations"},
    "AWS/SQS": {"ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"},
    "AWS/States": {"ExecutionsFailed", "ExecutionsSucceeded", "ExecutionThrottled"},
    "AWS/WAFV2": {"BlockedRequests"},
    "Shopfloor": {"OldestUnsentEvent"},
}


@pytest.fixture(scope="module")
def resources() -> Json:
    """Of the template, but what Chalice generates."""
    found: Json = merge_template(app.app, "prod")["Resources"]
    return found


@pytest.fixture(scope="module")
def alarms(resources: Json) -> dict[str, Json]:
    """The alarms by name."""
    made = [one for one in resources.values() if one.get("Type") == "AWS::CloudWatch::Alarm"]
    assert all(one["Condition"] == "HasAlarmTopic" for one in made)
    return {spelled(one["Properties"]["AlarmName"], resources): one["Properties"] for one in made}


@pytest.fixture(scope="module")
def widgets(resources: Json) -> list[Json]:
    """The widgets of the dashboard."""
    body: Json = json.loads(spelled(resources["Dashboard"]["Properties"]["DashboardBody"], resources))
    assert set(body) == {"start", "widgets"}
    found: list[Json] = body["widgets"]
    return found


def spelled(value: Any, resources: Json) -> str:
    """A text of the template as it is in a stack."""
    if isinstance(value, str):
        return value
    ((kind, of),) = value.items()
    if kind == "Fn::GetAtt":
        return spelled(resources[of[0]]["Properties"][of[1]], resources)
    if kind == "Ref" and of != "AWS::StackName":
        machine = next(one for one in MACHINES if one.logical_id == of)
        return spelled({"Fn::Sub": machine.arn}, resources)
    known = {"StackName": STACK, "Region": "eu-central-1", "AccountId": "123456789012", "Partition": "aws"}
    return re.sub(r"\$\{AWS::(\w+)\}", lambda found: known[found[1]], "${AWS::StackName}" if kind == "Ref" else of)


def places(resources: Json) -> dict[str, set[str]]:
    """What a metric may be about, by the name of the dimension."""
    queues = [one for one in resources.values() if one.get("Type") == "AWS::SQS::Queue"]
    rules = [one for one in resources.values() if one.get("Type") == "AWS::Events::Rule"]
    return {
        "ApiName": {f"{STACK}-api"},
        "Stage": {"api"},
        "FunctionName": {f"{STACK}-{short_name(name)}" for name in deployed_functions(app.app)},
        "QueueName": {spelled(one["Properties"]["QueueName"], resources) for one in queues},
        "StateMachineArn": {spelled({"Fn::Sub": one.arn}, resources) for one in MACHINES},
        "TableName": {f"{STACK}-{name}" for name in TABLES},
        "Stack": {STACK},
        "EventBusName": {f"{STACK}-bus"},
        "RuleName": {spelled(one["Properties"]["Name"], resources) for one in rules},
        "WebACL": {spelled(resources["Firewall"]["Properties"]["Name"], resources)},
        "Region": {"eu-central-1"},
        "Rule": {"ALL"},
    }


def test_every_alarm_is_about_a_metric_and_a_resource_that_are_there(alarms: dict[str, Json], resources: Json) -> None:
    there = places(resources)
    for name, alarm in alarms.items():
        for metric in [one["MetricStat"]["Metric"] for one in alarm.get("Metrics", ()) if "MetricStat" in one] or [
            alarm
        ]:
            assert metric["MetricName"] in METRICS[metric["Namespace"]], name
            for dimension in metric["Dimensions"]:
                assert spelled(dimension["Value"], resources) in there[dimension["Name"]], name


def test_nothing_fails_without_an_alarm(alarms: dict[str, Json], resources: Json) -> None:
    names = {name.removeprefix(f"{STACK}-") for name in alarms}
    queues = {name.removeprefix(f"{STACK}-") for name in places(resources)["QueueName"]}
    of_queues = {f"{name}-age" for name in queues if not name.endswith("-dlq")}
    assert queues == {name.removesuffix("-age") for name in of_queues} | {f"{name[:-4]}-dlq" for name in of_queues}
    dead = {name for name in queues if name.endswith("-dlq")}
    failures = {f"{machine.name}-failures" for machine in MACHINES}
    errors = {f"{short_name(name)}-errors" for name in WATCHED} | {
        f"{short_name(name)}-throttles" for name in THROTTLED
    }
    lost = {f"{rule}-{how}" for rule in RULES for how in ("undelivered", "lost")}
    others = {"api-5xx", "api-latency", "relay-lag", "unsent-events", "sweep-silent"}
    tables = {"tables-read-throttles", "tables-write-throttles"}
    assert names == of_queues | dead | failures | errors | lost | others | tables


def test_the_tables_with_an_alarm_on_throttling_are_there_and_no_more_than_an_alarm_has(resources: Json) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create-alarm-on-metric-math-expression.html"""
    assert set(BUSY_TABLES) <= set(TABLES) and len(BUSY_TABLES) <= 10
    assert {f"{STACK}-{name}" for name in RULES} == places(resources)["RuleName"]


def test_every_function_has_an_alarm() -> None:
    table = functions(deployed_functions(app.app))
    by_queue = {name for name, one in table.items() if any(each["Type"] == "SQS" for each in one.events.values())}
    by_machine = {name for machine in MACHINES for name in machine.functions(table)}
    assert set(WATCHED) | ANSWERED | by_queue | by_machine == set(table)
    assert by_queue.isdisjoint(WATCHED)


def test_the_dashboard_shows_what_is_there(widgets: list[Json], resources: Json) -> None:
    for widget in widgets:
        assert (widget["type"], widget["properties"]["region"]) == ("metric", "eu-central-1")
        for namespace, metric, *named_by, options in widget["properties"]["metrics"]:
            assert metric in METRICS[namespace]
            for name, value in zip(named_by[::2], named_by[1::2], strict=True):
                assert value in places(resources)[name], widget["properties"]["title"]
            assert options["stat"] in ("Sum", "Maximum", "p50", "p95", "p99")


def test_the_dashboard_shows_all_of_each(widgets: list[Json], resources: Json) -> None:
    shown: dict[str, set[str]] = {}
    for widget in widgets:
        for _, _, *named_by, _ in widget["properties"]["metrics"]:
            shown.setdefault(named_by[0], set()).add(named_by[1])
    further = {"Stage", "RuleName", "Region", "Rule"}  # second dimensions
    assert shown == {name: values for name, values in places(resources).items() if name not in further}


def test_no_widget_lies_over_another(widgets: list[Json]) -> None:
    cells = [
        (x, y)
        for one in widgets
        for x in range(one["x"], one["x"] + one["width"])
        for y in range(one["y"], one["y"] + one["height"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


def test_every_alarm_says_in_the_documents_what_to_do(alarms: dict[str, Json]) -> None:
    text = OPERATIONS.read_text("utf-8")
    assert [name for name in alarms if f"`{name.removeprefix(f'{STACK}-')}`" not in text] == []
