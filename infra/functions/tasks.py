"""The worker of background tasks: what each kind of task may do."""

from infra import rights
from infra.functions.function import Function, Makers, from_queue
from infra.messaging import WORK_TIMEOUT
from infra.rights import Statement


def task_rights() -> list[Statement]:
    """What everybody who works on a task does: read it, tell its progress, end it with an event."""
    return [
        rights.tables(["background_tasks"], ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]),
        rights.tables(["counters"], ["dynamodb:UpdateItem"]),
        rights.tables(["events"], ["dynamodb:PutItem"]),
    ]


def _work() -> Function:
    # the memory is for the processor that comes with it
    return Function(
        memory=1024,
        timeout=WORK_TIMEOUT,
        statements=[
            rights.consume("WorkQueue"),
            *task_rights(),
            rights.send("WorkQueue"),  # a task that ran out of time goes on in another call
        ],
        events=from_queue("WorkQueue", batch=1, concurrency=5),
    )


MAKERS: Makers = {"work": _work}
