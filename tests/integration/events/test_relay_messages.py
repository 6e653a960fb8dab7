"""The number of events in a message and in a call, and events that are not sent."""

import json
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.core import clock
from chalicelib.core.actor import ADMINISTRATOR
from chalicelib.core.settings import settings
from chalicelib.core.transactions import transaction
from chalicelib.events import relay, service
from chalicelib.events.schemas import LogQuery
from chalicelib.events.types import EVENT_TYPES
from infra.functions.events import UNSENT
from tests.aws_calls import Call, patch_calls
from tests.integration.events.conftest import Bus
from tests.integration.events.outbox import ONE, OTHER, WANTED, failed, record, send, stream_records, unsent


def test_events_of_one_record_are_sent_together_and_read_one_by_one(bus: Bus) -> None:
    record("first")
    with transaction() as tx:
        entries = [(f"product-{number}", {"number": number}) for number in range(30)]
        service.record_many(tx, "made", ONE, clock.now(), entries)
    record("last")
    send(stream_records(ONE))
    assert bus.names(ONE) == ["first", "made", "last"]
    sent = json.loads(bus.taken[1]["Detail"])["events"]
    assert [(event["data"]["aggregate_id"], event["data"]["number"]) for event in sent] == [
        (f"product-{number}", number) for number in range(30)
    ]
    log = list(service.history(ADMINISTRATOR, ONE))
    assert [event.id for event in log[1:-1]] == [event["id"] for event in sent]
    assert len({event.id for event in log}) == len(log) == 32


