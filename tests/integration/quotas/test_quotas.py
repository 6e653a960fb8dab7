"""Daily quotas: each kind of use by each role, sequential and concurrent."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.core import clock
from chalicelib.core.aws import client
from chalicelib.core.transactions import transaction
from chalicelib.deferred_tasks import firing, registry, running, schedules_store, store
from chalicelib.quotas import service as quotas
from chalicelib.reports import store as reports
from chalicelib.reports.batch_report import service as batch_report
from chalicelib.users.service import User
from tests.crash_injection import writes_in_turn
from tests.exchange import csv_file, form, row
from tests.http_events import Response
from tests.integration.reports.test_batch_report import Lambda
from tests.people import person, signed_in
from tests.production import ask, batch_body, events_of, nothing_written

SOON = "2099-01-01T00:00:00Z"
PHOTO = {"name": "Стена.jpg", "content_type": "image/jpeg", "size": 5}
Make = Callable[[User], Response]


def call(user: User, method: str, path: str, body: Any = None, **headers: str) -> Response:
    return ask(method, path, body, signed_in(user) | headers)


def ok(user: User, method: str, path: str, body: Any = None) -> Any:
    answer = call(user, method, path, body)
    assert answer.status < 300, answer.text
    return answer.json


def task(task_type: str, payload: Any) -> Make:
    body = {"task_type": task_type, "payload": payload, "execute_at": SOON}
    return lambda user: call(user, "POST", "/api/v1/tasks", body)


def file(user: User) -> Response:
    body, headers = form(csv_file([row()]))
    return call(user, "POST", "/api/batches/import", body, **headers)


def attachment(user: User) -> Response:
    chief = person("manager")
    site = ok(chief, "POST", "/api/v1/sites", {"code": f"S-{user.number}-{clock.now():%f}", "name": "ЖК"})
    defect = ok(chief, "POST", "/api/v1/defects", {"site_id": site["id"], "title": "Трещина"})
    return call(user, "POST", f"/api/v1/defects/{defect['id']}/attachments", PHOTO)


COSTLY: dict[str, tuple[str, Make]] = {
    "email": ("emails", task("send_email", {"to": "user@example.com"})),
    "sms": ("sms", task("send_sms", {"phone": "+79991234567", "text": "x"})),
    "callback": ("callbacks", task("http_callback", {"url": "https://example.com/"})),
    "long task": ("long_tasks", lambda user: call(user, "POST", f"/task/{user.number}", {"task": "Задача"})),
    "report": ("reports", lambda user: call(user, "POST", "/api/v1/reports", {"name": "Отчет", "template_id": 4})),
    "import": ("uploads", file),
    "export": ("background_tasks", lambda user: call(user, "POST", "/api/batches/export?format=csv", {"filters": {}})),
    "place": ("uploads", lambda user: call(user, "POST", "/api/batches/import/uploads", {"file_name": "a.csv"})),
    "attachment": ("uploads", attachment),
}


def used(user: User) -> dict[str, int]:
    return {name: one["used"] for name, one in ok(user, "GET", "/v1/quotas/me")["data"]["quotas"].items()}


@pytest.fixture
def next_day(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Let the quotas see the clock of tomorrow; tokens keep that of today."""
    ahead = SimpleNamespace(now=lambda: clock.now() + timedelta(days=1))
    return lambda: monkeypatch.setattr(quotas, "clock", ahead)


@pytest.mark.parametrize("what", COSTLY)
def test_requests_above_a_quota_are_refused_until_the_next_day(what: str, next_day: Callable[[], None]) -> None:
    kind, make = COSTLY[what]
    user, other = person("manager"), person("manager")
    for number in (1, 2):
        assert make(user).status < 300
        also = {"background_tasks": number} if what == "import" else {}
        assert used(user) == dict.fromkeys(used(user), 0) | {kind: number} | also
    at = clock.now()
    answer = make(user)
    assert answer.status == 429
    assert f"{kind} — 2" in answer.text and "00:00 UTC" in answer.text
    midnight = datetime.combine(at.date() + timedelta(days=1), time.min, UTC)
    assert abs((midnight - at).total_seconds() - int(answer.headers["Retry-After"])) < 5
    assert used(user)[kind] == 2
    assert make(other).status < 300
    next_day()
    assert make(user).status < 300
    assert used(user)[kind] == 1


