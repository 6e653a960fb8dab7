"""The worker of background tasks, with the rights of each kind of task."""

from infra import rights
from infra.functions.function import Function, Makers, from_queue
from infra.machines import AGGREGATION
from infra.messaging import WORK_TIMEOUT
from infra.rights import Statement


def task_rights() -> list[Statement]:
    """Return the rights for every task: read it, save its progress, end it with an event, or continue it in another
    call.
    """
    return [
        rights.tables(["background_tasks"], ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]),
        rights.tables(["background_tasks"], ["dynamodb:ConditionCheckItem"]),
        rights.tables(["counters"], ["dynamodb:UpdateItem"]),
        rights.tables(["events"], ["dynamodb:PutItem"]),
        rights.send("WorkQueue"),
    ]


def _exchange_rights() -> list[Statement]:
    """Return the rights of imports and exports: batches, products, work centres, and intermediate files."""
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
    """Return the rights to add products, beside those of an import, and to start aggregations."""
    return [
        rights.tables(["products"], ["dynamodb:DeleteItem"]),  # `rollback` removes the added products
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
        sends_to_itself=True,
    )


MAKERS: Makers = {"work": _work}
