"""Kinds of work: a new one is a function with `@task_kind`, in this module.

    @task_kind("resolve <host>", roles=("engineer", "manager", "admin"))
    def resolve(host: str) -> str: ...

The text of a task is compared with the words of the pattern, in any case; `<host>` matches any one word. A text that
matches no pattern is the simulated wait. A function may have a parameter `job`, the task. It returns the `result` of
the task, or raises Failure. `wait` returns how long the state machine waits before the function is called. `roles` are
those that may make such tasks, by default all: checked when a task is made, and for its maker again when it runs. A
function may be called again after it has succeeded, when its result could not be written: effects that must not happen
twice have to be identified by the number of the task.
"""

import hashlib
import inspect
import random
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from chalicelib.core import clock, outgoing
from chalicelib.core.actor import ROLES, Actor, listed
from chalicelib.core.errors import Forbidden
from chalicelib.core.settings import settings
from chalicelib.core.texts import text
from chalicelib.long_tasks import model
from chalicelib.long_tasks.model import Failure, Task

FETCH_SECONDS = 30.0
FETCH_BYTES = 50 * 1024 * 1024

Work = Callable[..., str]
Wait = Callable[[], timedelta]
Function = TypeVar("Function", bound=Work)


@dataclass(frozen=True)
class Job:
    """The task that a function works for."""

    number: int
    user_id: int
    started_at: datetime


@dataclass(frozen=True)
class Kind:
    """A function, the pattern of its texts, the wait before it, and the roles that may make its tasks."""

    pattern: re.Pattern[str]
    work: Work
    wait: Wait
    roles: frozenset[str] = frozenset(ROLES)


_kinds: list[Kind] = []


def no_wait() -> timedelta:
    """Return no wait."""
    return timedelta()


def simulated_wait() -> timedelta:
    """Return the random wait of the simulated work: 3 to 5 minutes, seconds on the local stage."""
    return timedelta(seconds=random.randint(settings().long_wait_min, settings().long_wait_max))


def task_kind(pattern: str, wait: Wait = no_wait, *, roles: Collection[str] = ROLES) -> Callable[[Function], Function]:
    """Register a function for the tasks whose text matches the pattern; of several, the first is called."""
    words = [re.sub(r"^<(\w+)>$", r"(?P<\1>\\S+)", word) for word in pattern.split()]

    def register(work: Function) -> Function:
        _kinds.append(Kind(re.compile(r"\s+".join(words), re.IGNORECASE), work, wait, frozenset(roles)))
        return work

    return register


def wait_for(task: Task) -> timedelta:
    """Return how long a task waits before its work."""
    return _of(task.text)[0].wait()


def check_may_make(actor: Actor, task: str) -> None:
    """Raise Forbidden when none of the actor's roles may make tasks with that text."""
    roles = _of(task)[0].roles
    if roles.isdisjoint(actor.roles):
        raise Forbidden(
            text("task: задачи {kind} создают только роли: {roles}", kind=_named(task), roles=listed(roles))
        )


def refusal_reason(maker: Actor | None, text: str) -> str | None:
    """Return why a task is not done: its maker was deleted, or may not make it any more. None: it is done."""
    if maker is None:
        return model.OWNER_DELETED
    roles = _of(text)[0].roles
    return model.role_lost(_named(text), roles) if roles.isdisjoint(maker.roles) else None


def _named(text: str) -> str:
    """Return the first word of a text, which is a word of the pattern."""
    return text.split()[0].lower()


def name_of(text: str) -> str:
    """Return the name of the kind of a text: its first word; `wait` where it matches none."""
    return _named(text) if any(kind.pattern.fullmatch(text) for kind in _kinds) else "wait"


def run(task: Task) -> str:
    """Do the work of a task; return its result, or raise Failure."""
    kind, words = _of(task.text)
    arguments: dict[str, Any] = {**words}
    if "job" in inspect.signature(kind.work).parameters:
        arguments["job"] = Job(task.number, task.user_id, task.started_at or task.created_at)
    return kind.work(**arguments)


def _of(text: str) -> tuple[Kind, dict[str, str]]:
    for kind in _kinds:
        if fits := kind.pattern.fullmatch(text):
            return kind, fits.groupdict()
    return Kind(re.compile(""), simulated_work, simulated_wait), {}


def simulated_work(job: Job) -> str:
    """Return the milliseconds from the start to now."""
    return str(round((clock.now() - job.started_at).total_seconds() * 1000))


@task_kind("fetch <url>", roles=("engineer", "manager", "admin"))
def fetch(url: str) -> str:
    """Download a URL; return status, size in bytes and SHA-256, for any status. Redirects are not followed."""
    digest = hashlib.sha256()
    headers = {"User-Agent": "shopfloor", "Accept": "*/*"}
    try:
        got = outgoing.download(url, headers, FETCH_SECONDS, most=FETCH_BYTES, into=digest.update)
    except outgoing.Failed as failed:
        raise Failure(failed.text) from failed
    return f"status={got.status} size={got.size} sha256={digest.hexdigest()}"
