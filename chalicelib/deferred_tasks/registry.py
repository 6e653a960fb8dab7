"""Types of tasks: a new one is a function with `@task_type`, in a module that wiring/task_types.py names.

    @task_type("send_sms", roles=("manager", "admin"))
    def send_sms(payload: Sms) -> Result: ...

`roles` are those that may make such tasks; without it, all that may make tasks. They are asked when a task is made or
changed, and of its owner again when it runs. A function that calls hosts of others says with `calls` which one it will
call for a payload: such tasks have a queue and a function of their own (admission.py).
`payload` is validated by its annotation, a pydantic model; `Any` takes it as it is. Who wants to know the task it works
for takes a second parameter, `job`. What is returned is shown with the attempt. Failure says that it went badly. A
function may be called again after it has done its work, when its worker died before that was noted: what must not
happen twice has to know the job by its `key`.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, TypeVar, get_type_hints

from chalicelib.core.actor import Actor, listed
from chalicelib.core.errors import FieldProblem, Forbidden
from chalicelib.core.validation import read_body, sentence
from chalicelib.deferred_tasks import model
from chalicelib.deferred_tasks.model import Failure, Task

MODULES = "chalicelib.wiring.task_types"  # imports all types; named as text, because it stands above

Result = dict[str, Any] | None
Work = Callable[..., Result]
Function = TypeVar("Function", bound=Work)


@dataclass(frozen=True)
class Job:
    """The task that a function works for, and its owner as he is now."""

    number: int
    user_id: int
    attempt: int
    owner: Actor

    @property
    def key(self) -> str:
        """The same in every attempt of a task."""
        return f"deferred-task-{self.number}"


@dataclass(frozen=True)
class TaskType:
    """A function, what its payload has to look like, the roles that may make its tasks, and whom it calls outside."""

    work: Work
    payload: Any
    wants_job: bool
    roles: frozenset[str]
    quota: str | None
    calls: Callable[[Any], str] | None

    def run(self, task: Task, owner: Actor) -> Result:
        """One attempt; a payload that does not fit will never do."""
        payload, problems = self._read(task)
        if problems:
            raise Failure(f"payload: {sentence(problems)}", final=True)
        job = [Job(task.number, task.user_id, task.attempts, owner)] if self.wants_job else []
        return self.work(payload, *job)

    def host(self, task: Task) -> str | None:
        """The host outside that a task will call; None for none, also of a payload that does not fit."""
        if self.calls is None:
            return None
        payload, problems = self._read(task)
        return None if problems else self.calls(payload)

    def _read(self, task: Task) -> tuple[Any, list[FieldProblem]]:
        """The payload as the function takes it, and what is wrong with it."""
        problems: list[FieldProblem] = []
        given = {} if task.payload is None else task.payload
        payload = task.payload if self.payload is Any else read_body(self.payload, given, problems)
        return payload, problems


_types: dict[str, TaskType] = {}
TYPES: Mapping[str, TaskType] = _types


def task_type(
    name: str,
    *,
    roles: Collection[str] = model.TASK_MAKERS,
    quota: str | None = None,
    calls: Callable[[Any], str] | None = None,
) -> Callable[[Function], Function]:
    """Makes a function the one that does the tasks of that type, which only those roles may make.

    `quota`: the daily quota that each of them takes from, when it is made. `calls`: the host outside that it will call.
    """

    def register(work: Function) -> Function:
        hints = get_type_hints(work)
        _types[name] = TaskType(work, hints["payload"], "job" in hints, frozenset(roles), quota, calls)
        return work

    return register


def find(name: str) -> TaskType | None:
    """The type of that name. The api function imports the types with the first task that it is asked to make."""
    import_module(MODULES)
    return TYPES.get(name)


def is_outside(name: str) -> bool:
    """Whether tasks of that type call hosts of others."""
    found = find(name)
    return found is not None and found.calls is not None


def host_of(task: Task) -> str | None:
    """The host outside that a task will call; None when it calls none, or will fail before."""
    found = find(task.task_type)
    return found.host(task) if found else None


def roles_for(name: str) -> frozenset[str]:
    """The roles that may make tasks of that type; one that nobody knows is made by all, and fails when it runs."""
    found = find(name)
    return found.roles if found else frozenset(model.TASK_MAKERS)


def check_may_make(actor: Actor, name: str) -> None:
    """Forbidden when none of the actor's roles may make tasks of that type."""
    if roles_for(name).isdisjoint(actor.roles):
        raise Forbidden(f"task_type: задания {name} создают только роли: {listed(roles_for(name))}")


def quotas_of(names: Iterable[str]) -> dict[str, int]:
    """What tasks of these types take from the daily quotas of the one who makes them."""
    kinds = [found.quota for name in names if (found := find(name)) and found.quota]
    return dict(Counter(kinds))


def hindrance(owner: Actor | None, name: str) -> str | None:
    """Why a task of that type is not done for its owner, who may be gone by now; None when he may still make it."""
    if owner is None:
        return model.OWNER_DELETED
    roles = roles_for(name)
    return model.role_lost(f"заданий {name}", roles) if roles.isdisjoint(owner.roles) else None


def run(task: Task, owner: Actor | None) -> Result:
    """One attempt of a task by the function of its type, in the name of its owner."""
    reason = hindrance(owner, task.task_type)
    if owner is None or reason:
        raise Failure(reason or model.OWNER_DELETED, final=True)
    found = find(task.task_type)
    if found is None:
        raise Failure(model.UNKNOWN_TYPE, final=True)
    return found.run(task, owner)
