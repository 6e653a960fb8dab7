"""Migrations of a list: what is changed, interrupted, beside writers, and what the list answers meanwhile."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

import app
from chalicelib.core import recount
from chalicelib.core.aws import client
from chalicelib.core.counters import read_counters
from chalicelib.core.paging import PageRequest
from chalicelib.core.readiness import VALID_SECONDS, NotReady, Seen
from chalicelib.core.settings import settings
from chalicelib.migrations import model, passes, service, store
from chalicelib.migrations.model import Migration
from infra.functions import MAKERS
from tests.aws_calls import Call, patch_calls, record_calls
from tests.crash_injection import Died, after_write, die
from tests.failure_injection import fault, throttled
from tests.http_events import lambda_context
from tests.integration.migrations.old_stack import EARLIER, FILL, Stack, migrate, old_stack, stored

NUMBERS = range(7)
BY_PRIORITY = PageRequest(sort_field="priority", descending=False)


@pytest.fixture
def stack() -> Iterator[Stack]:
    """Seven boxes of an earlier release."""
    with old_stack() as made:
        for number in NUMBERS:
            made.write_old(number)
        yield made


def page(stack: Stack, request: PageRequest = BY_PRIORITY) -> tuple[list[str], int]:
    """The ids of a page, and its total."""
    found = stack.list.page(request)
    return [box.uuid for box in found.items], found.total


@contextmanager
def called_by_the_sweep() -> Iterator[None]:
    """The function is called by its name, as an event, at once."""

    def invoke(**arguments: Any) -> None:
        assert arguments["FunctionName"] == "shopfloor-test-migrate" and arguments["InvocationType"] == "Event"
        migrate(**json.loads(arguments["Payload"]))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client("lambda"), "invoke", invoke, raising=False)
        yield


def assert_migrated(stack: Stack) -> None:
    """Every item is in the new index, and its counters are right."""
    by_priority = sorted(NUMBERS, key=lambda number: (number % 3, number))
    assert page(stack) == ([f"box-{number}" for number in by_priority], len(NUMBERS))
    for priority, number in {0: 3, 1: 2, 2: 2}.items():
        matching = PageRequest(filters={"priority": priority})
        assert page(stack, matching)[1] == len(page(stack, matching)[0]) == number
    assert [(row["status"], row["percent"]) for row in service.describe()["items"]] == [("done", 100)] * 2


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


def test_writers_of_the_new_release_are_not_overwritten(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer changes the item between the read of the migration and its write."""
    written = list[str]()

    def around(real: Call) -> Call:
        def call(each: Any, operation: str, arguments: Any) -> Any:
            if operation == "UpdateItem" and arguments["TableName"].endswith("-boxes") and len(written) < 4:
                number = int(arguments["Key"]["uuid"]["S"][4:])
                if f"box-{number}" not in written:
                    written.append(f"box-{number}")
                    stack.write_new(number, priority=9)
            return real(each, operation, arguments)

        return call

    with pytest.MonkeyPatch.context() as patch:
        patch_calls(patch, around)
        assert migrate(start=True)["is_done"]
    assert len(written) == 4
    assert page(stack, PageRequest(filters={"priority": 9}))[1] == 4
    assert {uuid for uuid, item in stored().items() if item["priority"] == {"N": "9"}} == set(written)
    assert len(page(stack)[0]) == len(NUMBERS)


