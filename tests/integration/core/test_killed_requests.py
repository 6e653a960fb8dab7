"""A POST with an Idempotency-Key whose function is killed after any of its writes, sent again: it is done once."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from contextvars import Context
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

from chalicelib.core import clock
from chalicelib.core.aws import client
from chalicelib.core.dynamo import table_name
from chalicelib.core.http import ENDPOINTS
from tests.crash_injection import after_write
from tests.http_events import Response
from tests.integration.core.writing_routes import REPORT, ROUTES, SCHEDULE, SUBSCRIPTION, TASK, TEMPLATE, lines
from tests.people import person
from tests.production import ask, batch_body, dump, empty_tables, ok, work_center
from tests.tables import tables

pytestmark = pytest.mark.usefixtures("empty_after_test")

_numbers = count(1)
WRITES = range(1, 12)
LARGEST = max(WRITES)


class Killed(BaseException):
    """The process of the function is gone."""


def _site() -> str:
    return str(ok("POST", "/api/v1/sites", {"code": f"S-{next(_numbers)}", "name": "Дом"})["id"])


CREATIONS: dict[str, Callable[[], Any]] = {
    "POST /api/work_centers": lambda: {"identifier": f"WC-K{next(_numbers)}", "name": "Цех"},
    "POST /api/batches": lambda: batch_body(work_center()["uuid"]),
    "POST /api/batches/export": dict,
    "POST /api/webhooks": lambda: SUBSCRIPTION,
    "POST /api/v1/reports": lambda: REPORT,
    "POST /api/v1/templates": lambda: TEMPLATE,
    "POST /api/v1/tasks": lambda: TASK,
    "POST /api/v1/schedules": lambda: SCHEDULE,
    "POST /api/v1/sites": lambda: {"code": f"S-{next(_numbers)}", "name": "Дом"},
    "POST /api/v1/defects": lambda: {"title": "Трещина", "site_id": _site()},
    "POST /users": lambda: {"name": "Анна", "email": f"k{next(_numbers)}@example.com"},
    "POST /user": lambda: {"name": "Анна"},
    "POST /orders": lambda: {"user_id": person().id, **lines("Болт")},
}
ELSEWHERE = {
    "POST /api/batches/import", "POST /api/batches/import/uploads", "POST /v1/users/register",
    "POST /api/v1/defects/assign", "POST /api/v1/tasks/retry", "POST /api/v1/operations/replay",
    "POST /api/v1/system/dead-letters/{queue}/replay",
}  # fmt: skip
"""Files, which are compared by their form; what is limited for each client; and what may be done twice as it is."""
ASKED = [*CREATIONS, *(name for name in ROUTES if name.startswith("POST") and name not in ELSEWHERE)]


def prepare(name: str) -> tuple[str, Any]:
    """The path and the body of a request."""
    if name in ROUTES:
        return ROUTES[name].make().asked, ROUTES[name].body
    path = name.split()[1]
    return path + ("?format=csv" if path.endswith("export") else ""), CREATIONS[name]()


def send(path: str, body: Any) -> Response:
    return Context().run(ask, "POST", path, body, {"Idempotency-Key": "the same"})


def end_leases() -> None:
    """Let the lease of every unfinished request end."""
    for item in tables().items()[table_name("idempotency")]:
        if item.get("status") == {"S": "INPROGRESS"}:
            client("dynamodb").update_item(
                TableName=table_name("idempotency"),
                Key={"id": item["id"]},
                UpdateExpression="SET in_progress_expiration = :past",
                ExpressionAttributeValues={":past": {"N": "1"}},
            )


def things() -> Counter[str]:
    """How many items each table has, and which events there are."""
    left_out = ("-idempotency", "-counters", "-quotas")
    found = Counter({name: len(items) for name, items in dump().items() if not name.endswith(left_out)})
    return found + Counter(item["name"]["S"] for item in tables().items()[table_name("events")])


def moments(answer: Any) -> set[datetime]:
    """The moments in an answer at which something was made."""
    if isinstance(answer, list):
        return {found for one in answer for found in moments(one)}
    if not isinstance(answer, dict):
        return set()
    own = {datetime.fromisoformat(answer[name]) for name in ("created_at", "createdAt") if answer.get(name)}
    return own.union(*(moments(value) for value in answer.values()))


def stored_moments() -> set[datetime]:
    items = (item for items in tables().items().values() for item in items if "created_at" in item)
    return {datetime.fromisoformat(item["created_at"]["S"]) for item in items}


def test_every_post_is_here() -> None:
    posts = {one.name for one in ENDPOINTS if one.name.startswith("POST") and one.replays}
    assert posts == {*ASKED, *ELSEWHERE}


@pytest.mark.parametrize("name", ASKED)
def test_a_request_that_was_killed_is_done_once(name: str) -> None:
    path, body = prepare(name)
    before = things()
    assert send(path, body).status < 300
    made = things() - before
    empty_tables()
    for place in WRITES:
        path, body = prepare(name)
        before = things()

        def kill() -> None:
            raise Killed

        try:
            with after_write(place, kill) as writes:
                send(path, body)
        except Killed:
            end_leases()
        answer = send(path, body)
        assert answer.status < 300, answer.text
        assert things() - before == made, f"after write {place}"
        if name in CREATIONS:
            assert moments(answer.json) <= stored_moments()
        empty_tables()
        if len(writes) < place:
            return
    pytest.fail(f"more than {LARGEST} writes: look at the rest, too")


def test_a_key_that_is_used_again_after_its_day_makes_something_new(monkeypatch: pytest.MonkeyPatch) -> None:
    path, body = prepare("POST /api/v1/reports")
    first = send(path, body)
    for item in tables().items()[table_name("idempotency")]:
        client("dynamodb").update_item(
            TableName=table_name("idempotency"),
            Key={"id": item["id"]},
            UpdateExpression="SET expiration = :past",
            ExpressionAttributeValues={":past": {"N": "1"}},
        )
    second = send(path, body)
    assert (first.status, second.status) == (202, 202)
    assert first.json["saga_id"] != second.json["saga_id"] and first.json["id"] != second.json["id"]


def test_a_task_that_is_due_when_its_request_is_repeated_is_answered_for(later: Callable[..., None]) -> None:
    seen = Counter[int]()
    for place in WRITES:
        soon = {**TASK, "execute_at": clock.to_text(clock.now() + timedelta(seconds=5))}

        def kill() -> None:
            raise Killed

        try:
            with after_write(place, kill) as writes:
                send("/api/v1/tasks", soon)
        except Killed:
            end_leases()
        later(minutes=1)
        answer = send("/api/v1/tasks", soon)
        tasks = ok("GET", "/api/v1/tasks")["tasks"]
        assert [task["id"] for task in tasks] == ([answer.json["task"]["id"]] if answer.status == 201 else [])
        seen[answer.status] += 1
        empty_tables()
        if len(writes) < place:
            break
    assert seen[201] and seen[400]


def test_the_answer_to_the_repetition_names_what_the_killed_run_has_made() -> None:
    path, body = prepare("POST /api/v1/reports")

    def kill() -> None:
        raise Killed

    with pytest.raises(Killed), after_write(5, kill) as writes:
        send(path, body)
    assert "TransactWriteItems" in writes[:5]
    end_leases()
    (report,) = ok("GET", "/api/v1/reports")["reports"]
    again = send(path, body)
    assert (again.json["id"], again.json["saga_id"]) == (report["id"], report["saga_id"])


def test_another_request_with_the_key_of_a_killed_one_is_not_taken_for_its_repetition() -> None:
    """Nobody knows whether the first was done, so the second is welcome; what is answered for it has to be there."""

    def kill() -> None:
        raise Killed

    first, second = ({"identifier": f"WC-K{next(_numbers)}", "name": name} for name in ("Первый", "Второй"))
    with pytest.raises(Killed), after_write(3, kill) as writes:
        send("/api/work_centers", first)
    assert writes[-1] == "TransactWriteItems"
    end_leases()
    answer = send("/api/work_centers", second)
    assert answer.status == 201, answer.text
    assert answer.json["name"] == "Второй"
    assert ok("GET", f"/api/work_centers/{answer.json['uuid']}") == answer.json


def added(path: str, body: Any) -> int:
    """How many products of that code a batch has."""
    products = ok("GET", path.removesuffix("/products"))["products"]
    return sum(product["unique_code"] == body["unique_code"] for product in products)


def test_a_killed_request_with_if_match_is_answered_although_it_has_changed_its_resource() -> None:
    statuses = []
    for place in WRITES:
        path, body = prepare("POST /api/batches/{batch_id}/products")
        tag = ask("GET", path.removesuffix("/products")).headers["ETag"]
        headers = {"Idempotency-Key": "the same", "If-Match": tag}

        def kill() -> None:
            raise Killed

        with suppress(Killed), after_write(place, kill) as writes:
            Context().run(ask, "POST", path, body, headers)
        end_leases()
        answer = Context().run(ask, "POST", path, body, headers)
        statuses.append(answer.status)
        assert added(path, body) == 1
        empty_tables()
        if len(writes) < place:
            break
    assert set(statuses) == {200}, statuses


def test_a_killed_request_with_if_match_gets_412_when_another_has_changed_its_resource() -> None:
    statuses = []
    for place in WRITES:
        path, body = prepare("POST /api/batches/{batch_id}/products")
        batch = path.removesuffix("/products")
        headers = {"Idempotency-Key": "the same", "If-Match": ask("GET", batch).headers["ETag"]}

        def kill() -> None:
            raise Killed

        with suppress(Killed), after_write(place, kill) as writes:
            Context().run(ask, "POST", path, body, headers)
        end_leases()
        is_done = added(path, body)
        ok("PATCH", batch, {"team": "Другая"})
        answer = Context().run(ask, "POST", path, body, headers)
        assert (answer.status, added(path, body)) == ((200, 1) if is_done else (412, 0))
        statuses.append(answer.status)
        empty_tables()
        if len(writes) < place:
            break
    assert set(statuses) == {200, 412}, statuses
