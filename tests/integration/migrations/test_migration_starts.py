"""When a migration starts: on a new stack, by the sweep, after calls of an earlier release, after a return to it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from chalicelib.core.aws import client
from chalicelib.core.paging import PageRequest
from chalicelib.core.readiness import NotReady, Seen
from chalicelib.migrations import model, service
from infra.functions import MAKERS
from tests.integration.migrations.old_stack import EARLIER, Stack, migrate, old_stack, page


@contextmanager
def called_by_the_sweep() -> Iterator[None]:
    """The function is called by its name, as an event, at once."""

    def invoke(**arguments: Any) -> None:
        assert arguments["FunctionName"] == "shopfloor-test-migrate" and arguments["InvocationType"] == "Event"
        migrate(**json.loads(arguments["Payload"]))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client("lambda"), "invoke", invoke, raising=False)
        yield


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
