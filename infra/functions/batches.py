"""The steps of an aggregation in the background."""

from infra import rights
from infra.functions.function import Function, Makers
from infra.functions.tasks import task_rights
from infra.rights import Statement

TIMEOUT = 50  # of a step; the timeout of the state machine is a little longer


def _step(*extra: Statement, memory: int = 256) -> Function:
    reservation = rights.tables(["batches"], ["dynamodb:GetItem", "dynamodb:UpdateItem"])
    return Function(memory=memory, timeout=TIMEOUT, statements=[*task_rights(), reservation, *extra])


def _aggregate_chunk() -> Function:
    # the memory is for the processor that comes with it
    return _step(
        rights.tables(["products"], ["dynamodb:Query", "dynamodb:BatchGetItem", "dynamodb:PutItem"]),
        rights.tables(["products", "batch_totals"], ["dynamodb:UpdateItem"]),
        rights.files(["s3:GetObject", "s3:PutObject"], "work/tasks/"),
        memory=1024,
    )


def _aggregate_finish() -> Function:
    return _step(
        rights.files(["s3:GetObject"], "work/tasks/"),
        rights.files(["s3:PutObject"], "files/1d/"),
        rights.tables(["files"], ["dynamodb:PutItem"]),
        memory=512,
    )


MAKERS: Makers = {
    "aggregate_plan": _step,
    "aggregate_chunk": _aggregate_chunk,
    "aggregate_finish": _aggregate_finish,
}
