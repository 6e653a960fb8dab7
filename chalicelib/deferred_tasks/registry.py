"""Types of tasks: a new one is a function with `@task_type`, in a module that wiring/task_types.py names.

    @task_type("send_sms", roles=("manager", "admin"))
    def send_sms(payload: Sms) -> Result: ...

`roles` may make such tasks, by default all that may make tasks. Roles are checked when a task is made or changed, and
for its owner again when it runs. `calls` returns the external host that is called for a payload: such tasks have a
queue and a Lambda function of their own (admission.py).
`payload` is validated by its annotation, a pydantic model; `Any` accepts all JSON. A function may have a second
parameter, `job`, the task. It returns a result, which is shown with the attempt, or raises Failure. It may be called
again after it has succeeded, when its worker died before the result was written: effects that must not happen twice
have to be identified by the job's `key`.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, TypeVar, get_type_hints

from chalicelib.core.actor import Actor, listed
from chalicelib.core.errors import FieldProblem, Forbidden, Invalid
from chalicelib.core.texts import text
from chalicelib.core.validation import sentence, validate
from chalicelib.deferred_tasks import model
from chalicelib.deferred_tasks.model import Failure, Task

MODULES = "chalicelib.wiring.task_types"  # imports all types; as text, because its layer is above this one

Result = dict[str, Any] | None
Work = Callable[..., Result]
Function = TypeVar("Function", bound=Work)


@dataclass(frozen=True)
class Job:
    """The task of a call, and its owner as of now."""

    number: int
    user_id: int
    attempt: int
    owner: Actor

    @property
    def key(self) -> str:
        """A text that is the same in every attempt of a task."""
        return f"deferred-task-{self.number}"


@dataclass(frozen=True)
class TaskType:
    """A function, the type of its payload, the roles that may make its tasks, and the external host it calls."""

    work: Work
    payload: Any
    wants_job: bool
    roles: frozenset[str]
    quota: str | None
    calls: Callable[[Any], str] | None
    foresee: Callable[[Any, Collection[str]], list[FieldProblem]] | None = None

    def run(self, task: Task, owner: Actor) -> Result:
        """Do one attempt; an invalid payload is a final failure."""
        payload, problems = self.read(task.payload)
        if problems:
            raise Failure(f"payload: {sentence(problems)}", final=True)
        job = [Job(task.number, task.user_id, task.attempts, owner)] if self.wants_job else []
        return self.work(payload, *job)

    def host(self, task: Task) -> str | None:
        """Return the external host that a task will call; None for none or an invalid payload."""
        if self.calls is None:
            return None
        payload, problems = self.read(task.payload)
        return None if problems else self.calls(payload)

    def read(self, sent: Any) -> tuple[Any, list[FieldProblem]]:
        """Return a payload as the function takes it, and its problems."""
        problems: list[FieldProblem] = []
        body = {} if sent is None else sent
        payload = sent if self.payload is Any else validate(self.payload, body, problems, "body")
        return payload, problems


_types: dict[str, TaskType] = {}
TYPES: Mapping[str, TaskType] = _types


def task_type(
    name: str,
    *,
    roles: Collection[str] = model.TASK_MAKERS,
    quota: str | None = None,
    calls: Callable[[Any], str] | None = None,
    foresee: Callable[[Any, Collection[str]], list[FieldProblem]] | None = None,
) -> Callable[[Function], Function]:
    """Register a function for a type of tasks. `quota`: the daily quota that each new task uses. `foresee` returns why
    a task with a valid payload would fail if it ran now.
    """

    def register(work: Function) -> Function:
        hints = get_type_hints(work)
        _types[name] = TaskType(work, hints["payload"], "job" in hints, frozenset(roles), quota, calls, foresee)
        return work

    return register


def find(name: str) -> TaskType | None:
    """Return the type of that name. All types are imported at the first call."""
    import_module(MODULES)
    return TYPES.get(name)


def problems_of(name: str, payload: Any, roles: Collection[str]) -> list[FieldProblem]:
    """Return what will make a task of an owner with these roles fail: an unknown type, an unfit payload."""
    found = find(name)
    if found is None:
        reason = text("такого типа заданий нет, есть: {names}", names=", ".join(TYPES))
        return [{"loc": ["body", "task_type"], "msg": reason, "type": "unknown_task_type"}]
    value, problems = found.read(payload)
    if found.foresee and not problems:
        problems = found.foresee(value, roles)
    return [{**one, "loc": ["body", "payload", *one["loc"][1:]]} for one in problems]


def is_outside(name: str) -> bool:
    """Return whether tasks of that type call external hosts."""
    found = find(name)
    return found is not None and found.calls is not None


def host_of(task: Task) -> str | None:
    """Return the external host that a task will call; None when it calls none, or will fail before."""
    found = find(task.task_type)
    return found.host(task) if found else None


def roles_for(name: str) -> frozenset[str]:
    """Return the roles that may make tasks of that type; all for an unknown type, whose tasks fail when they run."""
    found = find(name)
    return found.roles if found else frozenset(model.TASK_MAKERS)


def check_may_make(actor: Actor, name: str) -> None:
    """Raise Forbidden when none of the actor's roles may make tasks of that type."""
    if roles_for(name).isdisjoint(actor.roles):
        raise Forbidden(
            text("task_type: задания {type} создают только роли: {roles}", type=name, roles=listed(roles_for(name)))
        )


def check_fits(name: str, payload: Any, roles: Collection[str]) -> None:
    """Raise Invalid for what will make each task fail that is made with this type and payload."""
    if problems := problems_of(name, payload, roles):
        raise Invalid(fields=problems)


def quotas_of(names: Iterable[str]) -> dict[str, int]:
    """Return what new tasks of these types use of the daily quotas of their maker."""
    kinds = [found.quota for name in names if (found := find(name)) and found.quota]
    return dict(Counter(kinds))


def refusal_reason(owner: Actor | None, name: str) -> str | None:
    """Return why a task is not done: its owner was deleted, or may not make it any more. None: it is done."""
    if owner is None:
        return model.OWNER_DELETED
    roles = roles_for(name)
    return model.role_lost(text("заданий {type}", type=name), roles) if roles.isdisjoint(owner.roles) else None


def run(task: Task, owner: Actor | None) -> Result:
    """Do one attempt of a task by the function of its type, on behalf of its owner."""
    reason = refusal_reason(owner, task.task_type)
    if owner is None or reason:
        raise Failure(reason or model.OWNER_DELETED, final=True)
    found = find(task.task_type)
    if found is None:
        raise Failure(model.UNKNOWN_TYPE, final=True)
    return found.run(task, owner)
