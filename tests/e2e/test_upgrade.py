"""Upgrades: the current stack is deployed over that of the last release, with its data and the work under way there."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from localstack.client import Api
from tests.e2e.due import plan_at
from tests.e2e.people import administrator, mailed, person
from tests.e2e.production import at_once, new_batch, ok
from tests.e2e.receiver import receiver
from tests.e2e.stack import Stack, free_ports, start
from tests.e2e.upgrading import Recording, record, started_over
from tests.last_release import NoHistory, commit, unpack
from tests.waiting import wait_for

SETTINGS = {"DEMO": "1", "AUTH_REQUIRED": "true"}
MAX_WAIT_SECONDS = 150
DUE_SECONDS = range(8, 24)  # while the current stack is deployed, and soon after
RECIPIENT = "upgrade-{}-{}@example.com"
ROUNDS = range(3)
EACH = 4
MARCH = {"date_from": "2024-03-01", "date_to": "2024-03-31"}
KINDS = {"background", "deferred", "long", "saga"}
OPERATIONS = "/api/v1/operations?limit=100"
CHANGING = {"health", "last_used_at", "download_url", "url"}  # by themselves, or with the address of the emulator
CODES = range(3_000)
Request = tuple[str, Any, str]  # path, body, idempotency key


@dataclass(frozen=True)
class Old:
    """The stack of the last release after its stop: what it answered, and what it left."""

    stack: Stack
    recording: Recording
    under_way: list[str]
    batch: str
    rounds: range
    deliveries: str
    port: int
    credentials: list[dict[str, str]]
    invitation: dict[str, str]
    report: tuple[Request, Any]


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Old:
    """It had the demo of two days, and was stopped while work of every kind was under way."""
    tree = tmp_path_factory.mktemp("release")
    try:
        unpack(commit(), tree)
    except NoHistory as reason:
        pytest.skip(f"NOT RUN: {reason}")
    plant = tree / "localstack" / "demo" / "plant.py"
    plant.write_text(plant.read_text().replace("DAYS = 14", "DAYS = 2"))
    stack = start(tmp_path_factory.mktemp("upgraded"), SETTINGS, tree=tree)
    try:
        return fill(stack.as_seen_by(administrator(stack)))
    finally:
        stack.stop()


def fill(stack: Stack) -> Old:
    """Record what the stack answers, and begin work of every kind."""
    key = ok(stack, "POST", "/v1/api-keys", {"name": "Весы", "roles": ["engineer"]})["data"]["key"]
    who = person(stack)
    invitation = {"token": mailed(stack, who["email"]), "password": "первый пароль"}
    port, subscription = subscribe(stack)
    wait_for(lambda: not operations(stack, "running"), MAX_WAIT_SECONDS, 0.2)
    recording = record(stack)
    known = recording.known["/api/v1/operations"]
    batch = new_batch(stack)["uuid"]
    for number in ROUNDS:  # until some of every kind is under way at one moment
        report = begin(stack, batch, number)
        under_way = [name for name in operations(stack, "running", "waiting") if name not in known]
        if {name.split()[0] for name in under_way} == KINDS:
            break
    else:
        raise AssertionError(operations(stack))
    return Old(
        stack=stack,
        recording=recording,
        under_way=under_way,
        batch=batch,
        rounds=range(number + 1),
        deliveries=f"/api/webhooks/{subscription}/deliveries",
        port=port,
        credentials=[dict(stack.headers), {"X-API-Key": key}],
        invitation=invitation,
        report=(report, send(stack, report).json()),
    )


def operations(stack: Stack, *statuses: str) -> dict[str, str]:
    """The statuses of the operations that have one of these."""
    query = "&".join((OPERATIONS, *(f"status={status}" for status in statuses)))
    return {f"{one['kind']} {one['id']}": one["status"] for one in ok(stack, "GET", query)["items"]}


def subscribe(stack: Stack) -> tuple[int, str]:
    """Subscribe a receiver that does not listen yet; its port, and the subscription."""
    (port,) = free_ports(1)
    body = {"url": f"http://127.0.0.1:{port}/hook", "events": ["batch.created"], "secret_key": "upgrade_secret_key"}
    return port, ok(stack, "POST", "/api/webhooks", {**body, "retry_count": 10})["uuid"]


def begin(stack: Stack, batch: str, around: int) -> Request:
    """Begin work of every kind, for the n-th time, with more products for a batch; the request for a report."""
    now = datetime.now(UTC)
    for seconds in DUE_SECONDS:
        email = {"to": RECIPIENT.format(around, seconds), "subject": "Смена началась", "body": "Партия"}
        plan_at(stack, now + timedelta(seconds=seconds), "send_email", email)
    long = f"/task/{ok(stack, 'GET', '/v1/users/profile')['data']['number']}"
    report = {"name": "Смена", "template_id": 2, "parameters": MARCH, "format": "pdf"}
    codes = {"unique_codes": [f"upgrade-{around}-{number}" for number in CODES]}
    wanted: list[Request] = [(f"/api/batches/{batch}/products/bulk", codes, f"products-{around}")]
    wanted += [(long, {"task": "Обработка данных"}, f"long-{around}-{number}") for number in range(EACH)]
    wanted += [("/api/v1/reports/", report, f"report-{around}-{number}") for number in range(EACH)]
    answers = at_once(lambda request: send(stack, request), wanted)  # at once, so that the first still run at the end
    assert max(answer.status_code for answer in answers) < 300, [answer.text for answer in answers]
    return wanted[-1]


def send(stack: Stack, request: Request) -> requests.Response:
    """Send a request, which has the same answer when it is repeated."""
    path, body, key = request
    return stack.call("POST", path, json=body, headers={"Idempotency-Key": key})


@pytest.fixture(scope="module")
def upgraded(old: Old) -> Iterator[Stack]:
    """The current stack over that state."""
    with started_over(old.stack, old.recording, {**SETTINGS, "DEMO": "0"}) as stack:
        yield stack


def test_every_list_has_all_that_is_old_in_every_order_and_by_every_filter(upgraded: Stack) -> None:
    assert "deploy" in upgraded.output  # the rest was checked while it started


def test_everything_old_is_read_by_its_id(old: Old, upgraded: Stack) -> None:
    for path, then in old.recording.items.items():
        assert contains(ok(upgraded, "GET", path), then), path


def contains(now: Any, then: Any) -> bool:
    """Whether an answer has everything that it had then."""
    if isinstance(then, dict):
        return all(name in now and contains(now[name], then[name]) for name in then.keys() - CHANGING)
    if isinstance(then, list):
        return len(now) == len(then) and all(map(contains, now, then))
    return bool(now == then)


def test_all_that_was_under_way_is_finished(old: Old, upgraded: Stack) -> None:
    with receiver(old.port) as target:

        def ended() -> Any:
            upgraded.client("lambda").invoke(FunctionName=f"{upgraded.name}-sweep", Payload=b"{}")
            found = operations(upgraded, "waiting", "running")
            return not found.keys() & set(old.under_way)

        wait_for(ended, MAX_WAIT_SECONDS, 0.5)
        delivered = wait_for(lambda: delivery_of(upgraded, old.deliveries), MAX_WAIT_SECONDS, 0.2)
    done = operations(upgraded, "done")
    failed = ok(upgraded, "GET", f"{OPERATIONS}&status=failed")["items"]
    assert {name: done.get(name) for name in old.under_way} == dict.fromkeys(old.under_way, "done"), failed
    assert ok(upgraded, "GET", f"/api/batches/{old.batch}")["products_total"] == len(CODES) * len(old.rounds)
    assert {one.id for one in target.at("/hook")} == {delivered}
    recipients = {RECIPIENT.format(around, seconds) for around in old.rounds for seconds in DUE_SECONDS}
    wait_for(lambda: sent(upgraded).keys() >= recipients)  # the emulator delivers after it has answered
    assert sent(upgraded).keys() == recipients
    assert sent(upgraded) <= attempts(upgraded)  # an attempt that the stop ended may have sent its email before


def sent(stack: Stack) -> Counter[str]:
    """How many emails of the tasks each recipient has got."""
    files = (stack.state / "mail").glob(f"* {RECIPIENT.format('*', '*')}.eml")
    return Counter(file.stem.split()[1] for file in files)


def attempts(stack: Stack) -> Counter[str]:
    """How many attempts the tasks have had that send these emails, by recipient."""
    tasks = ok(stack, "GET", "/api/v1/tasks?task_type=send_email&limit=100")["tasks"]
    numbers = {task["payload"]["to"]: task["id"] for task in tasks}
    return Counter(
        {to: ok(stack, "GET", f"/api/v1/tasks/{number}/attempts")["total"] for to, number in numbers.items()}
    )


def delivery_of(stack: Stack, deliveries: str) -> str | None:
    """The id of the one delivery, once it has arrived."""
    (delivery,) = ok(stack, "GET", deliveries)["items"]
    return str(delivery["uuid"]) if delivery["status"] == "success" else None


def test_old_credentials_and_keys_are_valid(old: Old, upgraded: Stack) -> None:
    for headers in old.credentials:
        assert upgraded.as_seen_by(headers).call("GET", "/api/batches?limit=1").status_code == 200
    people = json.loads((upgraded.state / "people.json").read_text())
    assert Api(upgraded.url).log_in("manager@shopfloor.local", people["password"]).token
    assert upgraded.call("POST", "/v1/users/password/reset", json=old.invitation).status_code == 200
    request, answer = old.report
    assert send(upgraded, request).json() == answer
