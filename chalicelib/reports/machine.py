"""Executions of the state machine. Whatever goes wrong here, the sweep puts right: it starts what does not run."""

import json
from typing import Literal

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.core.aws import client
from chalicelib.core.logs import log
from chalicelib.core.settings import settings
from chalicelib.reports.model import Saga


def start(saga: Saga) -> None:
    """Start the execution of a saga. Its name says which one it is, so starting twice starts one."""
    action = "compensate" if saga.status == "compensating" else "run"
    states = client("stepfunctions")
    try:
        states.start_execution(
            stateMachineArn=settings().report_saga_arn,
            name=saga.execution,
            input=json.dumps({"saga_id": saga.saga_id, "run": saga.run, "action": action}),
        )
    except states.exceptions.ExecutionAlreadyExists:
        return
    except (ClientError, BotoCoreError) as error:
        log.error("the saga waits for the sweep", extra={"saga_id": saga.saga_id, "reason": str(error)})


def stop(execution: str) -> None:
    """Stop an execution; one that has ended, or never began, is as good as stopped."""
    try:
        client("stepfunctions").stop_execution(executionArn=_arn(execution), cause="cancelled")
    except (ClientError, BotoCoreError) as error:
        log.info("nothing to stop", extra={"execution": execution, "reason": str(error)})


def state(execution: str) -> Literal["running", "gone", "never started"]:
    """What became of an execution."""
    states = client("stepfunctions")
    try:
        status = states.describe_execution(executionArn=_arn(execution))["status"]
    except states.exceptions.ExecutionDoesNotExist:
        return "never started"
    return "running" if status == "RUNNING" else "gone"


def _arn(execution: str) -> str:
    return f"{settings().report_saga_arn.replace(':stateMachine:', ':execution:')}:{execution}"
