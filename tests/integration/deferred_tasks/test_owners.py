"""Permissions by type of task: checked when a task or a schedule is made or changed, and when it is due."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.core import clock
from chalicelib.core.actor import ROLES
from chalicelib.core.transactions import transaction
from chalicelib.deferred_tasks import model, registry
from chalicelib.deferred_tasks.registry import Job, task_type
from chalicelib.users import service as users
from chalicelib.users.service import User
from tests.http_events import Response
from tests.integration.deferred_tasks.fake_aws import SCHEDULES, TASKS, FakeAws
from tests.people import demote, person, signed_in
from tests.production import ask, events_of, nothing_written

MANAGERS, WORKERS = {"admin", "manager"}, {"admin", "manager", "engineer"}
ALLOWED: dict[str, set[str]] = {
    "send_email": MANAGERS,
    "send_sms": MANAGERS,
    "publish_event": MANAGERS,
    "http_callback": WORKERS,
    "generate_report": WORKERS | {"user"},
    "nobody_knows": WORKERS | {"user"},
}
PAYLOADS: dict[str, Any] = {
    "send_email": {"to": "user@example.com"},
    "send_sms": {"phone": "+79991234567", "text": "x"},
    "publish_event": {"name": "shift.begins"},
    "http_callback": {"url": "https://example.com/200"},
    "generate_report": {"name": "Отчет", "template_id": 4},
    "nobody_knows": None,
    "work": None,
}


def task_body(task_type: str) -> dict[str, Any]:
    """A task that is due in a second."""
    at = clock.to_json(clock.now() + timedelta(seconds=1))
    return {"execute_at": at, "task_type": task_type, "payload": PAYLOADS[task_type]}


def schedule_body(task_type: str) -> dict[str, Any]:
    """A schedule that fires every minute."""
    return {"name": "Смена", "rate": "1 minute", "task_type": task_type, "payload": PAYLOADS[task_type]}


def make(user: User, task_type: str) -> dict[str, Any]:
    """A task of a user."""
    made: dict[str, Any] = send(user, "POST", TASKS, task_body(task_type)).json["task"]
    return made


def schedule(user: User, task_type: str) -> str:
    """The path of a new schedule of a user."""
    return f"{SCHEDULES}/{send(user, 'POST', SCHEDULES, schedule_body(task_type)).json['schedule']['id']}"


def send(user: User, method: str, path: str, body: Any = None) -> Response:
    """A call of a user that is let through."""
    answer = ask(method, path, body, signed_in(user))
    assert answer.status < 300, answer.text
    return answer


def refusal(answer: Response) -> str:
    """Why a call was refused with 403, in the shape of this API."""
    assert (answer.status, set(answer.json)) == (403, {"error"}), answer.text
    return str(answer.json["error"])


def delete(user: User) -> None:
    """He is gone."""
    with transaction() as tx:
        users.remove(tx, user.id)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("task_type", ALLOWED)
def test_a_task_is_made_by_the_roles_of_its_type_and_by_no_other(locked: FakeAws, task_type: str, role: str) -> None:
    headers = signed_in(person(role))
    if role in ALLOWED[task_type]:
        assert ask("POST", TASKS, task_body(task_type), headers).status == 201
        return
    with nothing_written():
        text = refusal(ask("POST", TASKS, task_body(task_type), headers))
    assert task_type in text or role in ("executive", "customer")  # who may make no task at all


def test_each_type_there_is_has_its_row_above() -> None:
    registry.find("any")
    assert set(registry.TYPES) == set(ALLOWED) - {"nobody_knows"}
    assert {name: set(found.roles) for name, found in registry.TYPES.items()} == {
        name: ALLOWED[name] for name in registry.TYPES
    }


def test_a_user_who_may_not_make_a_task_may_neither_change_nor_repeat_one_of_another(locked: FakeAws) -> None:
    manager, engineer = person("manager"), person("engineer")
    waiting = make(manager, "send_email")
    changes = {"payload": {"to": "victim@example.com"}}
    with nothing_written():
        assert "send_email" in refusal(ask("PATCH", f"{TASKS}/{waiting['id']}", changes, signed_in(engineer)))
    failed = make(manager, "send_sms")
    send(manager, "PATCH", f"{TASKS}/{failed['id']}", {"payload": {}})
    locked.run(seconds=3)
    with nothing_written():
        assert "send_sms" in refusal(ask("POST", f"{TASKS}/{failed['id']}/retry", headers=signed_in(engineer)))
    assert send(manager, "POST", f"{TASKS}/{failed['id']}/retry").json["task"]["status"] == "pending"


@pytest.fixture
def for_admins(fake_aws: FakeAws) -> Callable[[str], None]:
    """`for_admins("work")`: only administrators make tasks of that type, whatever it does."""

    def close(name: str) -> None:
        @task_type(name, roles=("admin",))
        def work(payload: Any, job: Job) -> None:
            fake_aws.work.append((job.number, payload, clock.now()))

    return close


def test_a_schedule_is_made_changed_and_run_by_the_roles_of_its_type(
    locked: FakeAws, for_admins: Callable[[str], None]
) -> None:
    for_admins("work")
    admin, manager = person("admin"), person("manager")
    with nothing_written():
        assert "work" in refusal(ask("POST", SCHEDULES, schedule_body("work"), signed_in(manager)))
    theirs, own = schedule(admin, "work"), schedule(manager, "send_sms")
    with nothing_written():
        assert "work" in refusal(ask("PATCH", theirs, {"payload": 1}, signed_in(manager)))
        assert "work" in refusal(ask("PATCH", own, {"task_type": "work"}, signed_in(manager)))
        assert "work" in refusal(ask("POST", f"{theirs}/run", headers=signed_in(manager)))
    send(manager, "PATCH", own, {"task_type": "send_email", "payload": {"to": "user@example.com"}})


def test_many_are_made_again_but_not_those_that_the_actor_may_not_make(
    locked: FakeAws, for_admins: Callable[[str], None]
) -> None:
    admin, manager = person("admin"), person("manager")
    made = [make(admin, name) for name in ("work", "nobody_knows")]
    for_admins("work")
    delete(admin)
    locked.run(seconds=3)
    assert send(manager, "POST", f"{TASKS}/retry", {}).json == {"retried": 1, "more": False}
    statuses = [send(manager, "GET", f"{TASKS}/{task['id']}").json["task"]["status"] for task in made]
    assert statuses == ["failed", "pending"]


LOST: dict[str, Callable[[User], None]] = {"deleted": delete, "demoted": demote}


@pytest.mark.parametrize("how", LOST)
@pytest.mark.parametrize("task_type", ["send_email", "send_sms", "publish_event", "http_callback"])
def test_a_task_whose_owner_lost_the_role_fails_with_that_reason(locked: FakeAws, task_type: str, how: str) -> None:
    owner, admin = person("manager"), person("admin")
    made = make(owner, task_type)
    LOST[how](owner)
    locked.run(seconds=3)
    assert locked.calls == []
    done = send(admin, "GET", f"{TASKS}/{made['id']}").json["task"]
    roles = ALLOWED[task_type]
    expected = model.OWNER_DELETED if how == "deleted" else model.role_lost(f"заданий {task_type}", roles)
    assert (done["status"], done["attempts"], done["error_message"]) == ("failed", 1, expected)
    ((name, data),) = events_of(f"deferred_task#{made['id']}")
    assert (name, data["error"]) == ("deferred_task.failed", expected)


def test_a_task_of_an_expired_key_fails_and_one_before_is_done(locked: FakeAws) -> None:
    admin, ends = person("admin"), clock.now() + timedelta(minutes=1)
    asked = {"name": "Весы", "roles": ["manager"], "expires_at": clock.to_json(ends)}
    key = send(admin, "POST", "/v1/api-keys", asked).json["data"]["key"]
    ids = []
    for seconds in (-30, 30):
        body = task_body("send_sms") | {"execute_at": clock.to_json(ends + timedelta(seconds=seconds))}
        ids.append(ask("POST", TASKS, body, {"X-API-Key": key}).json["task"]["id"])
    locked.run(seconds=120)
    before, after = (send(admin, "GET", f"{TASKS}/{number}").json["task"] for number in ids)
    assert before["status"] == "completed"
    expected = model.role_lost("заданий send_sms", ALLOWED["send_sms"])
    assert (after["status"], after["error_message"]) == ("failed", expected)


def test_an_allowed_task_is_done_beside_a_forbidden_one(locked: FakeAws) -> None:
    owner, other = person("manager"), person("engineer")
    mail, report, callback = make(owner, "send_email"), make(owner, "generate_report"), make(other, "http_callback")
    demote(owner)
    locked.run(seconds=3)
    admin = person("admin")
    shown = [send(admin, "GET", f"{TASKS}/{one['id']}").json["task"]["status"] for one in (mail, report, callback)]
    assert shown == ["failed", "completed", "completed"]


@pytest.mark.parametrize("how", LOST)
def test_a_schedule_whose_owner_lost_the_role_pauses_with_the_reason(locked: FakeAws, how: str) -> None:
    owner, admin = person("manager"), person("admin")
    path = schedule(owner, "generate_report")  # a type that the role `user` may make, but in no schedule
    locked.run(seconds=62)
    LOST[how](owner)
    locked.run(seconds=180)
    assert send(admin, "GET", TASKS).json["total"] == 1
    paused = send(admin, "GET", path).json["schedule"]
    expected = model.OWNER_DELETED if how == "deleted" else model.role_lost("расписаний", model.SCHEDULE_MAKERS)
    assert (paused["paused"], paused["paused_reason"], paused["next_run_at"]) == (True, expected, None)
    assert send(admin, "GET", f"{SCHEDULES}?paused=true").json["total"] == 1
    for method, target, body in (("PATCH", path, {"paused": False}), ("POST", f"{path}/run", None)):
        answer = ask(method, target, body, signed_in(admin))
        assert (answer.status, answer.json["error"]) == (409, expected)
    if how == "demoted":
        demote(owner, "manager")
        gone_on = send(admin, "PATCH", path, {"paused": False}).json["schedule"]
        assert (gone_on["paused"], gone_on["paused_reason"]) == (False, None)
        locked.run(seconds=62)
        assert send(admin, "GET", TASKS).json["total"] == 2


def test_without_tokens_everything_is_made_and_done(fake_aws: FakeAws) -> None:
    for name in ALLOWED:
        assert ask("POST", TASKS, task_body(name)).status == 201
    assert ask("POST", SCHEDULES, schedule_body("send_sms")).status == 201
    fake_aws.run(seconds=63)
    tasks = ask("GET", TASKS).json["tasks"]
    assert {task["task_type"] for task in tasks if task["status"] != "completed"} == {"nobody_knows"}
    assert len(tasks) == len(ALLOWED) + 1