@pytest.mark.parametrize("what", COSTLY)
def test_administrators_are_not_bounded(what: str) -> None:
    kind, make = COSTLY[what]
    chief = person("admin")
    assert [make(chief).status < 300 for _ in range(4)] == [True] * 4
    shown = ok(chief, "GET", "/v1/quotas/me")["data"]["quotas"][kind]
    assert shown == {"used": 0, "limit": None}


def test_a_refusal_has_the_shape_of_its_area_and_writes_nothing() -> None:
    user = person("manager")
    shapes = {}
    for what in ("email", "long task", "report", "import"):
        _, make = COSTLY[what]
        for _ in range(2):
            make(user)
        with nothing_written_but_numbers():
            shapes[what] = set(make(user).json)
    assert shapes == {"email": {"error"}, "long task": {"error"}, "report": {"error"}, "import": {"detail"}}


def nothing_written_but_numbers() -> Any:
    """Numbers of things are given out before the transaction that may be refused."""
    return nothing_written(but=("-counters",))


def test_refused_and_replayed_requests_use_no_quota() -> None:
    user = person("manager")
    payload = {"to": "user@example.com"}
    past = {"task_type": "send_email", "payload": payload, "execute_at": "2020-01-01T00:00:00Z"}
    assert call(user, "POST", "/api/v1/tasks", past).status == 400
    assert call(user, "POST", "/task/999", {"task": "x"}).status == 404
    assert call(user, "POST", "/api/batches/import/uploads", {"file_name": "a.exe"}).status == 400
    assert set(used(user).values()) == {0}
    body = {"task_type": "send_email", "payload": payload, "execute_at": SOON}
    for _ in range(3):
        assert call(user, "POST", "/api/v1/tasks", body, **{"Idempotency-Key": "once"}).status == 201
    assert used(user)["emails"] == 1


def test_of_many_at_once_only_as_many_as_the_quota_has_are_made() -> None:
    user = person("manager")
    _, make = COSTLY["sms"]
    with writes_in_turn(), ThreadPoolExecutor(8) as pool:
        statuses = sorted(answer.status for answer in pool.map(lambda _: make(user), range(8)))
    assert statuses == [201] * 2 + [429] * 6
    assert used(user)["sms"] == 2
    assert ok(user, "GET", "/api/v1/tasks")["total"] == 2


def test_a_task_made_again_takes_from_the_quota() -> None:
    user = person("manager")
    numbers = [COSTLY["callback"][1](user).json["task"]["id"] for _ in range(2)]
    for number in numbers:
        found = store.find(number)
        assert found
        found.refuse(clock.now(), "нет")
        with transaction() as tx:
            store.save(tx, found, "pending")
    assert call(user, "POST", f"/api/v1/tasks/{numbers[0]}/retry").status == 429
    assert call(user, "POST", "/api/v1/tasks/retry", {}).status == 429


def test_a_report_made_again_takes_from_the_quota() -> None:
    user = person("manager")
    sagas = [COSTLY["report"][1](user).json["saga_id"] for _ in range(2)]
    for saga_id in sagas:
        saga = reports.find_saga(saga_id)
        assert saga
        saga.status = "failed"
        with transaction() as tx:
            reports.save_saga(tx, saga)
    with nothing_written_but_numbers():
        assert call(user, "POST", f"/api/v1/sagas/{sagas[0]}/retry").status == 429


def test_a_run_of_a_schedule_beyond_the_quota_fails_with_the_reason(next_day: Callable[[], None]) -> None:
    user = person("manager")
    body = {"name": "Смена", "task_type": "send_email", "payload": {"to": "a@example.com"}, "rate": "1 minute"}
    made = ok(user, "POST", "/api/v1/schedules", body | {"overlap": "allow"})["schedule"]
    tasks = [fire(made["id"]) for _ in range(3)]
    assert [task["status"] for task in tasks] == ["pending", "pending", "failed"]
    assert "emails — 2" in tasks[2]["error_message"] and tasks[2]["attempts"] == 0
    ((name, data),) = events_of(f"deferred_task#{tasks[2]['id']}")
    assert (name, data["error"]) == ("deferred_task.failed", tasks[2]["error_message"])
    assert call(user, "POST", f"/api/v1/schedules/{made['id']}/run").status == 429
    assert used(user)["emails"] == 2
    assert ok(user, "GET", f"/api/v1/schedules/{made['id']}")["schedule"]["paused"] is False
    next_day()
    assert fire(made["id"])["status"] == "pending"