@pytest.mark.parametrize("limit", [1, 7, 25, 100])
def test_log_is_paged_inside_a_record_of_many_events(bus: Bus, limit: int) -> None:
    record("first")
    with transaction() as tx:
        service.record_many(tx, "made", ONE, clock.now(), [(str(number), {}) for number in range(40)])
    with transaction() as tx:
        service.record_many(tx, "more", ONE, clock.now(), [(str(number), {}) for number in range(10)])
    record("last")
    seen: list[str] = []
    cursor = None
    while True:
        page = service.list_page(ADMINISTRATOR, ONE, LogQuery(limit=limit, cursor=cursor))
        assert len(page.items) <= limit
        seen += [event.id for event in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == [event.id for event in service.history(ADMINISTRATOR, ONE)][::-1]
    assert len(set(seen)) == 52


def test_a_call_to_the_bus_stays_under_its_size(bus: Bus) -> None:
    for number in range(4):
        with transaction() as tx:
            service.record_many(tx, "big", f"batch#{number}", clock.now(), [("x", {"text": "y" * 900})] * 100)
    send(stream_records(*(f"batch#{number}" for number in range(4))))
    assert len(bus.taken) == 4
    assert max(bus.sizes) <= 256_000


def calls_to(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that gets the names of the following calls to DynamoDB."""
    made: list[str] = []

    def around(real: Call) -> Call:
        def call(client: Any, operation: str, arguments: Any) -> Any:
            made.append(operation)
            return real(client, operation, arguments)

        return call

    patch_calls(monkeypatch, around)
    return made


def details(bus: Bus) -> list[tuple[str, list[str]]]:
    """Return the name and the aggregates of each entry on the bus."""
    return [(entry["DetailType"], entry["Resources"]) for entry in bus.taken]


def test_event_that_is_not_published_is_in_the_log_only(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    record("log.only")
    (event,) = service.history(ADMINISTRATOR, ONE)
    assert event.sent_at == event.occurred_at
    assert unsent() == []
    records = stream_records(ONE)
    assert UNSENT["dynamodb"] == {"NewImage": {"lshard": {"S": [{"exists": True}]}}}  # the filter of the stream
    assert "lshard" not in records[0]["dynamodb"]["NewImage"]
    made = calls_to(monkeypatch)
    assert failed(send(records)) == []
    assert (made, bus.taken) == ([], [])


LOG_ONLY = [kind for kind in EVENT_TYPES.values() if not (kind.webhook_enabled or kind.has_listener)]


def test_internal_events_without_a_listener_stay_in_the_log(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "EVENT_TYPES", EVENT_TYPES)
    assert {"saga.started", "saga.step_completed", "user.created", "report.created"} <= {kind.name for kind in LOG_ONLY}
    at = clock.now() - timedelta(minutes=5)
    with transaction() as tx:
        for kind in LOG_ONLY:
            added = {"aggregate_id", "occurred_at"}
            data = {name: value for name, value in kind.example_data().items() if name not in added}
            service.record(tx, kind.name, ONE, at, **data)
    made = calls_to(monkeypatch)
    every_event = {kind.name for kind in EVENT_TYPES.values()}
    assert failed(relay.relay({"Records": stream_records(ONE)}, lambda: every_event)) == []
    assert relay.sweep(lambda: every_event) == 0
    assert bus.taken == [] and "BatchWriteItem" not in made
    log = list(service.history(ADMINISTRATOR, ONE))
    assert [event.name for event in log] == [kind.name for kind in LOG_ONLY]
    assert all(event.sent_at == event.occurred_at for event in log)


def test_event_without_a_subscription_is_marked_and_not_sent(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(20):
        record("hook.nobody", f"batch#{number}")
    records = stream_records(*(f"batch#{number}" for number in range(20)))
    made = calls_to(monkeypatch)
    assert failed(send(records)) == []
    assert made == ["BatchWriteItem"]
    assert bus.taken == []
    assert unsent() == []
    assert all(event.sent_at for event in service.history(ADMINISTRATOR, "batch#7"))


def test_sweep_marks_events_without_a_subscription(bus: Bus) -> None:
    record("hook.nobody", age=timedelta(minutes=5))
    assert relay.sweep(lambda: WANTED) == 1
    assert bus.taken == []
    assert unsent() == []


def test_events_without_a_listener_are_sent_together_by_name(bus: Bus) -> None:
    for number in range(30):
        record("hook.wanted", f"batch#{number}")
        record("hook.too", f"batch#{number}")
        record("listened", f"batch#{number}")
    names = [f"batch#{number}" for number in range(30)]
    send(stream_records(*names))
    assert bus.calls == [1, 1, 10, 10, 10]
    assert [name for name, _ in details(bus)] == ["hook.wanted", "hook.too", *["listened"] * 30]
    for entry in bus.taken[:2]:
        events = json.loads(entry["Detail"])["events"]
        assert entry["Resources"] == [f"batch#{event['data']['aggregate_id']}" for event in events]
        assert sorted(entry["Resources"]) == sorted(names)
        logged = {
            event.id
            for name in names
            for event in service.history(ADMINISTRATOR, name)
            if event.name == entry["DetailType"]
        }
        assert {event["id"] for event in events} == logged
    assert unsent() == []


def test_events_of_one_aggregate_are_sent_in_separate_calls(bus: Bus) -> None:
    for _ in range(3):
        record("hook.wanted")
    send(stream_records(ONE))
    assert bus.calls == [1, 1, 1]


def test_message_has_at_most_a_hundred_events(bus: Bus) -> None:
    for number in range(12):
        with transaction() as tx:
            service.record_many(tx, "hook.wanted", f"batch#{number}", clock.now(), [("x", {})] * 15)
    send(stream_records(*(f"batch#{number}" for number in range(12))))
    assert [len(json.loads(entry["Detail"])["events"]) for entry in bus.taken] == [90, 90]


def test_messages_of_many_events_stay_under_the_size_of_a_call(bus: Bus) -> None:
    for number in range(7):
        with transaction() as tx:
            service.record_many(tx, "hook.wanted", f"batch#{number}", clock.now(), [("x", {"text": "y" * 9_000})] * 10)
    send(stream_records(*(f"batch#{number}" for number in range(7))))
    assert [len(resources) for _, resources in details(bus)] == [2, 2, 2, 1]
    assert max(bus.sizes) <= 256_000


def test_rejected_message_blocks_all_aggregates_in_it(bus: Bus) -> None:
    for name in (ONE, OTHER, "batch#3"):
        record("hook.wanted", name)
        record("listened", name)
    record("listened", "batch#4")
    bus.refuses = {"hook.wanted"}
    answer = send(stream_records(ONE, OTHER, "batch#3", "batch#4"))
    assert len(failed(answer)) == 3
    assert details(bus) == [("listened", ["batch#4"])]
    bus.refuses = set()
    assert relay.sweep(lambda: WANTED) == 0
    send(stream_records(ONE, OTHER, "batch#3"))
    assert all(bus.names(name)[-1] == "listened" for name in (ONE, OTHER, "batch#3"))
    assert unsent() == []


def test_a_batch_of_records_is_marked_with_few_calls(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(25):
        record("a", f"batch#{number}")
    records = stream_records(*(f"batch#{number}" for number in range(25)))
    made = calls_to(monkeypatch)
    send(records)
    assert made.count("BatchWriteItem") == 1
    assert made.count("Query") <= settings().listing_shards
    assert len(bus.taken) == 25


def test_events_accepted_before_the_bus_failed_are_marked(bus: Bus) -> None:
    for name in ("a", "b"):
        record(name)
    put = bus.put_events

    def once(Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - as boto3 calls it
        answer = put(Entries)
        bus.down = True
        return answer

    bus.put_events = once  # type: ignore[method-assign]
    with pytest.raises(ConnectionError):
        send(stream_records(ONE))
    assert bus.names(ONE) == ["a"]
    assert unsent() == ["b"]
