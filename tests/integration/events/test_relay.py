"""From the outbox to the bus: in order, at least once, whatever dies on the way."""

import json
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.core import clock
from chalicelib.core.actor import ADMINISTRATOR
from chalicelib.core.aws import client
from chalicelib.core.dynamo import table_name
from chalicelib.core.settings import settings
from chalicelib.core.transactions import transaction
from chalicelib.events import relay, service, store
from chalicelib.events.schemas import LogQuery
from chalicelib.events.types import EVENT_TYPES
from infra.functions.events import UNSENT
from tests.aws_calls import Call, patch_calls
from tests.integration.events.conftest import Bus

ONE, OTHER = "batch#1", "batch#2"
WANTED = {"hook.wanted", "hook.too"}


def record(name: str, aggregate: str = ONE, age: timedelta = timedelta(0)) -> str:
    """An event written as by a use case; its id."""
    with transaction() as tx:
        return service.record(tx, name, aggregate, clock.now() - age, number=name)


def stream_records(*aggregates: str) -> list[dict[str, Any]]:
    """The stream records of what these aggregates have, in the order written."""
    items = client("dynamodb").scan(TableName=table_name("events"))["Items"]
    mine = sorted((item for item in items if item["aggregate"]["S"] in aggregates), key=lambda item: item["seq"]["S"])
    return [
        {"eventName": "INSERT", "dynamodb": {"NewImage": item, "SequenceNumber": str(number)}}
        for number, item in enumerate(mine, 100)
    ]


def send(records: list[dict[str, Any]]) -> dict[str, Any]:
    """What the relay answers to these stream records, while there is a subscription to `WANTED`."""
    return relay.relay({"Records": records}, lambda: WANTED)


def failed(answer: dict[str, Any]) -> list[str]:
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def unsent() -> list[str]:
    return [record.name for record in store.read_unsent(list(store.all_unsent()))]


def test_events_reach_the_bus_in_order_and_are_marked(bus: Bus) -> None:
    ids = [record(name) for name in ("a", "b", "c")]
    assert failed(send(stream_records(ONE))) == []
    assert bus.names(ONE) == ["a", "b", "c"]
    assert unsent() == []
    log = list(service.history(ADMINISTRATOR, ONE))
    assert [event.name for event in log] == ["a", "b", "c"]
    assert all(event.sent_at and event.sent_at >= event.occurred_at for event in log)
    entry = bus.taken[0]
    assert (entry["EventBusName"], entry["Source"]) == ("shopfloor-test-bus", "shopfloor")
    detail = json.loads(entry["Detail"])
    at = clock.to_json(log[0].occurred_at)
    data = {"aggregate_id": "1", "occurred_at": at, "number": "a"}
    assert detail == {"event": "a", "events": [{"id": ids[0], "timestamp": at, "data": data}]}


def test_one_record_is_enough_for_all_that_waits(bus: Bus) -> None:
    for name in ("a", "b", "c"):
        record(name)
    send(stream_records(ONE)[-1:])
    assert bus.names(ONE) == ["a", "b", "c"]


def test_events_written_side_by_side_keep_the_order_of_their_commits(bus: Bus) -> None:
    for name in ("left behind", "b", "a", "not announced yet"):
        record(name)
    _, second, first, _ = stream_records(ONE)  # the stream has "a" before "b", whatever their clocks said
    send([first, second])
    assert bus.names(ONE) == ["left behind", "a", "b", "not announced yet"]


def test_a_refused_event_keeps_its_followers_back_and_is_reported(bus: Bus) -> None:
    for name in ("a", "b", "c"):
        record(name)
        record(name, OTHER)
    bus.refuses = {"b"}
    records = stream_records(ONE, OTHER)
    answer = send(records)
    first = {
        record["dynamodb"]["NewImage"]["aggregate"]["S"]: record["dynamodb"]["SequenceNumber"]
        for record in records[::-1]
    }
    assert sorted(failed(answer)) == sorted(first.values())
    assert bus.names(ONE) == bus.names(OTHER) == ["a"]
    assert sorted(unsent()) == ["b", "b", "c", "c"]
    bus.refuses = set()
    assert failed(send(records)) == []
    assert bus.names(ONE)[-2:] == bus.names(OTHER)[-2:] == ["b", "c"]
    assert unsent() == []


