"""The function `api`."""

from chalicelib.core.dynamo import TABLES
from infra import rights
from infra.functions import construction, deferred, long_tasks, people, system
from infra.functions.function import Function, Makers
from infra.machines import REPORT_SAGA
from infra.names import API_FUNCTION
from infra.rights import CHECK, READ, WRITE, Statement

IDEMPOTENCY = ("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem")
AREAS = (people, construction, deferred, long_tasks, system)
SERVICE_TABLES = ("breakers", "counters", "deferred_slots", "events", "idempotency", "limits", "migrations")


def _api() -> Function:
    return Function(
        memory=512,
        timeout=29,
        statements=[
            *_data_rights(),
            *_outbox_rights(),
            rights.tables(["idempotency"], IDEMPOTENCY),
            rights.files(["s3:GetObject", "s3:PutObject"], "work/idempotency/"),
            rights.files(
                ["s3:GetObject", "s3:PutObject"], "work/uploads/"
            ),  # signed upload forms, and reading the uploads
            rights.look_up("work/uploads/"),
            rights.files(["s3:PutObject"], "work/imports/"),
            rights.files(["s3:PutObject"], "work/tasks/"),
            rights.read_secret(),
            rights.send("WorkQueue"),
            rights.invoke("batch_report"),
            rights.send("DeliveriesQueue"),
            rights.files(["s3:GetObject"], "files/"),
            rights.files(["s3:GetObject", "s3:DeleteObject"], "reports/"),
            rights.files(["s3:DeleteObject"], "work/"),
            rights.machine(REPORT_SAGA, ["states:StartExecution"]),
            rights.executions(REPORT_SAGA, ["states:StopExecution"]),
            *(statement for area in AREAS for statement in area.api_rights()),
        ],
    )


def _data_rights() -> list[Statement]:
    """Return the rights to read and change the data of the packages, with lists and counters. A request with `If-Match`
    checks items of any of these tables in its transaction (core/guards.py).
    """
    data = [name for name in TABLES if name not in SERVICE_TABLES]
    return [
        rights.with_indexes(data, READ + WRITE + CHECK),
        rights.tables(["products"], ["dynamodb:BatchWriteItem"]),
        rights.tables(["counters"], ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:UpdateItem"]),
        rights.tables(["migrations"], ["dynamodb:GetItem"]),
    ]


def _outbox_rights() -> list[Statement]:
    """Return the rights to record events and read the log."""
    return [rights.tables(["events"], ["dynamodb:PutItem", "dynamodb:Query"])]


MAKERS: Makers = {API_FUNCTION: _api}
