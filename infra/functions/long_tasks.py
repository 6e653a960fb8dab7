"""Long tasks."""

from infra import rights
from infra.functions.function import Function, Makers
from infra.functions.people import owners_rights
from infra.machines import LONG_TASK
from infra.rights import Statement


def api_rights() -> list[Statement]:
    """Return the rights of the API beside reading and writing tables."""
    return [rights.machine(LONG_TASK, ["states:StartExecution"])]


def sweep_rights() -> list[Statement]:
    """Return the rights of the sweep: check whether a task has an execution, and start another."""
    return [
        *rights.query_indexes(["long_tasks"]),
        rights.tables(["long_tasks"], ["dynamodb:BatchGetItem"]),
        *_work_rights(),
        rights.machine(LONG_TASK, ["states:StartExecution"]),
        rights.executions(LONG_TASK, ["states:DescribeExecution"]),
    ]


def _work_rights() -> list[Statement]:
    """Return the rights to read and change a task, with its event."""
    return [
        rights.tables(["long_tasks"], ["dynamodb:GetItem", "dynamodb:PutItem"]),
        rights.tables(["events"], ["dynamodb:PutItem"]),
    ]


def _run_long_task() -> Function:
    return Function(memory=256, timeout=60, statements=[*_work_rights(), *owners_rights()])


MAKERS: Makers = {"run_long_task": _run_long_task}
