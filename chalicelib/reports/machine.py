"""Executions of the state machine that makes reports."""

from chalicelib.core import later_work
from chalicelib.core.later_work import ExecutionState
from chalicelib.core.settings import settings
from chalicelib.reports.model import Saga


def start(saga: Saga) -> None:
    """Start the execution of a saga's run."""
    action = "compensate" if saga.status == "compensating" else "run"
    data = {"saga_id": saga.saga_id, "run": saga.run, "action": action}
    later_work.start_execution_or_leave(settings().report_saga_arn, saga.execution, data)


def stop(execution: str) -> None:
    """Stop an execution, if it runs."""
    later_work.stop_execution(settings().report_saga_arn, execution)


def state(execution: str) -> ExecutionState:
    """Return whether an execution runs."""
    return later_work.execution_state(settings().report_saga_arn, execution)
