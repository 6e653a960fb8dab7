"""Items of the outbox and their events."""

from datetime import UTC, datetime

from chalicelib.events.model import OutboxItem

NOW = datetime(2025, 1, 20, 8, tzinfo=UTC)


def test_an_item_of_one_event_has_its_id_and_place() -> None:
    (event,) = OutboxItem("x", "batch#b1", "1", "e1", NOW, [{"n": 1}]).events()
    assert (event.id, event.seq, event.data) == ("e1", "1", {"n": 1})


def test_the_events_of_an_item_have_ids_of_their_own_that_never_change() -> None:
    item = OutboxItem("x", "batch#b1", "1", "e1", NOW, [{"n": number} for number in range(3)])
    first, again = list(item.events()), list(item.events())
    assert first == again
    assert len({event.id for event in first}) == 3
    assert [event.seq for event in first] == sorted(event.seq for event in first)
    assert all(event.seq.startswith("1#") for event in first)
