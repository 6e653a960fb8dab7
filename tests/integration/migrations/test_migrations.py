"""Migrations of a list: what is changed, in which order, after an interruption, and what the list answers meanwhile."""

from typing import Any

import pytest

from chalicelib.core import recount
from chalicelib.core.counters import read_counters
from chalicelib.core.paging import PageRequest
from chalicelib.core.readiness import VALID_SECONDS, NotReady, Seen
from chalicelib.core.settings import settings
from chalicelib.migrations import model, passes, service, store
from chalicelib.migrations.model import Migration
from infra.functions import MAKERS
from tests.aws_calls import record_calls
from tests.crash_injection import Died, after_write, die
from tests.failure_injection import fault, throttled
from tests.integration.migrations.old_stack import (
    FILL,
    NUMBERS,
    Stack,
    assert_migrated,
    migrate,
    old_stack,
    page,
    stored,
)


def test_old_items_come_into_the_index_and_its_counters(stack: Stack) -> None:
    result = migrate(start=True)
    assert result["is_done"] and result["items"][-1]["read"] == result["items"][-1]["changed"] == len(NUMBERS)
    assert result["items"][-1]["applied_at"]
    assert_migrated(stack)


def test_until_then_only_what_needs_the_index_is_refused(stack: Stack) -> None:
    refused = [
        lambda: page(stack),
        lambda: page(stack, PageRequest(filters={"priority": 1})),
        lambda: list(stack.list.every({"priority": 1})),
        lambda: list(stack.list.every({}, "priority")),
        lambda: stack.list.total({"priority": 1, "team": "A"}),
    ]
    for read in refused:
        with pytest.raises(NotReady) as error:
            read()
        assert error.value.status == 503 and int(error.value.headers["Retry-After"]) > 0
        assert "готово" not in error.value.message  # nothing has begun
    assert len(page(stack, PageRequest())[0]) == len(NUMBERS)
    assert page(stack, PageRequest(filters={"team": "A"}))[1] == len(NUMBERS)


def test_the_refusal_says_how_much_is_done(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passes, "MAX_PAGE", 5)
    with pytest.raises(Died), after_write(9, die):  # the lease, the start, five items, the checkpoint, an item
        migrate(start=True)
    with pytest.raises(NotReady, match="готово 71 %"):
        page(stack)


def test_a_process_reads_the_state_until_it_is_ready_and_then_every_ten_minutes(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, later: Any
) -> None:
    migrate(start=True)
    Seen.applied = 0
    calls = record_calls(monkeypatch)
    for _ in range(3):
        page(stack)
    assert [operation for operation, _ in calls].count("GetItem") == 1
    later(seconds=VALID_SECONDS)
    page(stack)
    assert [operation for operation, _ in calls].count("GetItem") == 2


def test_a_process_notices_that_a_restore_has_taken_a_migration_back(stack: Stack, later: Any) -> None:
    migrate(start=True)
    page(stack)
    restored = store.find()
    assert restored
    restored.applied = 1
    store.save(restored)
    later(seconds=max(make().timeout for make in MAKERS.values()))  # the pause of the restore
    with pytest.raises(NotReady):
        page(stack)


@pytest.mark.parametrize("kill_after", range(1, 14))
def test_a_killed_run_goes_on_where_it_was(stack: Stack, monkeypatch: pytest.MonkeyPatch, kill_after: int) -> None:
    monkeypatch.setattr(passes, "MAX_PAGE", 2)
    with pytest.raises(Died), after_write(kill_after, die):
        migrate(start=True)
    with pytest.raises(NotReady):
        page(stack)
    assert service.sweep() == 0  # its lease holds
    monkeypatch.setattr(model.State, "is_taken", lambda self, now: False)
    assert migrate()["is_done"]
    assert_migrated(stack)


