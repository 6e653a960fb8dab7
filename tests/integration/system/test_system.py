"""What administrators see of the system, and what they do with dead letters."""

import json
from collections.abc import Callable, Iterator

import pytest

import chalicelib
from chalicelib.core import breaker, circuits, clock
from chalicelib.core.aws import client
from chalicelib.core.dead_letters import QUEUES
from chalicelib.core.settings import settings
from chalicelib.migrations import store
from chalicelib.migrations.model import Applied, Migration, Run, State
from chalicelib.system import service
from infra.functions import functions as table
from infra.lambdas import resources as functions
from infra.messaging import resources as queues
from tests.failure_injection import fault, throttled
from tests.integration.webhooks.subscribing import subscribe
from tests.production import ask, empty_tables, ok

SYSTEM, DEAD_LETTERS = "/api/v1/system", "/api/v1/system/dead-letters"
STACK = "shopfloor-test"


@pytest.fixture(autouse=True)
def stack(tables_of_the_system: None) -> Iterator[None]:
    """Empty queues and tables."""
    circuits.forget()
    urls = []
    for name in QUEUES:
        for full_name in (name, f"{name}-dlq"):
            urls.append(client("sqs").create_queue(QueueName=f"{STACK}-{full_name}")["QueueUrl"])
    yield
    for url in urls:
        client("sqs").delete_queue(QueueUrl=url)
    empty_tables()
    settings.cache_clear()


def put(queue: str, *bodies: str, delay: int = 0, **attributes: str) -> None:
    url = client("sqs").get_queue_url(QueueName=f"{STACK}-{queue}")["QueueUrl"]
    named = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
    for body in bodies:
        client("sqs").send_message(QueueUrl=url, MessageBody=body, DelaySeconds=delay, MessageAttributes=named)


def take(queue: str) -> list[str]:
    """The messages of a queue, which are hidden from now on."""
    url = client("sqs").get_queue_url(QueueName=f"{STACK}-{queue}")["QueueUrl"]
    found: list[str] = []
    while messages := client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        found += [message["Body"] for message in messages]
    return sorted(found)


def fail(name: str, times: int) -> None:
    """So many calls through a breaker fail."""
    for _ in range(times):
        breaker.Permit(name).report(failed=True)


def test_the_system_says_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"CORS_ORIGINS": "https://a.example, https://b.example", "DAILY_QUOTAS": "sms=3"}
    given |= {"MAIL_FROM": "shop@example.com", "JWT_SECRET_ARN": "arn:secret", "REGISTRATION": "closed"}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    found = ask("GET", SYSTEM)
    shown = found.json
    assert {name: shown[name] for name in ("version", "stage", "stack", "region", "time_zone")} == {
        "version": chalicelib.VERSION,
        "stage": settings().stage,
        "stack": STACK,
        "region": "us-east-1",
        "time_zone": "UTC",
    }
    wanted = shown["settings"]
    assert wanted["mail_from_set"] is True and wanted["cors_origins"] == ["https://a.example", "https://b.example"]
    assert wanted["daily_quotas"]["sms"] == 3
    assert (wanted["registration"], wanted["public_url"]) == ("closed", None)
    assert "shop@example.com" not in found.text and "arn:secret" not in found.text


def test_the_migrations_show_how_far_they_have_come(monkeypatch: pytest.MonkeyPatch) -> None:
    titles = ("Batches have a colour", "Orders have a weight", "Sites have a name")
    known = tuple(Migration(number, title) for number, title in enumerate(titles, 1))
    monkeypatch.setattr("chalicelib.migrations.service.migrations", lambda: known)
    applied_at = "2026-01-02T00:00:00.000000Z"
    record = Applied(1, titles[0], "2026-01-01T00:00:00.000000Z", applied_at, 9, 8, "1.0.0")
    run = Run(2, "2026-01-02T00:00:00.000000Z", read=3, changed=2, listed=1, total=4, error="Busy: later")
    store.save(State(applied=1, target=3, run=run, history=[record]))
    shown = ok("GET", SYSTEM)["migrations"]
    names = ("number", "status", "percent", "read", "changed")
    assert [tuple(item[name] for name in names) for item in shown["items"]] == [
        (1, "done", 100, 9, 8),
        (2, "running", 25, 3, 2),
        (3, "waiting", 0, 0, 0),
    ]
    assert [item["title"] for item in shown["items"]] == list(titles)
    assert clock.from_text(shown["items"][0]["applied_at"]) == clock.from_text(applied_at)
    assert (shown["settled_at"], shown["error"]) == (None, "Busy: later")


def test_retention_matches_the_template() -> None:
    shown = ok("GET", SYSTEM)["settings"]
    kept = {one["Properties"].get("MessageRetentionPeriod") for name, one in queues().items() if name.endswith("Dlq")}
    assert kept == {shown["dead_letter_retention_days"] * 24 * 3600}
    logs = functions(table({"relay"}), "prod")["RelayLog"]["Properties"]
    assert logs["RetentionInDays"] == shown["log_retention_days"]
    assert shown["delivery_retention_days"] == 30


