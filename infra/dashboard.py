"""The CloudWatch dashboard, the first page for an operator. AWS provides three dashboards free of charge.

Every metric is listed by name: a search would also find functions of a stack whose name begins with this one's.
"""

import json
from collections.abc import Iterable
from itertools import chain
from typing import Any

from chalicelib.core.dynamo import TABLES
from infra.alarms import QUEUES, RULES, UNSENT
from infra.machines import MACHINES
from infra.names import Json, named, short_name, sub

WIDTH, HEIGHT, IN_A_ROW = 8, 6, 3
STACK, REGION = "${AWS::StackName}", "${AWS::Region}"

Line = list[Any]


def resources(functions: Iterable[str]) -> Json:
    """Return the dashboard, which has the name of the stack."""
    shown = [_api(), _functions([short_name(name) for name in functions]), _queues(), _bus(), _machines(), _tables()]
    widgets = list(chain.from_iterable(shown))
    body = {"start": "-PT3H", "widgets": [_placed(number, one) for number, one in enumerate(widgets)]}
    properties = {"DashboardName": named("overview"), "DashboardBody": sub(json.dumps(body, ensure_ascii=False))}
    return {"Dashboard": {"Type": "AWS::CloudWatch::Dashboard", "Properties": properties}}


def _api() -> list[Json]:
    api = {"ApiName": f"{STACK}-api"}
    return [
        _graph("Requests", [_line("AWS/ApiGateway", "Count", "Sum", **api)]),
        _graph("Errors of the API", [_line("AWS/ApiGateway", name, "Sum", **api) for name in ("4XXError", "5XXError")]),
        _graph(
            "Latency, ms",
            [
                *(_line("AWS/ApiGateway", "Latency", how, **api) for how in ("p50", "p95", "p99")),
                _line("AWS/ApiGateway", "IntegrationLatency", "p95", **api),
            ],
        ),
    ]


def _functions(names: list[str]) -> list[Json]:
    shown = {
        "Errors of functions": ("Errors", "Sum"),
        "Throttled functions": ("Throttles", "Sum"),
        "Running at the same time": ("ConcurrentExecutions", "Maximum"),
    }
    return [
        _graph(title, [_line("AWS/Lambda", *what, name, FunctionName=f"{STACK}-{name}") for name in names])
        for title, what in shown.items()
    ]


def _queues() -> list[Json]:
    depth, age = "ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"
    return [
        _graph(
            "Dead letters",
            [_line("AWS/SQS", depth, "Maximum", name, QueueName=f"{STACK}-{name}-dlq") for name in QUEUES],
        ),
        _graph(
            "Age of the oldest message, s",
            [_line("AWS/SQS", age, "Maximum", name, QueueName=f"{STACK}-{name}") for name in QUEUES],
        ),
        _graph(
            "Messages waiting",
            [_line("AWS/SQS", depth, "Maximum", name, QueueName=f"{STACK}-{name}") for name in QUEUES],
        ),
    ]


def _bus() -> list[Json]:
    return [
        _graph(
            "Events that the bus could not hand over",
            [
                _line(
                    "AWS/Events",
                    metric,
                    "Sum",
                    f"{rule}: {metric}",
                    EventBusName=f"{STACK}-bus",
                    RuleName=f"{STACK}-{rule}",
                )
                for rule in RULES
                for metric in ("FailedInvocations", "InvocationsSentToDlq", "InvocationsFailedToBeSentToDlq")
            ],
        ),
        _graph(
            "State machines: throttled",
            [_line("AWS/States", "ExecutionThrottled", "Sum", one.name, StateMachineArn=one.arn) for one in MACHINES],
        ),
        _graph(
            "Firewall: refused",
            [_line("AWS/WAFV2", "BlockedRequests", "Sum", WebACL=f"{STACK}-api", Region=REGION, Rule="ALL")],
        ),
    ]


def _machines() -> list[Json]:
    relay = _line("AWS/Lambda", "IteratorAge", "Maximum", "the stream, ms", FunctionName=f"{STACK}-relay")
    unsent = [*_line(*UNSENT, "the oldest event not sent, s", Stack=STACK)]
    unsent[-1]["yAxis"] = "right"
    return [
        _graph("Relay lag", [relay, unsent]),
        *(
            _graph(title, [_line("AWS/States", metric, "Sum", one.name, StateMachineArn=one.arn) for one in MACHINES])
            for title, metric in (
                ("State machines: failed", "ExecutionsFailed"),
                ("State machines: done", "ExecutionsSucceeded"),
            )
        ),
    ]


def _tables() -> list[Json]:
    shown = {
        "Tables: units read": "ConsumedReadCapacityUnits",
        "Tables: units written": "ConsumedWriteCapacityUnits",
    }
    throttled = [
        _line("AWS/DynamoDB", f"{kind}ThrottleEvents", "Sum", f"{name}, {kind.lower()}", TableName=f"{STACK}-{name}")
        for name in TABLES
        for kind in ("Read", "Write")
    ]
    return [
        *(
            _graph(title, [_line("AWS/DynamoDB", metric, "Sum", name, TableName=f"{STACK}-{name}") for name in TABLES])
            for title, metric in shown.items()
        ),
        _graph("Tables: throttled", throttled),
    ]


def _graph(title: str, metrics: list[Line]) -> Json:
    shown = {"title": title, "region": REGION, "view": "timeSeries", "stacked": False, "period": 60}
    return {"type": "metric", "properties": {**shown, "metrics": metrics}}


def _placed(number: int, widget: Json) -> Json:
    row, column = divmod(number, IN_A_ROW)
    return {**widget, "x": column * WIDTH, "y": row * HEIGHT, "width": WIDTH, "height": HEIGHT}


def _line(namespace: str, metric: str, statistic: str, label: str = "", **dimensions: str) -> Line:
    named_by = [part for pair in dimensions.items() for part in pair]
    return [namespace, metric, *named_by, {"stat": statistic, "label": label or f"{metric} {statistic}"}]
