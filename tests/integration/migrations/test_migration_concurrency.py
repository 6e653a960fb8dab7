"""Migrations beside what happens at the same time: writers and deletions of items, a second worker, a second start."""

from typing import Any

import pytest

import app
from chalicelib.core.paging import PageRequest
from chalicelib.migrations import model, passes, store
from tests.aws_calls import Call, patch_calls
from tests.http_events import lambda_context
from tests.integration.migrations.old_stack import NUMBERS, Stack, assert_migrated, migrate, page, stored


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
