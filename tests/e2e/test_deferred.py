"""Deferred tasks and schedules on the deployed stack: every type, in time, by the Scheduler, again and again."""

import email
import email.policy
import json
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from tests.e2e.due import TASKS, in_time, plan, plan_at
from tests.e2e.people import Person, person, signed_in
from tests.e2e.production import ok
from tests.e2e.receiver import Receiver
from tests.e2e.stack import Stack
from tests.waiting import wait_for

pytestmark = pytest.mark.usefixtures("no_sweep")

SCHEDULES = "/api/v1/schedules"
MAX_WAIT_SECONDS = 60


def ended(stack: Stack, *tasks: dict[str, Any]) -> list[dict[str, Any]]:
    """The tasks, once all have ended."""

    def all_ended() -> list[dict[str, Any]]:
        now = [ok(stack, "GET", f"{TASKS}/{task['id']}")["task"] for task in tasks]
        return now if all(task["status"] in ("completed", "failed") for task in now) else []

    last = max(datetime.fromisoformat(task["execute_at"]) for task in tasks)
    until_due = max(0.0, (last - datetime.now(UTC)).total_seconds())
    return wait_for(all_ended, until_due + MAX_WAIT_SECONDS, 0.2)


def test_each_type_does_what_it_is_for(stack: Stack, target: Receiver) -> None:
    payloads: dict[str, Any] = {
        "http_callback": {"url": target.url("/deferred"), "data": {"n": 1}},
        "send_email": {"to": "deferred@example.com", "subject": "Напоминание", "body": "Смена"},
        "send_sms": {"phone": "+79990000001", "text": "Смена началась"},
        "publish_event": {"name": "batch.created", "detail": {"n": 1}},
        "generate_report": {"name": "Ежедневный", "template_id": 2, "parameters": {"date_from": "2025-01-01"}},
        "nobody_knows": {},
    }
    with bus_events(stack) as arrived:
        done = ended(stack, *(plan(stack, name, payload) for name, payload in payloads.items()))
        assert [task["status"] for task in done] == ["completed"] * 5 + ["failed"], done
        assert (done[-1]["error_message"], done[-1]["attempts"]) == ("unknown task type", 1)
        (event,) = wait_for(arrived, MAX_WAIT_SECONDS)
    assert (event["source"], event["detail-type"], event["detail"]) == ("shopfloor.tasks", "batch.created", {"n": 1})
    (call,) = target.at("/deferred")
    assert (json.loads(call.body), call.headers["x-task-id"]) == ({"n": 1}, str(done[0]["id"]))
    assert call.at - datetime.fromisoformat(done[0]["execute_at"]).timestamp() >= 0
    # the emulator delivers it after it has answered
    (email_message,) = wait_for(lambda: list((stack.state / "mail").glob("* deferred@example.com.eml")))
    assert email.message_from_bytes(email_message.read_bytes(), policy=email.policy.default)["Subject"] == "Напоминание"
    kept = requests.get(f"{stack.aws_url}/_ministack/sns/sms-messages", timeout=10).text
    assert "+79990000001" in kept
    (attempt,) = ok(stack, "GET", f"{TASKS}/{done[4]['id']}/attempts")["attempts"]
    assert ok(stack, "GET", f"/api/v1/reports/{attempt['result']['report_id']}")["name"] == "Ежедневный"


@contextmanager
def bus_events(stack: Stack) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What tasks put on the bus, by a rule and a queue of the test's own."""
    events, sqs, bus = stack.client("events"), stack.client("sqs"), f"{stack.name}-bus"
    url = sqs.create_queue(QueueName="of-tasks")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name="of-tasks", EventBusName=bus, EventPattern=json.dumps({"source": ["shopfloor.tasks"]}))
    events.put_targets(Rule="of-tasks", EventBusName=bus, Targets=[{"Id": "1", "Arn": arn}])

    def arrived() -> list[dict[str, Any]]:
        return [json.loads(one["Body"]) for one in sqs.receive_message(QueueUrl=url).get("Messages", [])]

    yield arrived
    events.remove_targets(Rule="of-tasks", EventBusName=bus, Ids=["1"])
    events.delete_rule(Name="of-tasks", EventBusName=bus)
    sqs.delete_queue(QueueUrl=url)


def test_it_is_tried_again_changed_cancelled_and_made_again(stack: Stack, target: Receiver) -> None:
    target.answers["/flaky"] = [500, 200]
    target.answers["/broken"] = [500, 200]
    flaky = plan(stack, "http_callback", {"url": target.url("/flaky")})
    broken = plan(stack, "http_callback", {"url": target.url("/broken")}, max_attempts=1)
    never = plan(stack, "http_callback", {"url": target.url("/never")}, 30)
    moved = plan(stack, "http_callback", {"url": target.url("/never")}, 800)
    path, payload = f"{TASKS}/{moved['id']}", {"url": target.url("/moved")}
    sooner = datetime.now(UTC) + timedelta(seconds=4)
    moved = in_time(lambda at: stack.call("PATCH", path, json={"execute_at": at, "payload": payload}), sooner)
    assert ok(stack, "DELETE", f"{TASKS}/{never['id']}")["task"]["status"] == "cancelled"
    done = ended(stack, flaky, broken, moved)
    assert [(task["status"], task["attempts"]) for task in done] == [("completed", 2), ("failed", 1), ("completed", 1)]
    log = ok(stack, "GET", f"{TASKS}/{flaky['id']}/attempts")["attempts"]
    assert [attempt["error"] for attempt in log] == ["Получатель ответил 500", None]
    assert stack.call("POST", f"{TASKS}/{broken['id']}/retry").status_code == 202
    assert [task["status"] for task in ended(stack, broken)] == ["completed"]
    (moved_call,) = target.at("/moved")
    assert moved_call.at - datetime.fromisoformat(moved["execute_at"]).timestamp() >= 0
    assert target.at("/never") == []


