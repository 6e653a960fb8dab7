"""The relay, the fan-out and the deliverer die at every step in turn; afterwards everything has been delivered.

A process has no effect on the outside but by its calls, so dying between two calls is all there is: for every call of
an undisturbed run there is one whose process dies just before that call, and stays dead until AWS starts another.
"""

import json

import pytest

from chalicelib.core.outgoing import Answer
from chalicelib.core.recount import ListingLedger, look
from chalicelib.webhooks.deliveries_store import DELIVERIES
from tests.integration.webhooks.subscribing import HERE, happen, happen_many, subscribe
from tests.integration.webhooks.world import OK, World, deliveries
from tests.production import empty_tables

OTHER = "https://two.example/hook"
EVENTS = ["batch.created", "product.aggregated"]
PARTS = 4
DELIVERIES_THERE_ARE = 6


def story(world: World, dies_at: int | None) -> int:
    """An event by itself and two in one item of the outbox, to two receivers, one of which fails once; all calls."""
    empty_tables()
    world.calls.clear()
    for queue in world.queues.values():
        queue.clear()
    fine, failing = subscribe(HERE, events=EVENTS), subscribe(OTHER, events=EVENTS)
    world.answers[OTHER] = [Answer(500, "", 1), OK]
    happen()
    happen_many(2)
    world.made, world.deaths, world.dies_at = 0, 0, dies_at
    world.run(minutes=20)
    for made in (fine, failing):
        everything_arrived(world, made)
    wrong, moved, _ = look(ListingLedger(DELIVERIES))
    assert (wrong, moved) == ({}, set())
    return world.made


def everything_arrived(world: World, made: dict[str, str]) -> None:
    """Each delivery once in the table, at least once at the receiver, always as the same bytes under the same id."""
    mine = [item for item in deliveries() if item.subscription_id == made["uuid"]]
    assert [item.status for item in mine] == ["success"] * 3
    calls = world.got(made["url"])
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


def test_an_undisturbed_run_sends_each_once_and_one_twice(world: World) -> None:
    story(world, None)
    assert len(world.calls) == DELIVERIES_THERE_ARE + 1
    assert not any(world.queues.values())


@pytest.mark.parametrize("part", range(PARTS))
def test_whenever_a_process_dies_everything_is_delivered(world: World, part: int) -> None:
    steps = story(world, None)
    assert steps > 50
    for dies_at in range(1 + part, steps + 1, PARTS):
        story(world, dies_at)
        assert world.deaths == (world.made >= dies_at)  # pauses are random, so a run may have a call less


@pytest.mark.parametrize("queue", ["webhooks", "deliveries"])
def test_every_message_may_come_twice(world: World, queue: str) -> None:
    put = world.put

    def twice(name: str, body: str, delay: int = 0) -> None:
        for _ in range(2 if name == queue else 1):
            put(name, body, delay)

    world.put = twice  # type: ignore[method-assign]
    story(world, None)
    assert len(world.calls) == len(deliveries()) + 1