def test_it_is_done_once(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    migrate(start=True)
    before = stored()
    calls = record_calls(monkeypatch)
    assert migrate(start=True)["is_done"]
    assert not any("boxes" in str(arguments) for _, arguments in calls)
    migrate(again=True)
    assert stored() == before and service.describe()["items"][-1]["changed"] == 0


def test_a_dry_run_changes_nothing(stack: Stack) -> None:
    before = stored()
    result = migrate(dry=True)
    (part,) = result["dry"]
    assert (part["number"], part["read"], part["changed"], result["cursor"]) == (2, 7, 7, None)
    assert part["examples"][0]["table"] == "boxes" and "s_priority" in part["examples"][0]["set"]
    assert stored() == before and store.find() == model.State(applied=1, target=1, version=1)


def test_a_dry_run_goes_on_from_its_cursor(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passes, "MAX_PAGE", 3)
    read, cursor = 0, None
    for _ in range(3):
        pages = iter([False, True])
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(passes.WorkingTime, "is_over", property(lambda self, pages=pages: next(pages)))
            result = migrate(dry=True, cursor=cursor)
        read, cursor = read + result["dry"][0]["read"], result["cursor"]
    assert (read, cursor) == (len(NUMBERS), None)


def test_the_rate_is_bounded(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two items a second: seven items need three and a half; a page is never longer than a second."""
    slept = list[float]()
    monkeypatch.setattr(passes.time, "sleep", slept.append)
    monkeypatch.setattr(passes.time, "monotonic", lambda: 0.0)
    monkeypatch.setenv("MIGRATION_RATE", "2")
    settings.cache_clear()
    try:
        migrate(start=True)
    finally:
        monkeypatch.delenv("MIGRATION_RATE")
        settings.cache_clear()
    assert sum(slept) == len(NUMBERS) / 2 and max(slept) <= 1


def test_a_throttled_table_pauses_the_migration(stack: Stack) -> None:
    with fault(throttled, table="shopfloor-test-boxes"):
        result = migrate(start=True)
    assert not result["is_done"] and result["error"]
    assert store.find() is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model.State, "is_taken", lambda self, now: False)
        assert migrate()["error"] is None
    assert_migrated(stack)


def test_a_migration_with_a_bug_says_so_and_is_called_again() -> None:
    def break_down(item: model.Raw) -> model.Raw:
        raise KeyError("team")

    with old_stack(Migration(2, "Boxes break", lambda: {"boxes": break_down})) as stack:
        stack.write_old(1)
        with pytest.raises(KeyError):
            migrate(start=True)
        assert service.describe()["error"] == "KeyError: 'team'"
        with pytest.raises(NotReady):
            page(stack)


def test_counters_that_change_all_the_time_keep_the_filter_closed(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recount.Recount, "compare", lambda self: self.moved.add("boxes#priority=1"))
        assert not migrate(start=True)["is_done"]
    with pytest.raises(NotReady, match="99 %"):
        page(stack)
    monkeypatch.setattr(model.State, "is_taken", lambda self, now: False)
    assert migrate()["is_done"]
    assert_migrated(stack)


def test_counters_of_earlier_fields_are_left_alone(stack: Stack) -> None:
    before = read_counters(["boxes", "boxes#team=A"])
    migrate(start=True)
    assert read_counters(["boxes", "boxes#team=A"]) == before


def test_migrations_are_applied_in_order_and_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    def paint(item: model.Raw) -> model.Raw | None:
        return {"color": {"S": item["s_priority"]["S"][-1:]}} if "color" not in item else None  # by the first one

    second = Migration(3, "Boxes have a colour", lambda: {"boxes": paint})
    with old_stack(FILL, second) as stack:
        for number in NUMBERS:
            stack.write_old(number)
        assert migrate(start=True)["is_done"]
        assert all("color" in item for item in stored().values())
        state = store.find()
        assert state and [(each.number, each.title, each.changed) for each in state.history] == [
            (2, FILL.title, 7),
            (3, second.title, 7),
        ]
