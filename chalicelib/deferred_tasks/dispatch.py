"""Waking the functions `run_deferred` and `run_outside` when something is due.

Up to 15 minutes ahead the queue's own delay does it. Later than that the EventBridge Scheduler puts the same message
into the queue, some minutes ahead of the time, because it is precise to a minute only; the delay does the rest. State
is written before its message is sent, so a message that is lost is found by the sweep.

What calls hosts of others waits in the queue `outside` for `run_outside`. The Scheduler and the sweep know nothing of
types: what they wake goes to `run_deferred`, which passes it on.
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
from chalicelib.deferred_tasks import registry
from chalicelib.deferred_tasks.model import Task

FARTHEST = timedelta(days=360)  # of one schedule of the Scheduler; what is later takes several

Wake = tuple[Mapping[str, Any], datetime]
"""What is woken (`{"task": 1}`, `{"task": 1, "outside": true}`, `{"schedule": "<uuid>"}`), and when it is due."""


def is_far(due_at: datetime, at: datetime) -> bool:
    """Whether it is too far away for the queue alone."""
    return due_at - at > timedelta(seconds=settings().deferred_direct_seconds)


def wake_tasks(tasks: Iterable[Task]) -> None:
    """Have tasks run when they are due."""
    wake([(_message(task), task.due_at) for task in tasks if task.due_at])


def _message(task: Task) -> dict[str, Any]:
    about = {"task": task.number}
    return {**about, "outside": True} if registry.is_outside(task.task_type) else about


def wake(wanted: Iterable[Wake]) -> None:
    """Have things done when they are due. When AWS does not take it, the sweep does it later."""
    at = clock.now()
    near: dict[str, list[queues.Message]] = {}
    for what, due_at in wanted:
        message = {**what, "due": clock.to_text(due_at)}
        if is_far(due_at, at):
            _tell_scheduler(message, due_at, at)
        else:
            url = settings().outside_queue_url if message.get("outside") else settings().deferred_queue_url
            near.setdefault(url, []).append((message, max(0, int((due_at - at).total_seconds()))))
    for url, messages in near.items():
        try:
            queues.send(url, messages)
        except (ClientError, BotoCoreError) as error:
            log.error("what is due waits for the sweep", extra={"messages": len(messages), "reason": str(error)})


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
