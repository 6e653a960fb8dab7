"""Kinds of work: a new one is a function with `@task_kind`, in this module.

    @task_kind("resolve <host>", roles=("engineer", "manager", "admin"))
    def resolve(host: str) -> str: ...

The task's text decides: its words are held against those of the pattern, in any case, and `<host>` takes any one word.
A text that fits none is the simulated wait. Who wants to know the task it works for takes a parameter `job`. What is
returned is the task's `result`; Failure says that it cannot be done. `wait` tells how long it is until the function is
called, without compute. `roles` are those that may make such tasks, all unless it is given: asked when a task is made,
and of its maker again when it runs. A function may be called again after it has done its work, when that could not be
noted: what must not happen twice has to know the job by its number.
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
    """A function, the texts that mean it, the wait before it, and the roles that may have it done."""

    pattern: re.Pattern[str]
    work: Work
    wait: Wait
    roles: frozenset[str] = frozenset(ROLES)


_kinds: list[Kind] = []


def at_once() -> timedelta:
    """No wait."""
    return timedelta()


def simulated() -> timedelta:
    """As long as an operation of the document takes: 3 to 5 minutes, seconds on the local stage."""
    return timedelta(seconds=random.randint(settings().long_wait_min, settings().long_wait_max))


def task_kind(pattern: str, wait: Wait = at_once, *, roles: Collection[str] = ROLES) -> Callable[[Function], Function]:
    """Makes a function the one that does the tasks whose text fits the pattern; of several, the first. Only those
    roles may make such tasks.
    """
    words = [re.sub(r"^<(\w+)>$", r"(?P<\1>\\S+)", word) for word in pattern.split()]

    def register(work: Function) -> Function:
        _kinds.append(Kind(re.compile(r"\s+".join(words), re.IGNORECASE), work, wait, frozenset(roles)))
        return work

    return register


def wait_for(task: Task) -> timedelta:
    """How long a task waits before its work."""
    return _of(task.text)[0].wait()


def check_may_make(actor: Actor, text: str) -> None:
    """Forbidden when none of the actor's roles may make tasks with that text."""
    roles = _of(text)[0].roles
    if roles.isdisjoint(actor.roles):
        raise Forbidden(f"task: задачи {_named(text)} создают только роли: {listed(roles)}")


def hindrance(maker: Actor | None, text: str) -> str | None:
    """Why a task with that text is not done for its maker, who may be gone by now; None when he may still make it."""
    if maker is None:
        return model.OWNER_DELETED
    roles = _of(text)[0].roles
    return model.role_lost(_named(text), roles) if roles.isdisjoint(maker.roles) else None


def _named(text: str) -> str:
    """The kind of a text: its first word, which is not one of what the user meant."""
    return text.split()[0].lower()


def name_of(text: str) -> str:
    """What the kind of a text is called: its first word; `wait` where it fits none."""
    return _named(text) if any(kind.pattern.fullmatch(text) for kind in _kinds) else "wait"


def run(task: Task) -> str:
    """Do the work of a task; its result, or Failure."""
    kind, words = _of(task.text)
    given: dict[str, Any] = {**words}
    if "job" in inspect.signature(kind.work).parameters:
        given["job"] = Job(task.number, task.user_id, task.started_at or task.created_at)
    return kind.work(**given)


def _of(text: str) -> tuple[Kind, dict[str, str]]:
    for kind in _kinds:
        if fits := kind.pattern.fullmatch(text):
            return kind, fits.groupdict()
    return Kind(re.compile(""), simulated_work, simulated), {}


def simulated_work(job: Job) -> str:
    """The wait itself: the milliseconds it took from the start to now."""
    return str(round((clock.now() - job.started_at).total_seconds() * 1000))


@task_kind("fetch <url>", roles=("engineer", "manager", "admin"))
def fetch(url: str) -> str:
    """Get what lies there: status, size in bytes and SHA-256, whatever the status. Redirects are not followed."""
    digest = hashlib.sha256()
    headers = {"User-Agent": "shopfloor", "Accept": "*/*"}
    try:
        got = outgoing.download(url, headers, FETCH_SECONDS, most=FETCH_BYTES, into=digest.update)
    except outgoing.Failed as failed:
        raise Failure(failed.text) from failed
    return f"status={got.status} size={got.size} sha256={digest.hexdigest()}"
