"""`GET /api/v1/operations` over work of every kind."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from chalicelib.core import clock, newest
from chalicelib.core.index_reads import END
from chalicelib.core.paging import SEPARATOR
from chalicelib.core.settings import settings
from chalicelib.deferred_tasks.model import Attempt
from chalicelib.long_tasks import service as long_tasks
from chalicelib.operations import service
from chalicelib.operations.model import KINDS
from chalicelib.operations.schemas import OperationQuery
from chalicelib.operations.service import CURSOR_NAME
from tests.aws_calls import record_calls
from tests.integration.operations.sample_work import (
    at,
    background_task,
    deferred_task,
    failed_saga,
    failed_task,
    long_task,
    new_id,
    saga,
    schedule,
)
from tests.people import person, signed_in
from tests.production import ask, empty_tables, ok

PATH = "/api/v1/operations"
Item = dict[str, Any]


@pytest.fixture(autouse=True)
def empty(tables_of_the_system: None) -> Iterator[None]:
    yield
    empty_tables()


def items(query: str = "") -> list[Item]:
    found: list[Item] = ok("GET", f"{PATH}?{query}")["items"]
    return found


def named(found: list[Item]) -> list[tuple[str, str]]:
    return [(one["kind"], one["id"]) for one in found]


def every_page(query: str, headers: dict[str, str] | None = None) -> list[Item]:
    """The items of all pages, each where the cursor of the one before leads."""
    found, cursor = list[Item](), ""
    for _ in range(200):
        page = ask("GET", f"{PATH}?{query}{cursor}", headers=headers)
        assert page.status == 200, page.text
        found += page.json["items"]
        if page.json["next_cursor"] is None:
            return found
        cursor = f"&cursor={page.json['next_cursor']}"
    pytest.fail("the list does not end")


def one_of_each(first: int = 0, user_id: int = 1) -> list[tuple[str, str]]:
    """Work of each kind, newest first."""
    made = [
        ("background", background_task(first + 1, user_id)),
        ("deferred", deferred_task(first + 2, user_id, due_at=at(first + 2))),
        ("schedule", schedule(first + 3, user_id, next_run_at=at(first + 9))),
        ("long", long_task(first + 4, user_id)),
        ("saga", saga(first + 5, user_id)),
    ]
    return made[::-1]


def test_everything_stands_in_one_list_newest_first() -> None:
    old, new = one_of_each(0), one_of_each(10)
    assert named(items()) == new + old
    assert {one["status"] for one in items()} == {"waiting"}
    assert {one["owner_name"] for one in items()} == {"Администратор"}


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_a_cursor_leads_through_all_kinds(limit: int) -> None:
    expected = [one for first in (40, 20, 0) for one in one_of_each(first)]
    assert named(every_page(f"limit={limit}")) == expected


def test_operations_of_one_instant_are_listed_once() -> None:
    background_task(7), deferred_task(7), schedule(7), long_task(7), saga(7)
    assert sorted(named(every_page("limit=2"))) == sorted(named(items()))
    assert len(items()) == 5


def test_running_import_has_progress() -> None:
    made = background_task(1, status="PROGRESS", current=30, total=120, run=1)
    (found,) = items()
    assert found["progress"] == {"done": 30, "total": 120, "percent": 25}
    assert (found["type"], found["status"], found["raw_status"]) == ("import", "running", "PROGRESS")
    assert found["links"]["cancel"] == {"method": "DELETE", "href": f"/api/background_tasks/{made}"}
    assert found["links"]["retry"] is None and found["started_at"] is None


def test_a_cancelled_import_is_not_one_that_failed() -> None:
    ended = {"status": "FAILURE", "finished_at": clock.now()}
    cancelled = background_task(1, result={"error": "Задача отменена"}, **ended)
    failed = background_task(2, result={"error": "Нет столбца"}, **ended)
    assert named(items("status=failed")) == [("background", failed)]
    assert named(items("status=cancelled")) == [("background", cancelled)]
    assert items("status=failed")[0]["error"] == "Нет столбца"
    assert items("status=failed")[0]["links"]["cancel"] is None


def test_failed_task_has_error_and_retry_link() -> None:
    log = [Attempt(1, at(2), at(3), "Занято"), Attempt(2, at(5), at(6), "Занято")]
    failed_task(1, log=log)
    (found,) = items("status=failed")
    assert (found["error"], found["attempts"], found["max_attempts"]) == ("Занято", 3, 3)
    assert found["started_at"] == clock.to_json(at(5)) and found["completed_at"] == clock.to_json(at(61))
    assert found["links"] == {
        "self": {"method": "GET", "href": "/api/v1/tasks/1"},
        "cancel": None,
        "retry": {"method": "POST", "href": "/api/v1/tasks/1/retry"},
        "attempts": {"method": "GET", "href": "/api/v1/tasks/1/attempts"},
    }
    assert ok("GET", found["links"]["self"]["href"])["task"]["id"] == 1


def test_a_saga_is_named_after_its_report_and_counted_in_steps() -> None:
    made = failed_saga(1)
    (found,) = items("kind=saga")
    assert (found["title"], found["progress"]) == ("Отчет «Смена 1»", {"done": 0, "total": 6, "percent": 0})
    assert found["links"]["retry"] == {"method": "POST", "href": f"/api/v1/sagas/{made}/retry"}


def test_a_schedule_waits_for_its_next_run_or_is_paused() -> None:
    active, paused = schedule(1, next_run_at=at(9)), schedule(2, paused=True, paused_reason="Владелец удален")
    assert named(items("status=waiting")) == [("schedule", active)]
    assert items("status=waiting")[0]["next_attempt_at"] == clock.to_json(at(9))
    assert named(items("status=paused")) == [("schedule", paused)]
    assert items("status=paused")[0]["error"] == "Владелец удален"


def test_a_long_task_that_has_begun_runs() -> None:
    long_task(1), long_task(2, started_at=at(3)), long_task(3, status="done", started_at=at(3), ended_at=at(4))
    assert [(one["id"], one["status"]) for one in items()] == [("3", "done"), ("2", "running"), ("1", "waiting")]
    assert [named(items(f"status={status}")) for status in ("waiting", "running", "done")] == [
        [("long", "1")],
        [("long", "2")],
        [("long", "3")],
    ]
    assert [one["type"] for one in items("type=fetch")] == ["fetch"] * 3


def test_filters_are_combined() -> None:
    failed_task(1), failed_task(2, task_type="http_callback"), deferred_task(3, due_at=at(3)), failed_saga(4)
    assert named(items("status=failed&kind=deferred&type=send_sms")) == [("deferred", "1")]
    assert named(items("kind=deferred&kind=saga&status=failed&status=waiting")) == [
        ("saga", new_id(4)),
        ("deferred", "3"),
        ("deferred", "2"),
        ("deferred", "1"),
    ]
    assert items("type=report") == items("kind=saga")
    assert items("type=unknown") == []


def test_a_period_has_both_its_ends() -> None:
    for second in range(6):
        background_task(second), saga(second + 100), deferred_task(second)
    query = f"created_from={quote(clock.to_json(at(2)))}&created_to={quote(clock.to_json(at(4)))}"
    assert [one["created_at"] for one in every_page(f"{query}&limit=2")] == [
        clock.to_json(at(second)) for second in (4, 4, 3, 3, 2, 2)
    ]
    assert len(items(f"{query}&status=waiting&kind=deferred")) == 3


@pytest.mark.parametrize("few", [1, 500])
def test_a_status_without_an_index_is_found_behind_many_that_have_another(
    few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_tasks, "MAX_SORTED_HERE", few)
    made = [("long", long_task(1)), ("long", long_task(2, started_at=at(3)))]
    for number in range(3, 160):
        long_task(number, status="done", ended_at=at(number))
    assert named(every_page("status=waiting&limit=5")) == made[:1]
    assert named(every_page("status=waiting&status=running&limit=1")) == made[::-1]
    assert len(every_page("status=done&limit=50")) == 157


@pytest.mark.parametrize("few", [1, 500])
def test_ones_own_are_found_behind_many_of_others(few: int, locked: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_tasks, "MAX_SORTED_HERE", few)
    monkeypatch.setattr(newest, "MAX_CHECKED_KEYS", 20)
    owner = person("user")
    made = [("long", long_task(1, owner.number)), ("long", long_task(2, owner.number)), ("background", new_id(3))]
    background_task(3, owner.number)
    for number in range(4, 120):
        long_task(number, 77)
    assert named(every_page("limit=2", signed_in(owner))) == made[::-1]
    assert named(every_page("limit=2&kind=long&status=waiting", signed_in(owner))) == made[1::-1]


def test_the_filter_that_matches_least_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(newest, "MAX_CHECKED_KEYS", 10)
    made = failed_task(1, task_type="http_callback")
    for number in range(2, 60):
        deferred_task(number, task_type="http_callback", status="completed", completed_at=at(number))
    (found,) = items("status=failed&type=http_callback&limit=5")
    assert found["id"] == made


@pytest.mark.parametrize("query", ["", "status=done", "status=failed&type=http_callback", "kind=long&status=failed"])
def test_a_page_reads_no_more_than_it_may_whatever_lies_behind_it(query: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(1, 900):
        deferred_task(number, status="completed"), long_task(number, status="done", ended_at=at(number))
    seen = record_calls(monkeypatch)
    items(query)
    queries = [arguments for name, arguments in seen if name == "Query"]
    read = [
        len(table["Keys"])
        for name, arguments in seen
        if name == "BatchGetItem"
        for table in arguments["RequestItems"].values()
    ]
    statuses_of_sagas = 2
    assert len(queries) <= service.MAX_ROUNDS * (len(KINDS) + statuses_of_sagas) * settings().listing_shards
    assert sum(read) <= service.MAX_ROUNDS * (service.OPERATIONS_PER_ROUND + 2 * len(KINDS) * settings().counter_shards)


def test_cursors_of_other_lists_and_other_filters_are_refused() -> None:
    for first in (0, 10, 20):
        one_of_each(first)
    cursor = ok("GET", f"{PATH}?limit=2")["next_cursor"]
    foreign = [f"{PATH}?limit=2&kind=saga&cursor={cursor}", f"{PATH}?cursor=abc", f"/api/v1/tasks?cursor={cursor}"]
    assert [ask("GET", one).status for one in foreign] == [400, 400, 400]


FORGED_PLACES = {
    "word": "x",
    "long text": "~" * 2_000,
    "end": END,
    "no id": f"{clock.to_text(at(3))}{SEPARATOR}saga{SEPARATOR}{END}",
}


@pytest.mark.parametrize("place", FORGED_PLACES.values(), ids=FORGED_PLACES)
def test_a_made_up_cursor_is_refused(place: str) -> None:
    forged = OperationQuery().request().next_cursor(CURSOR_NAME, place)
    assert ask("GET", f"{PATH}?cursor={forged}").status == 400


def test_a_cursor_does_not_lead_out_of_the_period() -> None:
    for second in range(6):
        background_task(second)
    query = OperationQuery(created_to=at(2), created_from=at(1))
    forged = query.request().next_cursor(CURSOR_NAME, SEPARATOR.join((clock.to_text(at(900)), "saga", new_id(1))))
    period = f"created_from={quote(clock.to_json(at(1)))}&created_to={quote(clock.to_json(at(2)))}"
    assert len(items(f"{period}&cursor={forged}")) == 2


@pytest.mark.parametrize("query", ["kind=other", "status=FAILURE", "limit=-1", "unknown=1", "created_from=today"])
def test_invalid_filter_is_refused(query: str) -> None:
    assert ask("GET", f"{PATH}?{query}").status == 400


def test_list_matches_the_lists_of_the_kinds(locked: None) -> None:
    owner, stranger, customer = person("user"), person("user"), person("customer")
    theirs = one_of_each(0, owner.number)
    mine = [one for one in theirs if one[0] != "schedule"]
    one_of_each(10, stranger.number)

    def seen(who: Any, query: str = "limit=3") -> list[tuple[str, str]]:
        return named(every_page(query, signed_in(who)))

    assert seen(owner) == mine
    assert seen(owner, "status=waiting") == mine
    assert seen(owner, f"owner_id={stranger.number}") == []
    assert seen(customer) == []
    for role in ("executive", "engineer", "manager", "admin"):
        assert len(seen(person(role))) == 10
    assert seen(person("executive"), f"owner_id={owner.number}") == theirs


def test_links_are_those_that_the_role_may_follow(locked: None) -> None:
    owner = person("user")
    one_of_each(0, owner.number), failed_task(20, owner.number)

    def followed(who: Any, link: str) -> set[str]:
        return {one["kind"] for one in every_page("", signed_in(who)) if one["links"][link]}

    assert followed(owner, "cancel") == {"background", "deferred", "saga"}
    assert followed(owner, "retry") == set()  # only managers and administrators make SMS
    assert followed(person("executive"), "cancel") == {"saga"}
    assert followed(person("manager"), "retry") == {"deferred"}


def test_secrets_in_an_error_are_hidden_from_others(locked: None) -> None:
    owner = person("user")
    deferred_task(1, owner.number, status="failed", error_message="https://a:b@example.com/ не отвечает")
    assert "a:b@" in every_page("", signed_in(owner))[0]["error"]
    assert "a:b@" not in every_page("", signed_in(person("executive")))[0]["error"]
