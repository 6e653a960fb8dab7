"""The relay, the fan-out and the deliverer die at every step in turn; afterwards everything has been delivered.

A process has no effect on the outside but by its calls, so it is enough to end it between two calls: for every call of
an undisturbed run there is one whose process dies just before that call, and stays dead until AWS starts another.
"""

import json

import pytest

from chalicelib.core.outgoing import OutsideResponse
from chalicelib.core.recount import ListCounters, compare
from chalicelib.webhooks.deliveries_store import DELIVERIES
from tests.integration.webhooks.fake_aws import OK, FakeAws, deliveries
from tests.integration.webhooks.subscribing import HERE, happen, happen_many, subscribe
from tests.production import empty_tables

OTHER = "https://two.example/hook"
EVENTS = ["batch.created", "product.aggregated"]
PARTS = 4
DELIVERIES_THERE_ARE = 6


def story(fake_aws: FakeAws, dies_at: int | None) -> int:
    """An event by itself and two in one item of the outbox, to two receivers, one of which fails once; all calls."""
    empty_tables()
    fake_aws.calls.clear()
    for queue in fake_aws.queues.values():
        queue.clear()
    fine, failing = subscribe(HERE, events=EVENTS), subscribe(OTHER, events=EVENTS)
    fake_aws.answers[OTHER] = [OutsideResponse(500, "", 1), OK]
    happen()
    happen_many(2)
    fake_aws.steps, fake_aws.deaths, fake_aws.dies_at = 0, 0, dies_at
    fake_aws.run(minutes=20)
    for made in (fine, failing):
        everything_arrived(fake_aws, made)
    wrong, moved, _ = compare(ListCounters(DELIVERIES))
    assert (wrong, moved) == ({}, set())
    return fake_aws.steps


def everything_arrived(fake_aws: FakeAws, made: dict[str, str]) -> None:
    """Each delivery once in the table, at least once at the receiver, always as the same bytes under the same id."""
    mine = [item for item in deliveries() if item.subscription_id == made["uuid"]]
    assert [item.status for item in mine] == ["success"] * 3
    calls = fake_aws.got(made["url"])
    assert {call.headers["webhook-id"] for call in calls} == {item.uuid for item in mine}
    assert len({(call.headers["webhook-id"], call.body) for call in calls}) == 3
    events = {(call.envelope["event"], call.envelope["data"]["aggregate_id"]) for call in calls}
    assert {(name, about) for name, about in events if name == "product.aggregated"} == {
        ("product.aggregated", "0"),
        ("product.aggregated", "1"),
    }
    for item in mine:
        log = json.loads(item.log)
        assert len(log) == item.attempts
        assert [one["at"] for one in log] == sorted(one["at"] for one in log)


def test_an_undisturbed_run_sends_each_once_and_one_twice(fake_aws: FakeAws) -> None:
    story(fake_aws, None)
    assert len(fake_aws.calls) == DELIVERIES_THERE_ARE + 1
    assert not any(fake_aws.queues.values())


@pytest.mark.parametrize("part", range(PARTS))
def test_whenever_a_process_dies_everything_is_delivered(fake_aws: FakeAws, part: int) -> None:
    steps = story(fake_aws, None)
    assert steps > 50
    for dies_at in range(1 + part, steps + 1, PARTS):
        story(fake_aws, dies_at)
        assert fake_aws.deaths == (fake_aws.steps >= dies_at)  # pauses are random, so a run may have a call less


@pytest.mark.parametrize("queue", ["webhooks", "deliveries"])
def test_every_message_may_come_twice(fake_aws: FakeAws, queue: str) -> None:
    put = fake_aws.put

    def twice(name: str, body: str, delay: int = 0) -> None:
        for _ in range(2 if name == queue else 1):
            put(name, body, delay)

    fake_aws.put = twice  # type: ignore[method-assign]
    story(fake_aws, None)
    assert len(fake_aws.calls) == len(deliveries()) + 1
