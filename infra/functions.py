"""Every function: size, time, what it may do, what starts it. A new function is a line in app.py and an entry here."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from chalicelib.core.dynamo import TABLES
from infra import rights
from infra.messaging import REACT_TIMEOUT
from infra.names import API_FUNCTION, Json, arn_of, table_id
from infra.rights import READ, WRITE, Statement

IDEMPOTENCY = ("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem")
SERVICE_TABLES = ("counters", "events", "idempotency")


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
    return Function(
        memory=512,
        timeout=29,
        statements=[
            *_data_rights(),
            *_outbox_rights(),
            rights.tables(["idempotency"], IDEMPOTENCY),
            rights.files(["s3:GetObject", "s3:PutObject"], "work/idempotency/"),
            rights.read_secret(),
            rights.files(["s3:GetObject", "s3:DeleteObject"], "reports/"),
            rights.files(["s3:DeleteObject"], "work/"),
            rights.saga(["states:StartExecution"]),
            rights.saga_executions(["states:StopExecution"]),
        ],
    )


def _data_rights() -> list[Statement]:
    """Reading and changing what the packages own, lists and counters included."""
    data = [name for name in TABLES if name not in SERVICE_TABLES]
    return [
        rights.tables(data, READ + WRITE),
        *rights.query_indexes(data),
        rights.tables(["counters"], ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:UpdateItem"]),
    ]


def _outbox_rights() -> list[Statement]:
    """Recording events and reading the log."""
    return [rights.tables(["events"], ["dynamodb:PutItem", "dynamodb:Query"])]


def _relay_rights() -> list[Statement]:
    """Finding what is not sent, sending it, marking it."""
    return [
        *rights.query_indexes(["events"]),
        rights.tables(["events"], ["dynamodb:BatchWriteItem"]),
        rights.publish(),
    ]


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
            *_relay_rights(),
        ],
        events={"EventsStream": {"Type": "DynamoDB", "Properties": source}},
    )


def _sweep() -> Function:
    schedule = {"Schedule": "rate(1 minute)"}
    return Function(
        memory=256,
        timeout=50,
        statements=[
            *_relay_rights(),
            *_saga_rights(),
            rights.tables(["sagas"], ["dynamodb:DeleteItem"]),
            *rights.query_indexes(["sagas"]),
            rights.files(["s3:DeleteObject"], "reports/"),
            rights.files(["s3:DeleteObject"], "work/"),
            rights.saga(["states:StartExecution"]),
            rights.saga_executions(["states:DescribeExecution"]),
        ],
        events={"EveryMinute": {"Type": "Schedule", "Properties": schedule}},
    )


def _react() -> Function:
    source = {
        "Queue": arn_of("ReactQueue"),
        "BatchSize": 1,  # one long purge holds nobody else up
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": {"MaximumConcurrency": 5},
    }
    return Function(
        memory=256,
        timeout=REACT_TIMEOUT,
        statements=[
            rights.consume("ReactQueue"),
            # batch.deleted: products are purged and counted out
            rights.tables(["products"], ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:DeleteItem"]),
            rights.tables(["counters"], ["dynamodb:UpdateItem"]),
        ],
        events={"ReactQueue": {"Type": "SQS", "Properties": source}},
    )


def _saga_rights() -> list[Statement]:
    """What every step does: read and change the saga and its report, count, record events."""
    return [
        rights.tables(["sagas", "reports"], ["dynamodb:GetItem", "dynamodb:PutItem"]),
        rights.tables(["sagas", "counters"], ["dynamodb:UpdateItem"]),
        rights.tables(["events"], ["dynamodb:PutItem"]),
    ]


def _step(*extra: Statement, memory: int = 256, timeout: int = 20) -> Function:
    return Function(memory=memory, timeout=timeout, statements=[*_saga_rights(), *extra])


def _report_validate_template() -> Function:
    return _step(rights.tables(["report_templates", "batches"], ["dynamodb:GetItem"]))


def _report_collect_data() -> Function:
    return _step(
        rights.tables(["batches"], ["dynamodb:GetItem", "dynamodb:BatchGetItem"]),
        rights.tables(["work_centers"], ["dynamodb:GetItem"]),
        rights.tables(["products"], ["dynamodb:Query"]),
        rights.tables(["counters"], ["dynamodb:BatchGetItem"]),
        *rights.query_indexes(["batches"]),
        rights.files(["s3:PutObject"], "work/"),
        memory=512,
        timeout=170,
    )


def _report_generate() -> Function:
    # the memory is for the processor that comes with it: the report itself needs about 100 MB
    return _step(rights.files(["s3:GetObject", "s3:PutObject"], "work/"), memory=1024, timeout=170)


def _report_store_file() -> Function:
    return _step(
        rights.files(["s3:GetObject"], "work/"),
        rights.files(["s3:GetObject", "s3:PutObject"], "reports/"),
        timeout=50,
    )


def _report_tidy() -> Function:
    """The last step and the undoing: both remove files."""
    removal = (rights.files(["s3:DeleteObject"], prefix) for prefix in ("reports/", "work/"))
    return _step(*removal, timeout=50)


MAKERS: dict[str, Callable[[], Function]] = {
    API_FUNCTION: _api,
    "relay": _relay,
    "sweep": _sweep,
    "react": _react,
    "report_validate_user": _step,
    "report_validate_template": _report_validate_template,
    "report_collect_data": _report_collect_data,
    "report_generate": _report_generate,
    "report_store_file": _report_store_file,
    "report_notify": _report_tidy,
    "report_compensate": _report_tidy,
}
