"""Schedules: each time once, to the second, also when workers die; pause, overlap, out of turn."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.core import clock
from chalicelib.core.recount import ListCounters, compare
from chalicelib.deferred_tasks.schedules_store import SCHEDULES as LISTING
from tests.integration.deferred_tasks.fake_aws import SCHEDULES, TASKS, FakeAws
from tests.production import ask, empty_tables, nothing_written, ok

SMS: dict[str, Any] = {"task_type": "send_sms", "payload": {"phone": "+79991234567", "text": "Смена"}}
BASE: dict[str, Any] = {"name": "Утренний отчет", "task_type": "work", "payload": {"n": 1}}


def make(**fields: Any) -> dict[str, Any]:
    """A new schedule, every minute unless something else is said."""
    timing = {} if "cron" in fields else {"rate": "1 minute"}
    made: dict[str, Any] = ok("POST", SCHEDULES, BASE | timing | fields)["schedule"]
    return made


def shown(made: dict[str, Any]) -> dict[str, Any]:
    """A schedule as it is now."""
    found: dict[str, Any] = ok("GET", f"{SCHEDULES}/{made['id']}")["schedule"]
    return found


def tasks() -> list[dict[str, Any]]:
    """All tasks, the oldest first."""
    return list(reversed(ok("GET", f"{TASKS}?limit=100")["tasks"]))


def test_it_fires_to_the_second_and_each_time_once(fake_aws: FakeAws) -> None:
    made = make(rate="20 seconds", max_attempts=2)
    first = datetime.fromisoformat(made["next_run_at"])
    fake_aws.run(seconds=101)
    found = tasks()
    assert len(found) == 5
    planned = [datetime.fromisoformat(task["execute_at"]) for task in found]
    assert planned == [first + timedelta(seconds=20 * number) for number in range(5)]
    assert all(0 <= (at - due).total_seconds() < 0.5 for (_, _, at), due in zip(fake_aws.work, planned, strict=True))
    made_by = {(task["schedule_id"], task["max_attempts"], task["status"]) for task in found}
    assert made_by == {(made["id"], 2, "completed")}
    now = shown(made)
    assert (now["runs"], now["skipped"], now["last_task_id"]) == (5, 0, found[-1]["id"])


def test_cron_has_the_clock_of_its_zone(fake_aws: FakeAws) -> None:
    made = make(cron="30 8 * * MON-FRI", time_zone="Europe/Moscow")
    due = datetime.fromisoformat(made["next_run_at"])
    assert (due.hour, due.minute, due.weekday() < 5) == (5, 30, True)
    assert len(fake_aws.planned) == int((due - clock.now()).total_seconds() > 900)
    fake_aws.later(seconds=(due - clock.now()).total_seconds() - 200)
    fake_aws.run(seconds=210)
    ((_, _, at),) = fake_aws.work
    assert 0 <= (at - due).total_seconds() < 0.5


def test_lost_messages_do_not_make_it_late(fake_aws: FakeAws) -> None:
    fake_aws.loses = True
    made = make(rate="5 minutes")
    fake_aws.loses = False
    fake_aws.run(minutes=5, seconds=3)
    ((_, _, at),) = fake_aws.work
    assert 0 <= (at - datetime.fromisoformat(made["next_run_at"])).total_seconds() < 0.5


def test_what_was_missed_is_made_up_for_once(fake_aws: FakeAws) -> None:
    make()
    fake_aws.messages.clear()
    fake_aws.later(minutes=30)
    fake_aws.run(seconds=121)
    assert [task["status"] for task in tasks()] == ["completed"] * 2


def test_a_time_during_an_unfinished_task_is_skipped_unless_overlap_is_allowed(fake_aws: FakeAws) -> None:
    patient, hasty = make(**SMS), make(**SMS, overlap="allow")
    busy: list[Any] = [ok("POST", f"{SCHEDULES}/{made['id']}/run")["task"] for made in (patient, hasty)]
    for task in busy:
        ok("PATCH", f"{TASKS}/{task['id']}", {"execute_at": clock.to_json(clock.now() + timedelta(minutes=10))})
    fake_aws.run(seconds=62)
    assert [shown(made)["runs"] for made in (patient, hasty)] == [1, 2]
    assert [shown(made)["skipped"] for made in (patient, hasty)] == [1, 0]
    assert ask("POST", f"{SCHEDULES}/{patient['id']}/run").status == 409
    assert ask("POST", f"{SCHEDULES}/{hasty['id']}/run").status == 201
    ok("DELETE", f"{TASKS}/{busy[0]['id']}")
    fake_aws.run(seconds=60)
    assert shown(patient)["runs"] == 2


def test_a_paused_schedule_does_not_fire_until_it_is_resumed(fake_aws: FakeAws) -> None:
    made = make()
    paused = ok("PATCH", f"{SCHEDULES}/{made['id']}", {"paused": True})["schedule"]
    assert (paused["paused"], paused["next_run_at"]) == (True, None)
    fake_aws.run(minutes=3)
    assert tasks() == []
    out_of_turn = ok("POST", f"{SCHEDULES}/{made['id']}/run")["task"]
    fake_aws.run(seconds=2)
    assert [task["id"] for task in tasks()] == [out_of_turn["id"]]
    assert ok("PATCH", f"{SCHEDULES}/{made['id']}", {"paused": False})["schedule"]["next_run_at"] is not None
    fake_aws.run(seconds=61)
    assert len(tasks()) == 2


def test_it_is_changed_listed_and_deleted(fake_aws: FakeAws) -> None:
    made, other = make(), make(**SMS, paused=True)
    fields = {"cron": "0 6 * * *", "payload": None, "name": "Новое"}
    changed = ok("PATCH", f"{SCHEDULES}/{made['id']}", fields)["schedule"]
    assert (changed["cron"], changed["rate"], changed["payload"], changed["name"]) == ("0 6 * * *", None, None, "Новое")
    page = ok("GET", SCHEDULES)
    assert ([one["id"] for one in page["schedules"]], page["total"]) == ([other["id"], made["id"]], 2)
    assert ok("GET", f"{SCHEDULES}?paused=true")["total"] == 1
    assert ok("GET", f"{SCHEDULES}?task_type=work")["total"] == 1
    assert ask("DELETE", f"{SCHEDULES}/{made['id']}").status == 204
    assert ask("GET", f"{SCHEDULES}/{made['id']}").status == 404
    assert compare(ListCounters(LISTING))[0] == {}
    fake_aws.run(minutes=2)
    assert tasks() == []


WRONG = [
    ({}, "cron или rate"),
    ({"cron": "0 6 * * *", "rate": "5 minutes"}, "либо cron, либо rate"),
    ({"cron": "0 6 * *"}, "cron"),
    ({"cron": "0 0 31 2 *"}, "cron"),
    ({"rate": "5 seconds"}, "rate"),
    ({"rate": "often"}, "rate"),
    ({"cron": "0 6 * * *", "time_zone": "Mars/Base"}, "time_zone"),
    ({"cron": "0 6 * * *", "time_zone": "../etc/passwd"}, "time_zone"),
    ({"cron": "0 6 * * *", "time_zone": "localtime"}, "time_zone"),
    ({"cron": "0 6 * * *", "time_zone": "Factory"}, "time_zone"),
    ({"rate": "5 minutes", "overlap": "queue"}, "overlap"),
    ({"rate": "5 minutes", "payload": "x" * 204_799}, "payload"),
]


@pytest.mark.parametrize(("fields", "text"), WRONG)
def test_what_is_not_right_is_400_and_says_what(fake_aws: FakeAws, fields: dict[str, Any], text: str) -> None:
    with nothing_written():
        answer = ask("POST", SCHEDULES, BASE | fields)
    assert answer.status == 400
    assert text in answer.json["error"]


@pytest.mark.parametrize(
    ("cron", "text"),
    [
        ("30 24 * * *", "cron: час: 24 не подходит, допустимо от 0 до 23"),
        ("0 6 31 2 *", "cron: такой день не наступит: день 31, месяц 2, день недели *"),
    ],
)
def test_a_wrong_cron_names_its_part_when_a_schedule_is_made_and_changed(
    fake_aws: FakeAws, cron: str, text: str
) -> None:
    made = make()
    for method, path, body in (
        ("POST", SCHEDULES, BASE | {"cron": cron}),
        ("PATCH", f"{SCHEDULES}/{made['id']}", {"cron": cron}),
    ):
        answer = ask(method, path, body)
        assert (answer.status, answer.json["error"]) == (400, text)


def story(fake_aws: FakeAws, dies_at: int | None) -> int:
    """A schedule over two minutes; all calls that were made of AWS."""
    empty_tables()
    fake_aws.work.clear()
    fake_aws.messages.clear()
    fake_aws.steps, fake_aws.dies_at = 0, None
    made = make(rate="40 seconds", overlap="allow")
    fake_aws.dies_at = dies_at
    fake_aws.run(minutes=4)
    first = datetime.fromisoformat(made["next_run_at"])
    found = tasks()
    planned = [datetime.fromisoformat(task["execute_at"]) for task in found]
    assert len(set(planned)) == len(planned), dies_at
    assert planned[0] == first
    assert {(at - first).total_seconds() % 40 for at in planned} == {0}
    assert len(planned) >= 6 - 3, dies_at  # what came while it was late is not made up for
    assert shown(made)["runs"] == len(found)
    return fake_aws.steps


def test_whenever_a_process_dies_no_time_is_fired_twice(fake_aws: FakeAws) -> None:
    steps = story(fake_aws, None)
    for dies_at in range(1, min(steps, 36), 6):
        story(fake_aws, dies_at)
