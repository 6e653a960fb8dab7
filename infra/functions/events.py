"""Functions of events: the relay, the sweep, the listeners."""

import json
from typing import Any

from infra import rights
from infra.functions import construction, deferred, long_tasks
from infra.functions.function import Function, Makers, every, from_queue
from infra.functions.reports import saga_rights
from infra.functions.webhooks import late_delivery_rights
from infra.machines import AGGREGATION, REPORT_SAGA
from infra.messaging import REACT_TIMEOUT
from infra.names import table_id
from infra.rights import Statement


def _relay_rights() -> list[Statement]:
    """Read unsent records and subscriptions, put events on the bus, mark records as sent."""
    return [
        *rights.query_indexes(["events"]),
        rights.tables(["events"], ["dynamodb:BatchGetItem", "dynamodb:BatchWriteItem"]),
        rights.tables(["webhook_subscriptions"], ["dynamodb:Query"]),
        rights.publish(),
    ]


UNSENT = {"eventName": ["INSERT"], "dynamodb": {"NewImage": {"lshard": {"S": [{"exists": True}]}}}}
"""Filter of the stream: new unsent records. What is not published is written as sent (events/store.py)."""


def _relay() -> Function:
    source: dict[str, Any] = {
        "Stream": {"Fn::GetAtt": [table_id("events"), "StreamArn"]},
        "StartingPosition": "TRIM_HORIZON",
        "BatchSize": 100,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "BisectBatchOnFunctionError": True,
        "MaximumRetryAttempts": 20,
        "FilterCriteria": {"Filters": [{"Pattern": json.dumps(UNSENT)}]},
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
    return Function(
        memory=256,
        timeout=50,
        statements=[
            *_relay_rights(),
            *saga_rights(),
            rights.tables(["sagas"], ["dynamodb:BatchGetItem", "dynamodb:DeleteItem"]),
            *rights.query_indexes(["sagas"]),
            rights.files(["s3:DeleteObject"], "reports/"),
            rights.files(["s3:DeleteObject"], "work/"),
            rights.machine(REPORT_SAGA, ["states:StartExecution"]),
            rights.executions(REPORT_SAGA, ["states:DescribeExecution"]),
            rights.tables(["background_tasks"], ["dynamodb:BatchGetItem", "dynamodb:DeleteItem"]),
            # tasks from before there was the index `due`
            rights.tables(["background_tasks"], ["dynamodb:UpdateItem"]),
            rights.tables(["counters"], ["dynamodb:BatchGetItem"]),
            *rights.query_indexes(["background_tasks"]),
            # aggregations whose execution waits keep the lease of their batch
            rights.executions(AGGREGATION, ["states:DescribeExecution"]),
            rights.tables(["batches"], ["dynamodb:UpdateItem"]),
            rights.send("WorkQueue"),
            rights.invoke("migrate"),  # one that was interrupted
            *late_delivery_rights(),
            *(statement for area in (construction, deferred, long_tasks) for statement in area.sweep_rights()),
        ],
        events=every("1 minute"),
    )


def _react() -> Function:
    return Function(
        memory=256,
        timeout=REACT_TIMEOUT,
        statements=[
            rights.consume("ReactQueue"),
            rights.deliver_again("ReactQueue"),
            # batch.deleted: deletes the items of its products
            rights.tables(["products"], ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:DeleteItem"]),
            rights.tables(["products"], ["dynamodb:BatchWriteItem"]),
            # batch.report_mail_requested, report.mail_requested: sends the file once
            rights.tables(["files", "reports"], ["dynamodb:GetItem"]),
            rights.files(["s3:GetObject"], "files/7d/"),
            rights.files(["s3:GetObject"], "reports/"),
            rights.tables(["idempotency"], ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"]),
            rights.send_mail(),
            rights.circuits(),
            # user.invited, user.password_forgotten: creates a link and sends it once
            rights.tables(["users"], ["dynamodb:GetItem", "dynamodb:UpdateItem"]),
            # user.deleted: deletes the orders of the user and subtracts them from counters
            rights.tables(["orders"], ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:DeleteItem"]),
            *rights.query_indexes(["orders"]),
            rights.tables(["counters", "order_totals"], ["dynamodb:UpdateItem"]),
            rights.tables(["events"], ["dynamodb:PutItem"]),
            # webhook.disabled: notifies the owner
            rights.tables(["webhook_subscriptions"], ["dynamodb:GetItem", "dynamodb:UpdateItem"]),
            *construction.react_rights(),
        ],
        events=from_queue("ReactQueue", batch=1, concurrency=5),  # so that a long deletion delays no other event
    )


MAKERS: Makers = {"relay": _relay, "sweep": _sweep, "react": _react}
