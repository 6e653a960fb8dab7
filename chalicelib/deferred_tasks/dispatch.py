"""Messages to the functions `run_deferred` and `run_outside` for the time when a task or a schedule is due.

Up to 15 minutes ahead the message waits in the queue (its delay). For later times the EventBridge Scheduler puts the
same message into the queue some minutes ahead, because it is precise to a minute only; the queue's delay does the rest.
State is written before its message is sent; the sweep finds what has lost its message.

Tasks that call external hosts go to the queue `outside`. The Scheduler and the sweep do not know types: their messages
go to `run_deferred`, which passes them on.
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

MAX_AHEAD = timedelta(days=360)  # of one schedule of the Scheduler; later times take several, one after the other

Wake = tuple[Mapping[str, Any], datetime]
"""A message (`{"task": 1}`, `{"task": 1, "outside": true}` or `{"schedule": "<uuid>"}`), and when it is due."""


def is_far(due_at: datetime, at: datetime) -> bool:
    """Return whether a time is too far ahead for the delay of the queue."""
    return due_at - at > timedelta(seconds=settings().deferred_direct_seconds)


def wake_tasks(tasks: Iterable[Task]) -> None:
    """Send messages for the times when tasks are due."""
    wake([(_message(task), task.due_at) for task in tasks if task.due_at])


def _message(task: Task) -> dict[str, Any]:
    about = {"task": task.number}
    return {**about, "outside": True} if registry.is_outside(task.task_type) else about


def wake(wakes: Iterable[Wake]) -> None:
    """Send messages for the times when they are due. When AWS does not accept one, the sweep sends it later."""
    at = clock.now()
    near: dict[str, list[queues.Message]] = {}
    for what, due_at in wakes:
        message = {**what, "due": clock.to_text(due_at)}
        if is_far(due_at, at):
            _create_schedule(message, due_at, at)
        else:
            url = settings().outside_queue_url if message.get("outside") else settings().deferred_queue_url
            near.setdefault(url, []).append((message, max(0, int((due_at - at).total_seconds()))))
    for url, messages in near.items():
        try:
            queues.send(url, messages)
        except (ClientError, BotoCoreError) as error:
            log.error("messages are left to the sweep", extra={"messages": len(messages), "reason": str(error)})


def unschedule(number: int, due_at: datetime) -> None:
    """Delete the schedule of a task that was due then. Nothing depends on it: its message would have no effect."""
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
    """Return a name made of message and time, so that scheduling twice makes one schedule."""
    kind = "task" if "task" in what else "schedule"
    return f"{kind}-{what[kind]}-{int(moment.timestamp())}"


def _create_schedule(message: Mapping[str, Any], due_at: datetime, at: datetime) -> None:
    moment = min(due_at - _lead(), at + MAX_AHEAD)
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
            log.error("messages are left to the sweep", extra={"wakes": message, "reason": str(error)})
    except BotoCoreError as error:
        log.error("messages are left to the sweep", extra={"wakes": message, "reason": str(error)})