def test_an_aggregate_that_is_refused_does_not_hold_up_another(bus: Bus) -> None:
    for name in ("a", "b"):
        record(name)
        record(name, OTHER)
    bus.refuses = {ONE}
    answer = send(stream_records(ONE, OTHER))
    assert len(failed(answer)) == 1
    assert (bus.names(ONE), bus.names(OTHER)) == ([], ["a", "b"])


def test_no_call_carries_two_events_of_one_aggregate_nor_more_than_ten(bus: Bus) -> None:
    for number in range(12):
        record("a", f"batch#{number}")
        record("b", f"batch#{number}")
    send(stream_records(*(f"batch#{number}" for number in range(12))))
    assert bus.calls == [10, 2, 10, 2]
    assert all(bus.names(f"batch#{number}") == ["a", "b"] for number in range(12))


def test_what_was_sent_but_not_marked_is_sent_again(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b"):
        record(name)

    def dies(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(store, "mark_sent", dies)
        send(stream_records(ONE))
    assert bus.names(ONE) == ["a", "b"]
    send(stream_records(ONE))
    assert bus.names(ONE) == ["a", "b", "a", "b"]
    ids = [json.loads(entry["Detail"])["events"][0]["id"] for entry in bus.taken]
    assert ids[:2] == ids[2:]
    assert unsent() == []


def test_a_bus_that_is_down_loses_nothing(bus: Bus) -> None:
    record("a")
    bus.down = True
    with pytest.raises(ConnectionError):
        send(stream_records(ONE))
    assert unsent() == ["a"]


def test_records_delivered_twice_send_twice_and_mark_once(bus: Bus) -> None:
    record("a")
    records = stream_records(ONE)
    for _ in range(2):
        assert failed(send(records)) == []
    assert bus.names(ONE) == ["a", "a"]
    assert unsent() == []


def test_changes_and_removals_of_events_are_no_news(bus: Bus) -> None:
    record("a")
    (one,) = stream_records(ONE)
    for name in ("MODIFY", "REMOVE"):
        assert failed(send([one | {"eventName": name}])) == []
    assert bus.taken == []


def test_what_is_written_as_sent_already_is_no_news(bus: Bus) -> None:
    record("a")
    (one,) = stream_records(ONE)
    sent = one["dynamodb"]["NewImage"] | {"sent_at": {"S": clock.to_text(clock.now())}}
    assert failed(send([one | {"dynamodb": one["dynamodb"] | {"NewImage": sent}}])) == []
    assert bus.taken == []


def test_a_backlog_of_others_does_not_hide_what_waits(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "KEYS_PER_AGGREGATE", 1)
    for number in range(30):
        record("a", f"batch#{number}")
        record("b", f"batch#{number}")
    names = [f"batch#{number}" for number in range(20, 30)]
    send([one for one in stream_records(*names) if one["dynamodb"]["NewImage"]["name"]["S"] == "b"])
    assert all(bus.names(name) == ["a", "b"] for name in names)
    assert len(unsent()) == 40


def test_marking_keeps_all_that_was_recorded(bus: Bus) -> None:
    record("a")
    (before,) = client("dynamodb").scan(TableName=table_name("events"))["Items"]
    send(stream_records(ONE))
    (after,) = client("dynamodb").scan(TableName=table_name("events"))["Items"]
    del before["lshard"], before["waiting"]
    assert after == before | {"sent_at": after["sent_at"]}


def test_the_sweep_sends_what_the_stream_missed_and_leaves_the_young_to_it(bus: Bus) -> None:
    for name in ("a", "b"):
        record(name, ONE, age=timedelta(minutes=5))
    record("young", OTHER)
    assert relay.sweep(lambda: WANTED) == 2
    assert bus.names(ONE) == ["a", "b"]
    assert bus.names(OTHER) == []
    assert relay.sweep(lambda: WANTED) == 0
    assert unsent() == ["young"]


def test_the_sweep_tells_for_how_long_the_oldest_event_waits(bus: Bus, capsys: pytest.CaptureFixture[str]) -> None:
    record("old", ONE, age=timedelta(minutes=5))
    record("young", OTHER)
    for _ in range(2):
        relay.sweep(lambda: WANTED)
    waits = [json.loads(line)["OldestUnsentEvent"] for line in capsys.readouterr().err.splitlines()]
    assert 300 <= waits[0] < 320
    assert 0 <= waits[1] < 20


def test_the_sweep_keeps_the_order_of_old_and_young(bus: Bus) -> None:
    record("old", ONE, age=timedelta(minutes=5))
    record("young", ONE)
    assert relay.sweep(lambda: WANTED) == 2
    assert bus.names(ONE) == ["old", "young"]


def test_the_sweep_stops_an_aggregate_at_what_the_bus_refuses(bus: Bus) -> None:
    for name in ("a", "b"):
        record(name, ONE, age=timedelta(minutes=5))
        record(name, OTHER, age=timedelta(minutes=5))
    bus.refuses = {ONE}
    assert relay.sweep(lambda: WANTED) == 2
    assert (bus.names(ONE), bus.names(OTHER)) == ([], ["a", "b"])
    assert unsent() == ["a", "b"]


@pytest.mark.parametrize("step", [timedelta(0), timedelta(microseconds=-1)], ids=["stands still", "goes back"])
def test_events_of_one_transaction_keep_the_order_in_which_they_were_recorded(
    bus: Bus, monkeypatch: pytest.MonkeyPatch, step: timedelta
) -> None:
    at = clock.now()
    names = [str(number) for number in (2, 0, 1, *range(3, 30))]
    moments = (at + number * step for number in range(1_000))
    with monkeypatch.context() as patch:
        patch.setattr(clock, "now", lambda: next(moments))
        with transaction() as tx:
            for name in names[:-1]:
                service.record(tx, name, ONE, at)
            service.record_many(tx, names[-1], ONE, at, [("x", {}), ("y", {})])
    assert [event.name for event in service.history(ADMINISTRATOR, ONE)] == [*names, names[-1]]
    send(stream_records(ONE))
    assert bus.names(ONE) == names


def test_an_exception_in_the_use_case_writes_no_event(bus: Bus) -> None:
    with pytest.raises(KeyError), transaction() as tx:
        service.record(tx, "a", ONE, clock.now())
        raise KeyError
    assert list(service.history(ADMINISTRATOR, ONE)) == []


def test_many_events_travel_as_one_and_are_read_one_by_one(bus: Bus) -> None:
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
def test_the_log_is_paged_inside_of_many_events_too(bus: Bus, limit: int) -> None:
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
    """The names of the calls to DynamoDB that are made from now on."""
    made: list[str] = []

    def around(real: Call) -> Call:
        def call(client: Any, operation: str, arguments: Any) -> Any:
            made.append(operation)
            return real(client, operation, arguments)

        return call

    patch_calls(monkeypatch, around)
    return made


def details(bus: Bus) -> list[tuple[str, list[str]]]:
    """Of each entry on the bus its name and whose events it carries."""
    return [(entry["DetailType"], entry["Resources"]) for entry in bus.taken]


def test_what_nobody_can_listen_to_is_in_the_log_alone(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    record("log.only")
    (event,) = service.history(ADMINISTRATOR, ONE)
    assert event.sent_at == event.occurred_at
    assert unsent() == []
    records = stream_records(ONE)
    assert UNSENT["dynamodb"] == {"NewImage": {"lshard": {"S": [{"exists": True}]}}}  # what the stream wakes for
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


def test_what_no_subscription_asks_for_is_marked_and_not_sent(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(20):
        record("hook.nobody", f"batch#{number}")
    records = stream_records(*(f"batch#{number}" for number in range(20)))
    made = calls_to(monkeypatch)
    assert failed(send(records)) == []
    assert made == ["BatchWriteItem"]
    assert bus.taken == []
    assert unsent() == []
    assert all(event.sent_at for event in service.history(ADMINISTRATOR, "batch#7"))


def test_without_a_subscription_none_of_it_is_left_to_the_sweep(bus: Bus) -> None:
    record("hook.nobody", age=timedelta(minutes=5))
    assert relay.sweep(lambda: WANTED) == 1
    assert bus.taken == []
    assert unsent() == []


def test_what_only_webhooks_get_travels_together_by_name(bus: Bus) -> None:
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


def test_events_of_one_aggregate_do_not_travel_together(bus: Bus) -> None:
    for _ in range(3):
        record("hook.wanted")
    send(stream_records(ONE))
    assert bus.calls == [1, 1, 1]


def test_a_message_carries_a_hundred_events_at_most(bus: Bus) -> None:
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


def test_a_refused_message_keeps_back_all_whose_events_it_carries(bus: Bus) -> None:
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


def test_what_was_taken_before_the_bus_went_down_is_marked(bus: Bus) -> None:
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
