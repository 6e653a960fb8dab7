"""A POST that was killed when its work was done, sent again: it is answered, and nothing made since is changed."""

from collections.abc import Callable
from contextvars import Context
from typing import Any
from uuid import uuid4

import pytest

from chalicelib.core.dynamo import update_if
from chalicelib.core.transactions import transaction
from chalicelib.defects.attachments import MAX_ATTACHMENTS
from chalicelib.users import store as users
from chalicelib.users.store import UserItem
from chalicelib.webhooks import store as subscriptions
from chalicelib.webhooks.model import MAX_SUBSCRIPTIONS
from tests.crash_injection import after_write
from tests.integration.core.test_killed_requests import Killed, end_leases, prepare, send
from tests.integration.core.writing_routes import fail_delivery, fail_saga, fail_task, things_in_tables
from tests.production import ask, empty_tables, ok

pytestmark = pytest.mark.usefixtures("empty_after_test")


def kill_after_its_transaction(prepared: Callable[[], tuple[str, Any]]) -> tuple[str, Any]:
    """Kill a request as soon as all that it does is done; return its path and body."""
    with after_write(0, lambda: None) as writes:
        path, body = prepared()
        preparing = len(writes)
        assert send(path, body).status < 300
    place = max(number for number, name in enumerate(writes, 1) if name == "TransactWriteItems") - preparing
    empty_tables()
    path, body = prepared()

    def kill() -> None:
        raise Killed

    with pytest.raises(Killed), after_write(place, kill) as writes:
        send(path, body)
    assert writes[place - 1] == "TransactWriteItems"
    end_leases()
    return path, body


def _retry_cancelled(path: str) -> None:
    saga_id = ok("GET", path.removesuffix("/cancel"))["saga_id"]
    fail_saga(saga_id)
    ok("POST", f"/api/v1/sagas/{saga_id}/retry")


MOVED_ON: dict[str, Callable[[str], object]] = {
    "POST /api/v1/reports/{report_id}/cancel": _retry_cancelled,
    "POST /api/v1/sagas/{saga_id}/retry": lambda path: fail_saga(path.split("/")[-2]),
    "POST /api/v1/tasks/{task_id}/retry": lambda path: fail_task(int(path.split("/")[-2])),
    "POST /api/v1/schedules/{schedule_id}/run": lambda path: fail_task(ok("GET", "/api/v1/tasks")["tasks"][0]["id"]),
    "POST /api/webhooks/{subscription_id}/deliveries/{delivery_id}/redeliver": lambda path: fail_delivery(
        path.split("/")[-2]
    ),
    "POST /api/webhooks/{subscription_id}/rotate_secret": lambda path: ok("POST", path, {"secret_key": "a_newer_key"}),
    "POST /api/webhooks": lambda path: ok(
        "PATCH", f"{path}/{ok('GET', path)['items'][0]['uuid']}", {"is_active": False}
    ),
}
"""What happens to the thing after the killed request, so that its work could be done, or undo something, again."""


@pytest.mark.parametrize("name", MOVED_ON)
def test_what_has_happened_since_is_left_as_it_is(name: str) -> None:
    path, body = kill_after_its_transaction(lambda: prepare(name))
    Context().run(MOVED_ON[name], path)
    left = things_in_tables()
    answer = send(path, body)
    assert answer.status < 300, answer.text
    assert things_in_tables() == left


def _one_place_for_an_attachment() -> tuple[str, Any]:
    path, body = prepare("POST /api/v1/defects/{defect_id}/attachments")
    for _ in range(MAX_ATTACHMENTS - 1):
        ok("POST", path, body)
    return path, body


def _one_place_for_a_subscription() -> tuple[str, Any]:
    path, body = prepare("POST /api/webhooks")
    ok("POST", path, body)
    items = [subscriptions.every()[0] for _ in range(MAX_SUBSCRIPTIONS - 2)]
    for item in items:
        item.uuid = str(uuid4())
    for start in range(0, len(items), 40):
        with transaction() as tx:
            for item in items[start : start + 40]:
                tx.put(item)
    return path, body


LAST_PLACES = {"attachment": _one_place_for_an_attachment, "subscription": _one_place_for_a_subscription}


@pytest.mark.parametrize("what", LAST_PLACES)
def test_a_limit_does_not_count_what_the_killed_run_has_made(what: str) -> None:
    path, body = kill_after_its_transaction(LAST_PLACES[what])
    left = things_in_tables()
    answer = send(path, body)
    assert answer.status < 300, answer.text
    assert things_in_tables() == left
    assert ask("POST", path, body).status == 409


def test_an_invitation_is_answered_although_the_address_is_confirmed_since() -> None:
    path, body = kill_after_its_transaction(lambda: prepare("POST /users/{user_id}/invitation"))
    user = users.find(path.split("/")[-2])
    assert user and update_if(user, [UserItem.email_confirmed.set(True)], UserItem.email.exists())
    answer = send(path, body)
    assert answer.status < 300, answer.text
    assert ask("POST", path, body).status == 409
