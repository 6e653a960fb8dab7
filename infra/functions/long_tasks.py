"""Long tasks."""

from infra import rights
from infra.functions.function import Function, Makers
from infra.machines import LONG_TASK
from infra.rights import Statement


def api_rights() -> list[Statement]:
    """What the api does beside reading and writing tables."""
    return [rights.machine(LONG_TASK, ["states:StartExecution"])]


def sweep_rights() -> list[Statement]:
    """What the sweep does."""
    return []


def _run_long_task() -> Function:
    return Function(memory=256, timeout=60, statements=[])


MAKERS: Makers = {"run_long_task": _run_long_task}