def test_the_circuits_are_those_of_the_service_and_of_webhooks(later: Callable[..., None]) -> None:
    subscribe("https://one.example/a")
    subscribe("https://one.example/b")
    fail("webhook:one.example:443", 5)
    fail("orders", 1)
    found = {one.pop("name"): one for one in ok("GET", SYSTEM)["circuits"]}
    assert list(found) == ["users", "orders", "email", "webhook:one.example:443"]
    assert found["users"] == {"state": "closed", "failures": 0, "successes": 0, "retry_at": None}
    assert found["orders"] == {"state": "closed", "failures": 1, "successes": 0, "retry_at": None}
    assert found["webhook:one.example:443"]["state"] == "open"
    assert found["webhook:one.example:443"]["retry_at"] > clock.to_json(clock.now())
    later(seconds=11)
    half = ok("GET", SYSTEM)["circuits"][-1]
    assert (half["state"], half["failures"], half["retry_at"]) == ("half_open", 5, None)


def test_circuits_that_cannot_be_read_are_unknown_and_the_rest_is_there() -> None:
    with fault(throttled, of={"BatchGetItem"}.__contains__, table=f"{STACK}-breakers") as calls:
        found = ok("GET", SYSTEM)
    assert calls
    assert {one["state"] for one in found["circuits"]} == {"unknown"}
    assert [one["name"] for one in found["queues"]] == list(QUEUES)


def test_the_queues_tell_how_much_they_have() -> None:
    put("work", "1", "2", "3")
    put("deferred", "later", delay=600)
    put("work-dlq", "dead")
    found = {one.pop("name"): one for one in ok("GET", SYSTEM)["queues"]}
    none = {"messages": 0, "in_flight": 0}
    assert found["work"] == {"messages": 3, "in_flight": 0, "delayed": 0, "dead_letters": {**none, "messages": 1}}
    assert found["deferred"] == {"messages": 0, "in_flight": 0, "delayed": 1, "dead_letters": none}
    take("work")
    assert ok("GET", SYSTEM)["queues"][QUEUES.index("work")]["in_flight"] == 3


def test_dead_emails_are_shown_and_stay() -> None:
    before = clock.now()
    put("deferred-dlq", '{"task_id": 1}', ERROR_CODE="NO_PERMISSIONS", ERROR_MESSAGE="not allowed")
    for times in (1, 2):
        page = ok("GET", f"{DEAD_LETTERS}/deferred")
        (item,) = page["items"]
        assert (page["queue"], page["messages"]) == ("deferred", 1)
        assert (item["body"], item["body_cut"], item["receive_count"]) == ('{"task_id": 1}', False, times)
        assert (item["error_code"], item["error_message"]) == ("NO_PERMISSIONS", "not allowed")
        assert abs((clock.from_text(item["sent_at"]) - before).total_seconds()) < 60
    assert ok("GET", f"{DEAD_LETTERS}/work") == {"queue": "work", "messages": 0, "items": []}
    moved = ask("POST", f"{DEAD_LETTERS}/deferred/replay", headers={"If-Match": '"of-an-earlier-read"'})
    assert (moved.status, moved.json) == (200, {"moved": 1, "more": False})  # each look changes the page


def test_a_long_dead_letter_is_cut() -> None:
    put("react-dlq", "ё" * 20_001)
    (item,) = ok("GET", f"{DEAD_LETTERS}/react")["items"]
    assert (len(item["body"]), item["body_cut"]) == (20_000, True)
    assert (item["error_code"], item["error_message"]) == (None, None)


def test_replay_moves_dead_letters_back_to_the_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MAX_MOVED", 10)
    bodies = sorted(json.dumps({"task_id": number}) for number in range(13))
    put("work-dlq", *bodies)
    put("outside-dlq", "another")
    assert ok("POST", f"{DEAD_LETTERS}/work/replay") == {"moved": 10, "more": True}
    assert ok("POST", f"{DEAD_LETTERS}/work/replay") == {"moved": 3, "more": False}
    assert ok("POST", f"{DEAD_LETTERS}/work/replay") == {"moved": 0, "more": False}
    assert take("work") == bodies
    assert ok("GET", f"{DEAD_LETTERS}/outside")["messages"] == 1


@pytest.mark.parametrize(("method", "path"), [("GET", "bus"), ("POST", "bus/replay"), ("GET", "work-dlq")])
def test_another_queue_is_unknown(method: str, path: str) -> None:
    answer = ask(method, f"{DEAD_LETTERS}/{path}")
    assert answer.status == 404
    assert answer.json == {"error": f"Очередь не найдена, есть: {', '.join(QUEUES)}"}
