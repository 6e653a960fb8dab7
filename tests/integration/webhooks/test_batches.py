"""Events and deliveries of one SQS batch: they share their reads and writes, and nothing else."""

import json
import threading
from typing import Any

import pytest

from chalicelib.core import outgoing
from chalicelib.core.outgoing import OutsideResponse
from chalicelib.core.recount import ListCounters, compare
from chalicelib.core.threads import own_threads
from chalicelib.webhooks import deliveries_store, sending, store
from chalicelib.webhooks.deliveries_store import DELIVERIES, MAX_WRITES, DeliveryItem
from tests.integration.webhooks.fake_aws import OK, FakeAws, deliveries
from tests.integration.webhooks.subscribing import HERE, delivery_list, happen, happen_many, subscribe
from tests.production import ok
from tests.waiting import wait_for

OTHER = "https://two.example/hook"


def exact() -> bool:
    """Whether the counters of the list are those of the items."""
    return compare(ListCounters(DELIVERIES))[0] == {}


def arrive(fake_aws: FakeAws, count: int) -> None:
    """Events become deliveries with a message each."""
    for _ in range(count):
        happen()
    fake_aws.stream()
    fake_aws.fan_out()
    fake_aws.operations.clear()


def trusted(fake_aws: FakeAws, *urls: str) -> None:
    """A delivery to each of these has succeeded: their breakers trust them."""
    for url in urls:
        subscribe(url)
    happen()
    fake_aws.run()
    fake_aws.calls.clear()


def statuses() -> list[str]:
    return sorted(item.status for item in deliveries())


def test_ten_deliveries_take_few_calls(fake_aws: FakeAws) -> None:
    trusted(fake_aws, HERE, OTHER)
    arrive(fake_aws, 5)
    assert fake_aws._deliver()
    assert fake_aws.operations == [
        "BatchGetItem",  # the deliveries
        "TransactWriteItems",  # taken
        "BatchGetItem",  # their subscriptions and keys
        "BatchGetItem",  # the breakers
        "UpdateItem",  # of one host
        "UpdateItem",  # of the other
        "TransactWriteItems",  # delivered
        "UpdateItem",  # the health of one subscription
        "UpdateItem",  # and of the other
    ]
    assert len(fake_aws.calls) == 10
    assert statuses() == ["success"] * 12
    assert exact()


def test_the_events_of_a_batch_are_fanned_out_with_few_writes(fake_aws: FakeAws) -> None:
    for url in (HERE, OTHER):
        subscribe(url)
    for _ in range(10):
        happen()
    fake_aws.stream()
    fake_aws.operations.clear()
    fake_aws.fan_out()
    assert fake_aws.operations == ["Query", "TransactWriteItems", "SendMessageBatch", "SendMessageBatch"]
    assert len(fake_aws.queues["deliveries"]) == 20
    assert exact()


def test_a_chunk_of_deliveries_fits_into_a_transaction(fake_aws: FakeAws) -> None:
    for number in range(12):
        subscribe(f"https://{number}.example/hook", events=["product.aggregated"])
    happen_many(40)
    fake_aws.stream()
    written = {"transactions": 0}
    add = deliveries_store.add

    def note(items: list[DeliveryItem]) -> None:
        counters = {""} | {name for one in items for name in (one.subscription_id, one.of_status, one.of_type)}
        assert len(items) + len(counters) <= MAX_WRITES
        written["transactions"] += 1
        add(items)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deliveries_store, "add", note)
        fake_aws.fan_out()
    assert len(deliveries()) == 480
    assert written["transactions"] < 480 // 40
    assert exact()


def test_deliveries_with_large_payloads_share_a_transaction_of_4_mb_only() -> None:
    at = sending.clock.now()
    items = [deliveries_store.new(str(n), "s", "batch.created", "now", "x" * 250_000, at) for n in range(20)]
    assert [len(chunk) for chunk in deliveries_store.chunks(items)] == [8, 8, 4]


def test_an_event_that_comes_in_two_messages_is_delivered_once(fake_aws: FakeAws) -> None:
    subscribe()
    happen()
    fake_aws.stream()
    fake_aws.queues["webhooks"] *= 2
    fake_aws.run()
    assert len(fake_aws.calls) == len(deliveries()) == 1


def test_a_delivery_taken_meanwhile_does_not_delay_the_others(
    fake_aws: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted(fake_aws, HERE)
    arrive(fake_aws, 3)
    find_many = deliveries_store.find_many

    def then_taken(ids: list[str]) -> Any:
        found = find_many(ids)
        assert deliveries_store.take(ids[0], sending.clock.now())
        return found

    monkeypatch.setattr(deliveries_store, "find_many", then_taken)
    assert fake_aws._deliver()
    assert statuses() == ["pending", *["success"] * 3]
    assert len(fake_aws.calls) == 2


def test_a_delivery_that_lost_its_lease_does_not_delay_the_others(fake_aws: FakeAws) -> None:
    trusted(fake_aws, HERE)
    arrive(fake_aws, 3)
    lost: list[str] = []

    def lose(method: str, url: str, headers: dict[str, str], *_: Any) -> OutsideResponse:
        if not lost:
            lost.append(headers["webhook-id"])
            fake_aws.later(seconds=46)
            assert deliveries_store.take(lost[0], sending.clock.now())
        return OK

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outgoing, "request", lose)
        assert fake_aws._deliver()
    left = [item for item in deliveries() if item.status == "pending"]
    assert [(item.uuid, item.attempts) for item in left] == [(lost[0], 0)]
    assert exact()


def test_one_that_lost_its_lease_is_not_announced_again(fake_aws: FakeAws) -> None:
    """The worker that has it now does that: two messages for each failure would double with every attempt."""
    trusted(fake_aws, HERE)
    arrive(fake_aws, 1)

    def lose(method: str, url: str, headers: dict[str, str], *_: Any) -> OutsideResponse:
        fake_aws.later(seconds=46)
        assert deliveries_store.take(headers["webhook-id"], sending.clock.now())
        return OutsideResponse(500, "", 1)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outgoing, "request", lose)
        assert fake_aws._deliver()
    assert fake_aws.queues["deliveries"] == []


def test_failures_and_successes_of_a_batch_count_in_their_order(fake_aws: FakeAws) -> None:
    trusted(fake_aws, HERE)
    (made,) = ok("GET", "/api/webhooks")["items"]
    fake_aws.answers[HERE] = [OutsideResponse(404, "", 1)] * 3 + [OK]
    arrive(fake_aws, 4)
    assert fake_aws._deliver()
    assert store.get(made["uuid"]).failures == 0
    page = delivery_list(made, "?limit=100")["items"]
    assert sorted(json.loads(item.log)[0]["status"] for item in deliveries()) == [200, 200, 404, 404, 404]
    assert sorted(item["status"] for item in page) == ["pending"] * 3 + ["success"] * 2


def test_a_slow_endpoint_holds_up_neither_the_others_nor_the_record_of_them(
    fake_aws: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted(fake_aws, HERE, OTHER)
    arrive(fake_aws, 2)
    goes_on = threading.Event()

    def answer(method: str, url: str, *_: Any) -> OutsideResponse:
        assert url == HERE or goes_on.wait(120)
        return OK

    monkeypatch.setattr(outgoing, "request", answer)
    monkeypatch.setattr(sending, "own_threads", own_threads)
    with own_threads(1) as pool:
        batch = pool.submit(fake_aws._deliver)
        try:
            wait_for(lambda: statuses() == ["pending"] * 2 + ["success"] * 4)
        finally:
            goes_on.set()
        assert batch.result()
    assert statuses() == ["success"] * 6
