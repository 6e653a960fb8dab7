"""The CloudWatch dashboard: what an operator looks at first. AWS keeps three of them for nothing."""

import json
from typing import Any

from infra.alarms import QUEUES
from infra.machines import MACHINES
from infra.names import Json, named, sub

WIDTH, HEIGHT, IN_A_ROW = 8, 6, 3
STACK, REGION = "${AWS::StackName}", "${AWS::Region}"

Line = list[Any]


def resources() -> Json:
    """The dashboard, named like the stack."""
    body = {"start": "-PT3H", "widgets": [_placed(number, one) for number, one in enumerate(_widgets())]}
    text = json.dumps(body, ensure_ascii=False)
    properties = {"DashboardName": named("overview"), "DashboardBody": sub(text)}
    return {"Dashboard": {"Type": "AWS::CloudWatch::Dashboard", "Properties": properties}}


def _widgets() -> list[Json]:
    api = {"ApiName": f"{STACK}-api"}
    return [
        _graph("Requests", [_line("AWS/ApiGateway", "Count", "Sum", **api)]),
        _graph(
            "Errors of the API",
            [_line("AWS/ApiGateway", name, "Sum", **api) for name in ("4XXError", "5XXError")],
        ),
        _graph("Latency, ms", [_line("AWS/ApiGateway", "Latency", how, **api) for how in ("p50", "p95", "p99")]),
        _graph("Errors of functions", [_search("AWS/Lambda", "FunctionName", "Errors")]),
        _graph("Throttled functions", [_search("AWS/Lambda", "FunctionName", "Throttles")]),
        _graph("Running at the same time", [_search("AWS/Lambda", "FunctionName", "ConcurrentExecutions", "Maximum")]),
        _graph(
            "Dead letters",
            [
                _line("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", QueueName=f"{STACK}-{name}-dlq")
                for name in QUEUES
            ],
        ),
        _graph(
            "Age of the oldest message, s",
            [
                _line("AWS/SQS", "ApproximateAgeOfOldestMessage", "Maximum", QueueName=f"{STACK}-{name}")
                for name in QUEUES
            ],
        ),
        _graph("Relay lag, ms", [_line("AWS/Lambda", "IteratorAge", "Maximum", FunctionName=f"{STACK}-relay")]),
        _graph(
            "State machines: failed",
            [_line("AWS/States", "ExecutionsFailed", "Sum", StateMachineArn=machine.arn) for machine in MACHINES],
        ),
        _graph(
            "State machines: done",
            [_line("AWS/States", "ExecutionsSucceeded", "Sum", StateMachineArn=machine.arn) for machine in MACHINES],
        ),
        _graph("Capacity of tables, written", [_search("AWS/DynamoDB", "TableName", "ConsumedWriteCapacityUnits")]),
    ]


def _graph(title: str, metrics: list[Line]) -> Json:
    shown = {"title": title, "region": REGION, "view": "timeSeries", "stacked": False, "period": 60}
    return {"type": "metric", "properties": {**shown, "metrics": metrics}}


def _placed(number: int, widget: Json) -> Json:
    row, column = divmod(number, IN_A_ROW)
    return {**widget, "x": column * WIDTH, "y": row * HEIGHT, "width": WIDTH, "height": HEIGHT}


def _line(namespace: str, metric: str, statistic: str, **dimensions: str) -> Line:
    named_by = [part for pair in dimensions.items() for part in pair]
    return [namespace, metric, *named_by, {"stat": statistic}]


def _search(namespace: str, dimension: str, metric: str, statistic: str = "Sum") -> Line:
    """Every resource of the stack in one graph: their names begin with its name."""
    wanted = f'{{{namespace},{dimension}}} MetricName="{metric}" {dimension}="{STACK}-"'
    return [{"expression": f"SEARCH('{wanted}', '{statistic}', 60)"}]
