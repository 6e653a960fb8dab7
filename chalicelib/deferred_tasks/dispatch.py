"""Waking the function `run_deferred` when something is due.

Up to 15 minutes ahead the queue's own delay does it. Later than that the EventBridge Scheduler puts the same message
into the queue, some minutes ahead of the time, because it is precise to a minute only; the delay does the rest. State
is written before its message is sent, so a message that is lost is found by the sweep.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from json import dumps
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.core import clock, queues
from chalicelib.core.aws import client
from chalicelib.core.logs import log
from chalicelib.core.settings import settings
from chalicelib.deferred_tasks.model import Task

FARTHEST = timedelta(days=360)  # of one schedule of the Scheduler; what is later takes several

Wake = tuple[Mapping[str, Any], datetime]
"""What is woken (`{"task": 1}`, `{"schedule": "<uuid>"}`), and when it is due."""


def is_far(due_at: datetime, at: datetime) -> bool:
    """Whether it is too far away for the queue alone."""
    return due_at - at > timedelta(seconds=settings().deferred_direct_seconds)


def wake_task(task: Task) -> None:
    """Have a task run when it is due."""
    if task.due_at:
        wake([({"task": task.number}, task.due_at)])


def wake(wanted: Iterable[Wake]) -> None:
    """Have things done when they are due. When AWS does not take it, the sweep does it later."""
    at, near = clock.now(), []
    for what, due_at in wanted:
        message = {**what, "due": clock.to_text(due_at)}
        if is_far(due_at, at):
            _tell_scheduler(message, due_at, at)
        else:
            near.append((message, max(0, int((due_at - at).total_seconds()))))
    try:
        queues.send(settings().deferred_queue_url, near)
    except (ClientError, BotoCoreError) as error:
        log.error("what is due waits for the sweep", extra={"messages": len(near), "reason": str(error)})


def forget(number: int, due_at: datetime) -> None:
    """Take back what the Scheduler was told of a task that was due then: a courtesy, nothing depends on it."""
    name = _name({"task": number}, due_at - _lead())
    try:
        client("scheduler").delete_schedule(GroupName=settings().schedule_group, Name=name)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            log.warning("a schedule was left", extra={"schedule": name, "reason": str(error)})
    except BotoCoreError as error:
        log.warning("a schedule was left", extra={"schedule": name, "reason": str(error)})


def _lead() -> timedelta:
    return timedelta(seconds=settings().deferred_lead_seconds)


def _name(what: Mapping[str, Any], moment: datetime) -> str:
    """Made of what is woken and when, so that telling twice makes one schedule."""
    kind = "task" if "task" in what else "schedule"
    return f"{kind}-{what[kind]}-{int(moment.timestamp())}"


def _tell_scheduler(message: Mapping[str, Any], due_at: datetime, at: datetime) -> None:
    moment = min(due_at - _lead(), at + FARTHEST)
    target = {
        "Arn": settings().deferred_queue_arn,
        "RoleArn": settings().scheduler_role_arn,
        "Input": dumps(message),
        "DeadLetterConfig": {"Arn": settings().deferred_dlq_arn},
    }
    try:
        client("scheduler").create_schedule(
            GroupName=settings().schedule_group,
            Name=_name(message, moment),
            ScheduleExpression=f"at({moment:%Y-%m-%dT%H:%M:%S})",
            FlexibleTimeWindow={"Mode": "OFF"},
            ActionAfterCompletion="DELETE",
            Target=target,
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConflictException":
            log.error("what is due waits for the sweep", extra={"wakes": message, "reason": str(error)})
    except BotoCoreError as error:
        log.error("what is due waits for the sweep", extra={"wakes": message, "reason": str(error)})
