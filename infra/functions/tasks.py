"""The worker of background tasks: what each kind of task may do."""

from infra import rights
from infra.functions.function import Function, Makers, from_queue
from infra.machines import AGGREGATION
from infra.messaging import WORK_TIMEOUT
from infra.rights import Statement


def task_rights() -> list[Statement]:
    """What everybody who works on a task does: read it, tell its progress, end it with an event; or have it go on later
    in another call.
    """
    return [
        rights.tables(["background_tasks"], ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]),
        rights.tables(["background_tasks"], ["dynamodb:ConditionCheckItem"]),
        rights.tables(["counters"], ["dynamodb:UpdateItem"]),
        rights.tables(["events"], ["dynamodb:PutItem"]),
        rights.send("WorkQueue"),
    ]


def _exchange_rights() -> list[Statement]:
    """Imports write batches, products, work centres; exports read them; what is half done lies in the bucket."""
    read = ["dynamodb:GetItem", "dynamodb:BatchGetItem"]
    return [
        rights.tables(["batches", "work_centers", "claims"], [*read, "dynamodb:PutItem"]),
        rights.tables(["products"], [*read, "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem"]),
        rights.tables(["batches", "batch_totals"], ["dynamodb:UpdateItem"]),
        rights.tables(["counters"], ["dynamodb:BatchGetItem"]),
        rights.tables(["files"], ["dynamodb:PutItem"]),
        *rights.query_indexes(["batches"]),
        *(rights.files(["s3:GetObject", "s3:PutObject"], f"work/{kind}/") for kind in ("imports", "exports")),
        rights.files(["s3:PutObject"], "files/1d/"),
    ]


def _bulk_rights() -> list[Statement]:
    """Adding products, beside what an import may do, and starting aggregations."""
    return [
        rights.tables(["products"], ["dynamodb:DeleteItem"]),  # `rollback` takes out what was added
        rights.files(["s3:GetObject"], "work/tasks/"),
        rights.machine(AGGREGATION, ["states:StartExecution"]),
    ]


def _work() -> Function:
    # the memory is for the processor that comes with it
    return Function(
        memory=1024,
        timeout=WORK_TIMEOUT,
        statements=[
            rights.consume("WorkQueue"),
            *task_rights(),
            *_exchange_rights(),
            *_bulk_rights(),
        ],
        events=from_queue("WorkQueue", batch=1, concurrency=5),
    )


MAKERS: Makers = {"work": _work}