def test_a_writer_that_leaves_the_item_in_its_old_form_does_not_keep_it_there(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    touched = list[str]()

    def around(real: Call) -> Call:
        def call(each: Any, operation: str, arguments: Any) -> Any:
            if operation == "UpdateItem" and arguments["TableName"].endswith("-boxes") and not touched:
                touched.append("")
                key = {"TableName": arguments["TableName"], "Key": arguments["Key"]}
                values = {":v": {"S": "2"}}
                real(each, operation, {**key, "UpdateExpression": "SET note = :v", "ExpressionAttributeValues": values})
            return real(each, operation, arguments)

        return call

    with pytest.MonkeyPatch.context() as patch:
        patch_calls(patch, around)
        migrate(start=True)
    assert sum("note" in item for item in stored().values()) == 1
    assert_migrated(stack)


def test_an_item_that_is_deleted_meanwhile_stays_deleted(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    def around(real: Call) -> Call:
        def call(each: Any, operation: str, arguments: Any) -> Any:
            if operation == "UpdateItem" and arguments.get("Key") == {"uuid": {"S": "box-3"}}:
                real(each, "DeleteItem", {name: arguments[name] for name in ("TableName", "Key")})
            return real(each, operation, arguments)

        return call

    with pytest.MonkeyPatch.context() as patch:
        patch_calls(patch, around)
        assert migrate(start=True)["is_done"]
    assert "box-3" not in stored()


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


def test_a_new_stack_has_nothing_to_apply(monkeypatch: pytest.MonkeyPatch) -> None:
    with old_stack(applied=0) as stack:
        assert migrate(start=True)["is_done"]
        assert page(stack) == ([], 0)


def test_a_new_stack_that_was_deployed_by_hand_is_ready_with_the_first_sweep() -> None:
    with old_stack(applied=0) as stack, called_by_the_sweep():
        assert service.sweep() == 1
        assert page(stack) == ([], 0)
        assert service.sweep() == 0


def test_the_sweep_starts_nothing_on_a_stack_with_items() -> None:
    with old_stack(applied=0) as stack, called_by_the_sweep():
        stack.write_old(1)
        assert service.sweep() == 1
        with pytest.raises(NotReady):
            page(stack, PageRequest())


def test_the_sweep_does_not_start_what_nobody_has_started(stack: Stack) -> None:
    with called_by_the_sweep():
        assert service.sweep() == 0
    with pytest.raises(NotReady):
        page(stack)


def test_it_waits_until_calls_of_the_earlier_release_have_ended(stack: Stack, later: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model, "LOCAL_SETTLE_SECONDS", 60)
        result = migrate(start=True)
    assert [row["status"] for row in result["items"]] == ["done", "waiting"] and result["settled_at"]
    stack.write_old(7)  # by a call that still ran
    later(seconds=59)
    assert not migrate()["is_done"]
    later(seconds=2)
    with called_by_the_sweep():
        assert service.sweep() == 1
    assert len(page(stack)[0]) == 8


def test_a_deployed_stage_waits_longer_than_any_call_takes() -> None:
    assert max(make().timeout for make in MAKERS.values()) < model.SETTLE_SECONDS


def is_applied_again(stack: Stack, items: int) -> None:
    """The next release refuses the list until it has applied its migration to what the earlier one wrote."""
    Seen.applied = 0
    with pytest.raises(NotReady):
        page(stack)
    assert migrate(start=True)["is_done"]
    assert len(page(stack)[0]) == items


def test_after_a_return_to_an_earlier_release_it_is_applied_again(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate(start=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(service, "migrations", lambda: (EARLIER,))  # the earlier release
        migrate(start=True)
        stack.write_old(8)
    is_applied_again(stack, items=8)


def test_the_sweep_of_an_earlier_release_takes_back_what_it_does_not_know(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CloudFormation went back without the command that deploys."""
    migrate(start=True)
    with pytest.MonkeyPatch.context() as patch, called_by_the_sweep():
        patch.setattr(service, "migrations", lambda: (EARLIER,))
        assert (service.sweep(), service.sweep()) == (1, 0)
        stack.write_old(8)
    is_applied_again(stack, items=8)


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


def test_another_worker_does_not_work_beside_the_first(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = list[Any]()
    real = passes._page

    def beside(*arguments: Any) -> Any:
        answers.append(app.migrate({}, lambda_context(900_000)))
        return real(*arguments)

    monkeypatch.setattr(passes, "_page", beside)
    assert migrate(start=True)["is_done"]
    assert [answer["items"][-1]["status"] for answer in answers] == ["running"]


def test_a_start_beside_a_worker_that_saves_is_not_lost(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    real, saved = store.find, list[model.State]()

    def find() -> model.State | None:
        found, other = real(), real()
        if other and not saved:
            saved.append(other)
            store.save(other)
        return found

    monkeypatch.setattr(store, "find", find)
    assert migrate(start=True)["is_done"]
    assert_migrated(stack)


def test_a_worker_that_lost_its_lease_stops(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    real = passes._page

    def robbed(*arguments: Any) -> Any:
        monkeypatch.setattr(passes, "_page", real)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(model.State, "is_taken", lambda self, now: False)
            app.migrate({}, lambda_context(900_000))
        return real(*arguments)

    monkeypatch.setattr(passes, "_page", robbed)
    assert migrate(start=True)["is_done"]  # by the other one
    state = store.find()
    assert state and len(state.history) == 1
    assert_migrated(stack)
