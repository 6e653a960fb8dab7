"""Types of tasks: a new one is a function with `@task_type`, in a module that wiring/task_types.py names.

    @task_type("send_sms")
    def send_sms(payload: Sms) -> Result: ...

`payload` is validated by its annotation, a pydantic model; `Any` takes it as it is. Who wants to know the task it works
for takes a second parameter, `job`. What is returned is shown with the attempt. Failure says that it went badly. A
function may be called again after it has done its work, when its worker died before that was noted: what must not
happen twice has to know the job by its `key`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, get_type_hints

from chalicelib.core.errors import FieldProblem
from chalicelib.core.validation import read_body, sentence
from chalicelib.deferred_tasks import model
from chalicelib.deferred_tasks.model import Failure, Task

Result = dict[str, Any] | None
Work = Callable[..., Result]
Function = TypeVar("Function", bound=Work)


@dataclass(frozen=True)
class Job:
    """The task that a function works for."""

    number: int
    user_id: int
    attempt: int

    @property
    def key(self) -> str:
        """The same in every attempt of a task."""
        return f"deferred-task-{self.number}"


@dataclass(frozen=True)
class TaskType:
    """A function and what its payload has to look like."""

    work: Work
    payload: Any
    wants_job: bool

    def run(self, task: Task) -> Result:
        """One attempt; a payload that does not fit will never do."""
        problems: list[FieldProblem] = []
        given = {} if task.payload is None else task.payload
        payload = task.payload if self.payload is Any else read_body(self.payload, given, problems)
        if problems:
            raise Failure(f"payload: {sentence(problems)}", final=True)
        job = [Job(task.number, task.user_id, task.attempts)] if self.wants_job else []
        return self.work(payload, *job)


_types: dict[str, TaskType] = {}
TYPES: Mapping[str, TaskType] = _types


def task_type(name: str) -> Callable[[Function], Function]:
    """Makes a function the one that does the tasks of that type."""

    def register(work: Function) -> Function:
        hints = get_type_hints(work)
        _types[name] = TaskType(work, hints["payload"], "job" in hints)
        return work

    return register


def run(task: Task) -> Result:
    """One attempt of a task by the function of its type."""
    found = TYPES.get(task.task_type)
    if found is None:
        raise Failure(model.UNKNOWN_TYPE, final=True)
    return found.run(task)
