"""The relay: events reach the bus in order and at least once, also when a process dies."""

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
from tests.integration.events.conftest import Bus
from tests.integration.events.outbox import ONE, OTHER, WANTED, failed, record, send, stream_records, unsent


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


def test_one_stream_record_sends_all_unsent_items_of_its_aggregate(bus: Bus) -> None:
    for name in ("a", "b", "c"):
        record(name)
    send(stream_records(ONE)[-1:])
    assert bus.names(ONE) == ["a", "b", "c"]


def test_events_written_side_by_side_keep_the_order_of_their_commits(bus: Bus) -> None:
    for name in ("left behind", "b", "a", "not announced yet"):
        record(name)
    _, second, first, _ = stream_records(ONE)  # the stream has "a" before "b", whatever their clocks
    send([first, second])
    assert bus.names(ONE) == ["left behind", "a", "b", "not announced yet"]


def test_rejected_event_blocks_later_ones_and_is_returned_as_failed(bus: Bus) -> None:
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


def test_rejected_aggregate_does_not_block_another(bus: Bus) -> None:
    for name in ("a", "b"):
        record(name)
        record(name, OTHER)
    bus.refuses = {ONE}
    answer = send(stream_records(ONE, OTHER))
    assert len(failed(answer)) == 1
    assert (bus.names(ONE), bus.names(OTHER)) == ([], ["a", "b"])


def test_call_has_one_event_of_an_aggregate_and_at_most_ten_entries(bus: Bus) -> None:
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


def test_stream_records_of_changes_and_deletions_are_ignored(bus: Bus) -> None:
    record("a")
    (one,) = stream_records(ONE)
    for name in ("MODIFY", "REMOVE"):
        assert failed(send([one | {"eventName": name}])) == []
    assert bus.taken == []


def test_stream_record_of_a_sent_event_is_ignored(bus: Bus) -> None:
    record("a")
    (one,) = stream_records(ONE)
    sent = one["dynamodb"]["NewImage"] | {"sent_at": {"S": clock.to_text(clock.now())}}
    assert failed(send([one | {"dynamodb": one["dynamodb"] | {"NewImage": sent}}])) == []
    assert bus.taken == []


def test_backlog_of_other_aggregates_does_not_hide_unsent_records(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "KEYS_PER_AGGREGATE", 1)
    for number in range(30):
        record("a", f"batch#{number}")
        record("b", f"batch#{number}")
    names = [f"batch#{number}" for number in range(20, 30)]
    send([one for one in stream_records(*names) if one["dynamodb"]["NewImage"]["name"]["S"] == "b"])
    assert all(bus.names(name) == ["a", "b"] for name in names)
    assert len(unsent()) == 40


def test_marking_as_sent_changes_no_other_attribute(bus: Bus) -> None:
    record("a")
    (before,) = client("dynamodb").scan(TableName=table_name("events"))["Items"]
    send(stream_records(ONE))
    (after,) = client("dynamodb").scan(TableName=table_name("events"))["Items"]
    del before["lshard"], before["waiting"]
    assert after == before | {"sent_at": after["sent_at"]}


def test_sweep_sends_old_events_and_leaves_recent_ones_to_the_stream(bus: Bus) -> None:
    for name in ("a", "b"):
        record(name, ONE, age=timedelta(minutes=5))
    record("young", OTHER)
    assert relay.sweep(lambda: WANTED) == 2
    assert bus.names(ONE) == ["a", "b"]
    assert bus.names(OTHER) == []
    assert relay.sweep(lambda: WANTED) == 0
    assert unsent() == ["young"]


def test_sweep_measures_the_age_of_the_oldest_unsent_event(bus: Bus, capsys: pytest.CaptureFixture[str]) -> None:
    record("old", ONE, age=timedelta(minutes=5))
    record("young", OTHER)
    for _ in range(2):
        relay.sweep(lambda: WANTED)
    waits = [json.loads(line)["OldestUnsentEvent"] for line in capsys.readouterr().err.splitlines()]
    assert 300 <= waits[0] < 320
    assert 0 <= waits[1] < 20


def test_a_backlog_is_swept_oldest_first_and_in_order_with_few_reads(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sweep begins with some of the oldest items; the next sweeps go on."""
    monkeypatch.setattr(relay, "SWEEP_LIMIT", 4)
    monkeypatch.setattr(store, "FEW_KEYS", 1)
    monkeypatch.setattr(store, "KEYS_PER_AGGREGATE", 1)
    aggregates = [f"batch#{number}" for number in range(40)]
    for minute in (9, 7, 5):
        for aggregate in aggregates:
            record(f"{minute}", aggregate, age=timedelta(minutes=minute))
            record("log.internal", aggregate, age=timedelta(minutes=minute))
    first = relay.sweep(lambda: WANTED)
    shards = settings().listing_shards
    assert 0 < first <= 4 * shards * 3
    while relay.sweep(lambda: WANTED):
        pass
    assert all(bus.names(aggregate) == ["9", "7", "5"] for aggregate in aggregates)
    assert unsent() == []


def test_an_item_of_the_version_before_is_sent_too(bus: Bus) -> None:
    """Its key in the index began with the aggregate; it is found behind the others."""
    record("old", ONE, age=timedelta(minutes=5))
    (raw,) = client("dynamodb").scan(TableName=table_name("events"))["Items"]
    raw["waiting"] = {"S": f"{ONE}#{raw['seq']['S']}"}
    client("dynamodb").put_item(TableName=table_name("events"), Item=raw)
    record("new", ONE, age=timedelta(minutes=4))
    assert relay.sweep(lambda: WANTED) == 2
    assert bus.names(ONE) == ["old", "new"]


def test_sweep_keeps_the_order_of_old_and_recent_events(bus: Bus) -> None:
    record("old", ONE, age=timedelta(minutes=5))
    record("young", ONE)
    assert relay.sweep(lambda: WANTED) == 2
    assert bus.names(ONE) == ["old", "young"]


def test_sweep_stops_an_aggregate_at_a_rejected_event(bus: Bus) -> None:
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