def fire(schedule_id: str) -> dict[str, Any]:
    """Let a schedule be due, and fire it; the task that came of it."""
    schedule = schedules_store.find(schedule_id)
    assert schedule
    schedule.next_run_at = clock.now()
    with transaction() as tx:
        schedules_store.save(tx, schedule)
    assert firing.fire(schedule_id) == "fired"
    fired = schedules_store.find(schedule_id)
    assert fired and fired.last_task
    task = store.find(fired.last_task)
    assert task
    return {"id": task.number, "status": task.status, "error_message": task.error_message, "attempts": task.attempts}


def test_a_planned_report_beyond_the_quota_fails_at_once() -> None:
    user = person("manager")
    for _ in range(2):
        COSTLY["report"][1](user)
    number = task("generate_report", {"name": "Отчет", "template_id": 4})(user).json["task"]["id"]
    found = store.find(number)
    assert found
    found.start(clock.now())
    registry.find("generate_report")
    failure = running.attempt(found, user.actor())
    assert isinstance(failure, running.Failure)
    assert failure.final and "reports — 2" in failure.text


def test_a_report_on_a_batch_takes_a_report_and_its_email(monkeypatch: pytest.MonkeyPatch) -> None:
    function = Lambda()
    monkeypatch.setattr(batch_report, "client", lambda service: function if service == "lambda" else client(service))
    user = person("manager")
    center = ok(user, "POST", "/api/work_centers", {"identifier": "WC-1", "name": "Цех"})
    batch = ok(user, "POST", "/api/batches", batch_body(center["uuid"]))
    place = f"/api/batches/{batch['uuid']}/reports/generate?format=xlsx"
    assert call(user, "POST", place).status == 201
    assert call(user, "POST", f"{place}&user_email=a@example.com").status == 201
    assert (used(user)["reports"], used(user)["emails"]) == (2, 1)
    with nothing_written():
        assert call(user, "POST", place).status == 429
    asked = {"batch_id": batch["uuid"], "format": "xlsx", "user_email": "", "user_id": user.number}
    asked |= {"user_name": user.name, "user_roles": ["manager"]}
    result = json.loads(function.invoke("shopfloor-test-batch-report", json.dumps(asked).encode())["Payload"].read())
    assert result["status"] == 429  # another took the last one while this one was made
    assert used(user)["reports"] == 2


def test_administrators_see_the_use_of_all_users(next_day: Callable[[], None]) -> None:
    chief, people = person("admin"), [person("manager") for _ in range(6)]
    today = clock.now().date().isoformat()
    for number, user in enumerate(people[:5]):
        COSTLY["sms"][1](user)
        if number % 2:
            COSTLY["email"][1](user)
    page = ok(chief, "GET", "/v1/quotas?limit=2&offset=1")
    cursor = page["meta"].pop("next_cursor")
    assert page["meta"] == {"total": 5, "limit": 2, "offset": 1}
    rest = ok(chief, "GET", f"/v1/quotas?cursor={cursor}")
    assert [one["user_id"] for one in rest["data"]] == [people[3].number, people[4].number]
    assert [one["user_id"] for one in page["data"]] == [people[1].number, people[2].number]
    first = page["data"][0]
    assert (first["day"], first["quotas"]["emails"]) == (today, {"used": 1, "limit": 2})
    assert first["quotas"]["sms"] == {"used": 1, "limit": 2} and first["quotas"]["reports"]["used"] == 0
    next_day()
    assert ok(chief, "GET", "/v1/quotas")["data"] == []
    assert ok(chief, "GET", f"/v1/quotas?day={today}")["meta"]["total"] == 5
    assert call(people[0], "GET", "/v1/quotas").status == 403
