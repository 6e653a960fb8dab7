"""Deferred tasks on moto's tables, with a queue, a Scheduler and receivers answered here, and workers that may die.

Every call to AWS or to a receiver can be the last of the process that makes it (`dies_at`): that one and all after it
fail, its messages come again after their visibility timeout, and what it was about to do has not been done.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.core import clock, outgoing
from chalicelib.core.outgoing import OutsideResponse
from chalicelib.deferred_tasks import handlers, schedules, service
from chalicelib.deferred_tasks.model import Failure
from chalicelib.deferred_tasks.registry import Job, task_type
from tests.killable_process import KillableProcess
from tests.production import ok

TASKS, SCHEDULES = "/api/v1/tasks", "/api/v1/schedules"
VISIBILITY = timedelta(seconds=270)
DEFERRED, OUTSIDE = "deferred_queue_url", "outside_queue_url"


@dataclass
class FakeAws(KillableProcess):
    """See the module."""

    time: datetime = field(default_factory=lambda: datetime.now(UTC))
    messages: list[tuple[datetime, str, str]] = field(default_factory=list)  # when, to which queue, its body
    planned: dict[str, tuple[datetime, str]] = field(default_factory=dict)
    calls: list[tuple[str, Any]] = field(default_factory=list)
    work: list[tuple[int, Any, datetime]] = field(default_factory=list)
    fails: list[Failure] = field(default_factory=list)
    during: Callable[[], None] | None = None
    dies_before: list[str] = field(default_factory=list)  # the last of these calls is not made
    loses: bool = False

    def now(self) -> datetime:
        """The time; no two moments are the same."""
        self.time += timedelta(microseconds=1)
        return self.time

    def later(self, **amount: float) -> None:
        """Put the clock forward."""
        self.time += timedelta(**amount)

    def register(self) -> None:
        """The type `work`, which notes that it was done, or fails as told."""

        @task_type("work")
        def work(payload: Any, job: Job) -> dict[str, Any]:
            self.step()
            self.work.append((job.number, payload, clock.now()))
            if self.during:
                self.during()
            if self.fails:
                raise self.fails.pop(0)
            return {"done": job.attempt}

    # -- what the code under test calls -------------------------------------------------------------------------------

    def aws(self, real: Callable[..., Any]) -> Callable[..., Any]:
        """In place of boto3's own way to make a call."""

        def call(this: Any, operation: str, arguments: dict[str, Any]) -> Any:
            if self.running and self.dies_before[:1] == [operation]:
                self.dead = len(self.dies_before) == 1
                self.dies_before.pop(0)
            self.step(operation)
            answer: Callable[[dict[str, Any]], Any] | None = getattr(self, f"_{operation}", None)
            return answer(arguments) if answer else real(this, operation, arguments)

        return call

    def _SendMessageBatch(self, asked: dict[str, Any]) -> Any:  # noqa: N802 - the names of AWS
        for entry in asked["Entries"]:
            assert 0 <= entry["DelaySeconds"] <= 900
            if not self.loses:
                due_at = clock.now() + timedelta(seconds=entry["DelaySeconds"])
                self.messages.append((due_at, asked["QueueUrl"], entry["MessageBody"]))
        return {"Successful": []}

    def _CreateSchedule(self, asked: dict[str, Any]) -> Any:  # noqa: N802
        at = datetime.strptime(asked["ScheduleExpression"], "at(%Y-%m-%dT%H:%M:%S)").replace(tzinfo=UTC)
        assert (asked["ActionAfterCompletion"], asked["GroupName"]) == ("DELETE", "schedule_group")
        assert asked["Target"]["DeadLetterConfig"] == {"Arn": "deferred_dlq_arn"}
        self.planned[asked["Name"]] = at, asked["Target"]["Input"]
        return {}

    def _DeleteSchedule(self, asked: dict[str, Any]) -> Any:  # noqa: N802
        self.planned.pop(asked["Name"], None)
        return {}

    def _PutEvents(self, asked: dict[str, Any]) -> Any:  # noqa: N802
        self.calls += [("event", entry) for entry in asked["Entries"]]
        return {"Entries": [{"EventId": "e-1"} for _ in asked["Entries"]]}

    def _Publish(self, asked: dict[str, Any]) -> Any:  # noqa: N802
        self.calls.append(("sms", asked))
        return {"MessageId": "m-1"}

    def _SendRawEmail(self, asked: dict[str, Any]) -> Any:  # noqa: N802
        self.calls.append(("mail", asked))
        return {"MessageId": "m-2"}

    def _StartExecution(self, asked: dict[str, Any]) -> Any:  # noqa: N802
        self.calls.append(("saga", asked))
        return {"executionArn": "e", "startDate": clock.now()}

    def request(self, method: str, url: str, headers: dict[str, str], body: bytes, timeout: float) -> OutsideResponse:
        """In place of core.outgoing: the status is in the path."""
        self.step()
        self.calls.append(("http", (method, url, body)))
        last = url.rpartition("/")[2]
        if not last.isdigit():
            raise outgoing.Failed("timeout", "Нет ответа за 10 с")
        return OutsideResponse(int(last), "", 5)

    # -- what AWS does ------------------------------------------------------------------------------------------------

    def run(self, until: Callable[[], bool] = lambda: False, **amount: float) -> None:
        """Let that much time pass, by messages and minutes, or less."""
        end = clock.now() + timedelta(**amount)
        minute = clock.now() + timedelta(minutes=1)
        while True:
            self._fire()
            moment = min([at for at, _, _ in self.messages] + [at for at, _ in self.planned.values()] + [minute, end])
            self.later(seconds=max(0.0, (moment - clock.now()).total_seconds()) + 0.001)
            if moment == end:
                return
            if moment == minute:
                self.sweep()
                minute += timedelta(minutes=1)
                if until():
                    return

    def _fire(self) -> None:
        """What the Scheduler and the queue bring now."""
        now = clock.now()
        for name in [name for name, (at, _) in self.planned.items() if at <= now]:
            at, body = self.planned.pop(name)
            self.messages.append((at, DEFERRED, body))
        for message in [message for message in self.messages if message[0] <= now]:
            self.messages.remove(message)
            _, queue, body = message
            if not self.receive(body, queue):
                self.messages.append((now + VISIBILITY, queue, body))

    def receive(self, body: str, queue: str = DEFERRED) -> bool:
        """Hand one message to the function of its queue; False when it is to be delivered again."""
        return self.receive_batch([body], queue) == []

    def receive_batch(self, bodies: list[str], queue: str = DEFERRED) -> list[int] | None:
        """Hand messages to the function; the places of those to be delivered again, None when its process died."""
        records = [{"messageId": str(place), "body": body} for place, body in enumerate(bodies)]
        function = {DEFERRED: handlers.work, OUTSIDE: handlers.work_outside}[queue]
        answer = self.invoke(lambda: function({"Records": records}))
        return answer and [int(failure["itemIdentifier"]) for failure in answer["batchItemFailures"]]

    def sweep(self) -> None:
        """What runs every minute."""
        self.invoke(service.sweep)
        self.invoke(schedules.sweep)


def plan(seconds: float = 1, payload: Any = None, task_type: str = "work", **fields: Any) -> dict[str, Any]:
    """A task that is due in so many seconds."""
    at = clock.to_json(clock.now() + timedelta(seconds=seconds))
    body = {"execute_at": at, "task_type": task_type, "payload": payload, **fields}
    made: dict[str, Any] = ok("POST", TASKS, body)["task"]
    return made


def shown(task: dict[str, Any]) -> dict[str, Any]:
    """A task as clients see it now."""
    found: dict[str, Any] = ok("GET", f"{TASKS}/{task['id']}")["task"]
    return found


def attempts(task: dict[str, Any]) -> list[dict[str, Any]]:
    """Its starts."""
    found: list[dict[str, Any]] = ok("GET", f"{TASKS}/{task['id']}/attempts")["attempts"]
    return found


def message(task: dict[str, Any]) -> str:
    """The message that wakes a task."""
    due = clock.to_text(datetime.fromisoformat(task.get("next_attempt_at") or task["execute_at"]))
    return json.dumps({"task": task["id"], "due": due})