@contextmanager
def queue_for_seconds_only(stack: Stack) -> Iterator[None]:
    """The api hands everything that is more than 12 s away to the Scheduler, which wakes 11 s ahead of the time."""
    functions, name = stack.client("lambda"), f"{stack.name}-api"
    usual = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    changed = {**usual, "DEFERRED_DIRECT_SECONDS": "12", "DEFERRED_LEAD_SECONDS": "11"}
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": changed})
    ok(stack, "GET", TASKS)  # starts a worker with it
    yield
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": usual})


def test_what_is_far_away_is_woken_by_the_scheduler_and_schedules_fire(stack: Stack, target: Receiver) -> None:
    schedule = {"name": "Опрос", "task_type": "http_callback", "payload": {"url": target.url("/again")}}
    made = ok(stack, "POST", SCHEDULES, {**schedule, "rate": "10 seconds"})["schedule"]
    planner, group = stack.client("scheduler"), f"{stack.name}-deferred"
    with queue_for_seconds_only(stack):
        far = plan(stack, "http_callback", {"url": target.url("/far")}, 20)
        gone = plan(stack, "http_callback", {"url": target.url("/gone")}, 500)
        planned = [one["Name"] for one in planner.list_schedules(GroupName=group)["Schedules"]]
        known = {name.split("-")[1] for name in planned if name.startswith("task-")}
        assert known >= {str(far["id"]), str(gone["id"])}  # others may have planned something too
        ok(stack, "DELETE", f"{TASKS}/{gone['id']}")
        left = [one["Name"] for one in planner.list_schedules(GroupName=group)["Schedules"]]
        assert [name for name in left if name.startswith(f"task-{gone['id']}-")] == []
    assert [task["status"] for task in ended(stack, far)] == ["completed"]
    (call,) = target.at("/far")
    assert call.at - datetime.fromisoformat(far["execute_at"]).timestamp() >= 0
    first = datetime.fromisoformat(made["next_run_at"]).timestamp()
    calls = wait_for(lambda: target.at("/again"), MAX_WAIT_SECONDS)
    assert calls[0].at - first >= 0
    ok(stack, "DELETE", f"{SCHEDULES}/{made['id']}")


def test_the_health_of_this_door_is_plain(stack: Stack) -> None:
    assert stack.call("GET", "/api/v1/health").text == "OK"


MANY = 250
MOST_UNDER_WAY = 20  # tasks of one user: 2 of the 4 calls of run_outside, with 10 tasks each
TIMEOUT = timedelta(seconds=30)  # of a call that is not answered


@pytest.fixture
def silent() -> Iterator[str]:
    """The URL of a server that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=2 * MANY) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"


def first_started(stack: Stack, path: str) -> datetime | None:
    """When the first attempt of a task began, None when it has had none."""
    attempts = ok(stack, "GET", f"{path}/attempts")["attempts"]
    return datetime.fromisoformat(attempts[0]["started_at"]) if attempts else None


@contextmanager
def calls_of(stack: Stack, person: Person, due: datetime, url: str) -> Iterator[Callable[[], list[datetime]]]:
    """Many callbacks of a person to that URL, due at the same time, and when those that have been tried were tried
    first; in the end those that are left are cancelled.
    """
    payload, headers = {"url": url, "timeout": TIMEOUT.seconds}, signed_in(stack, person)

    def make(_: int) -> str:
        made = plan_at(stack, due, "http_callback", payload, headers, max_attempts=100)
        return f"{TASKS}/{made['id']}"

    with ThreadPoolExecutor(8) as pool:
        paths = list(pool.map(make, range(MANY)))
        try:
            yield lambda: [at for at in pool.map(lambda path: first_started(stack, path), paths) if at]
        finally:
            list(pool.map(lambda path: stack.call("DELETE", path, headers=headers), paths))


def test_calls_to_one_who_never_answers_hold_up_nobody_elses_tasks(stack: Stack, target: Receiver, silent: str) -> None:
    due = datetime.now(UTC) + timedelta(seconds=30)
    with calls_of(stack, person(stack, "engineer"), due, silent) as tried:
        moments = [due + timedelta(seconds=seconds) for seconds in (0, 1, 3, 12)]
        payloads = [("http_callback", {"url": target.url("/fair")}), ("publish_event", {"name": "fair"})]
        done = ended(stack, *(plan_at(stack, at, *one) for at in moments for one in payloads))
        assert {task["status"] for task in done} == {"completed"}
        tried_at = tried()
    started = [first_started(stack, f"{TASKS}/{task['id']}") for task in done]
    late = [
        at - datetime.fromisoformat(task["execute_at"])
        for task, at in zip(done, started, strict=True)
        if at is not None
    ]
    assert len(late) == len(done)
    assert min(late) >= timedelta(0)
    assert max(late) < TIMEOUT, "they waited for the calls that nobody answers"
    # all that began before the first could end were under way together
    assert 0 < sum(at < min(tried_at) + TIMEOUT for at in tried_at) <= MOST_UNDER_WAY
