"""Executions of the state machine. Whatever goes wrong here, the sweep puts right: it starts what does not run."""

import json
from typing import Literal

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.core.aws import client
from chalicelib.core.logs import log
from chalicelib.core.settings import settings
from chalicelib.long_tasks.model import Task


def start(task: Task) -> None:
    """Start the execution of a task's run. Its name says which one it is, so starting twice starts one."""
    states = client("stepfunctions")
    try:
        states.start_execution(
            stateMachineArn=settings().long_task_arn,
            name=task.execution,
            input=json.dumps({"task_id": task.number, "user_id": task.user_id, "run": task.run}),
        )
    except states.exceptions.ExecutionAlreadyExists:
        return
    except (ClientError, BotoCoreError) as error:
        log.error("the long task waits for the sweep", extra={"task_id": task.number, "reason": str(error)})


def state(task: Task) -> Literal["running", "gone", "never started"]:
    """What became of the execution of a task's run."""
    states = client("stepfunctions")
    arn = f"{settings().long_task_arn.replace(':stateMachine:', ':execution:')}:{task.execution}"
    try:
        status = states.describe_execution(executionArn=arn)["status"]
    except states.exceptions.ExecutionDoesNotExist:
        return "never started"
    return "running" if status == "RUNNING" else "gone"
