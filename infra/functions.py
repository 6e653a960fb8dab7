"""Every function: size, time, what it may do, what starts it. A new function is a line in app.py and an entry here."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from chalicelib.core.dynamo import TABLES
from infra import rights
from infra.messaging import REACT_TIMEOUT
from infra.names import API_FUNCTION, Json, arn_of, table_id
from infra.rights import READ, WRITE, Statement


@dataclass(frozen=True)
class Function:
    """What the template says about one function beside its code."""

    memory: int
    timeout: int
    statements: list[Statement]
    events: Json = field(default_factory=dict)


def functions(deployed: set[str]) -> dict[str, Function]:
    """The table, for the functions that app.py deploys."""
    return {name: make() for name, make in MAKERS.items() if name in deployed}


def _api() -> Function:
    every = list(TABLES)
    return Function(
        memory=512,
        timeout=29,
        statements=[
            rights.tables(every, READ + WRITE),
            *rights.query_indexes(every),
            rights.read_secret(),
            rights.files(["s3:GetObject", "s3:DeleteObject"], "reports/"),
            rights.saga(["states:StartExecution"]),
            rights.saga_executions(["states:DescribeExecution", "states:StopExecution"]),
        ],
    )


def _relay() -> Function:
    source: dict[str, Any] = {
        "Stream": {"Fn::GetAtt": [table_id("events"), "StreamArn"]},
        "StartingPosition": "TRIM_HORIZON",
        "BatchSize": 100,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "BisectBatchOnFunctionError": True,
        "MaximumRetryAttempts": 20,
        "FilterCriteria": {"Filters": [{"Pattern": '{"eventName": ["INSERT"]}'}]},
    }
    return Function(
        memory=256,
        timeout=30,
        statements=[
            rights.read_stream("events"),
            rights.tables(["events"], ["dynamodb:UpdateItem", "dynamodb:Query", "dynamodb:GetItem"]),
            *rights.query_indexes(["events"]),
            rights.publish(),
        ],
        events={"EventsStream": {"Type": "DynamoDB", "Properties": source}},
    )


def _sweep() -> Function:
    schedule = {"Schedule": "rate(1 minute)"}
    return Function(
        memory=256,
        timeout=50,
        statements=[
            rights.tables(["events"], ["dynamodb:UpdateItem", "dynamodb:Query", "dynamodb:GetItem"]),
            *rights.query_indexes(["events"]),
            rights.publish(),
        ],
        events={"EveryMinute": {"Type": "Schedule", "Properties": schedule}},
    )


def _react() -> Function:
    every = list(TABLES)
    source = {
        "Queue": arn_of("ReactQueue"),
        "BatchSize": 10,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": {"MaximumConcurrency": 5},
    }
    return Function(
        memory=256,
        timeout=REACT_TIMEOUT,
        statements=[
            rights.consume("ReactQueue"),
            rights.tables(every, READ + WRITE),
            *rights.query_indexes(every),
        ],
        events={"ReactQueue": {"Type": "SQS", "Properties": source}},
    )


MAKERS: dict[str, Callable[[], Function]] = {
    API_FUNCTION: _api,
    "relay": _relay,
    "sweep": _sweep,
    "react": _react,
}
