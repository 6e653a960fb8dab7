"""`/user`, `/task`, `/tasks`: documented behaviour and ownership."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.core import clock, outgoing
from chalicelib.core.actor import ROLES
from chalicelib.core.outgoing import Download
from chalicelib.core.paging import PageRequest
from chalicelib.core.transactions import transaction
from chalicelib.long_tasks import kinds, model, running, service
from chalicelib.long_tasks.model import Failure
from chalicelib.users import service as users
from tests.integration.long_tasks.api_calls import TEXT, start, task, work
from tests.people import demote, person, signed_in
from tests.production import ask, events_of, nothing_written, ok

FIELDS = ["id", "status", "task", "result", "error", "createdAt", "endedAt", "userId"]


def refusal(status: int, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> str:
    """A call that is refused with this status and writes nothing; its error."""
    with nothing_written():
        answer = ask(method, path, body, headers)
    assert answer.status == status, answer.text
    assert list(answer.json) == ["error"]
    return str(answer.json["error"])


def test_a_user_is_made_with_200_and_found_by_number_here_and_in_the_directory() -> None:
    answer = ask("POST", "/user", {"name": "Иван Иванов"})
    assert (answer.status, answer.json) == (200, {"id": 2, "name": "Иван Иванов"})
    assert ok("GET", "/user/2") == {"id": 2, "name": "Иван Иванов"}
    (listed,) = ok("GET", "/users")["data"]
    assert (listed["number"], listed["name"], listed["email"]) == (2, "Иван Иванов", None)
    assert ok("GET", "/user/1")["id"] == 1


def test_a_task_is_pending_until_its_work_is_done() -> None:
    number = start()
    pending = task(number)
    assert list(pending) == FIELDS
    expected = {"id": 1, "status": "pending", "task": TEXT, "result": "", "error": "", "endedAt": None, "userId": 1}
    assert pending.items() >= expected.items()
    assert work() == ["Begin Work", "Begin Work: outcome", "Wait", "Finish Work", "Finish Work: outcome", "Ended"]
    done = task(number)
    assert (done["status"], done["error"], done["createdAt"]) == ("done", "", pending["createdAt"])
    assert done["result"].isdigit()
    assert done["endedAt"] > done["createdAt"]
    ((name, data),) = events_of(f"long_task#{number}")
    assert name == "long_task.completed"
    assert data.items() >= {"long_task_id": 1, "user_id": 1, "result": done["result"]}.items()


def test_the_result_of_the_simulated_work_is_what_it_took(later: Callable[..., None]) -> None:
    start()
    assert running.begin(1, 1, 1)[0] == "wait"
    later(seconds=200)
    assert running.finish(1, 1, 1) == "ok"
    assert 200_000 <= int(task(1)["result"]) < 210_000


def test_what_cannot_be_done_is_failed_with_the_reason() -> None:
    number = start("fetch ftp://example.com/a")
    assert work()[-2:] == ["Finish Work: outcome", "Ended"]
    failed = task(number)
    assert (failed["status"], failed["result"]) == ("failed", "error")
    assert failed["error"].startswith("Адрес не разрешен: ")
    assert failed["endedAt"]
    ((name, data),) = events_of(f"long_task#{number}")
    assert (name, data["error"]) == ("long_task.failed", failed["error"])


def test_a_defective_function_fails_its_task_and_its_execution(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Any) -> str:
        raise RuntimeError

    monkeypatch.setattr(kinds, "run", broken)
    number = start()
    assert work()[-2:] == ["Finish Work: outcome", "Broken"]
    assert (task(number)["status"], task(number)["error"]) == ("failed", model.BROKEN)


def test_a_new_kind_is_one_decorated_function(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "_kinds", [])

    @kinds.task_kind("divide <whole> by <part>", wait=lambda: timedelta(seconds=2))
    def divide(whole: str, part: str, job: kinds.Job) -> str:
        if part == "0":
            raise Failure("На ноль не делят")
        return f"{job.number}: {int(whole) // int(part)}"

    numbers = [start("divide 6 by 3"), start("Divide  6 by 0"), start("divide 6")]
    work()
    assert [task(number)["result"] for number in numbers[:2]] == ["1: 2", "error"]
    assert task(numbers[1])["error"] == "На ноль не делят"
    assert task(numbers[2])["status"] == "done"


def test_the_tasks_of_a_user_are_a_bare_array_newest_last() -> None:
    ok("POST", "/user", {"name": "Анна"})
    assert ok("GET", "/tasks/2") == []
    numbers = [start(str(number), user=2) for number in range(12)]
    start("чужая")
    listed = ok("GET", "/tasks/2")
    assert [one["id"] for one in listed] == numbers
    assert listed == [task(number) for number in numbers]


@pytest.mark.parametrize(
    ("query", "expected"),
    [("limit=3", [1, 2, 3]), ("offset=10", [11, 12]), ("limit=2&offset=4", [5, 6]), ("limit=5&offset=12", [])],
)
def test_a_part_of_the_tasks_is_counted_from_the_oldest(query: str, expected: list[int]) -> None:
    for _ in range(12):
        start()
    assert [one["id"] for one in ok("GET", f"/tasks/1?{query}")] == expected


def test_a_page_continues_at_the_cursor_of_its_link() -> None:
    for _ in range(12):
        start()
    found, query = [], "?limit=5"
    while query:
        page = ask("GET", f"/tasks/1{query}")
        found.append([one["id"] for one in page.json])
        query = page.headers.get("Link", "")[1:].partition(">")[0]
    assert found == [[1, 2, 3, 4, 5], [6, 7, 8, 9, 10], [11, 12]]


@pytest.mark.parametrize("position", ["9" * 19, "9" * 2_000, "x", "-1", ""])
def test_a_cursor_with_a_number_that_no_task_has_is_refused(position: str) -> None:
    start()
    cursor = PageRequest().next_cursor("long_tasks#1", position)
    assert refusal(400, "GET", f"/tasks/1?cursor={cursor}").startswith("cursor")


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("POST", "/user", {}, "name"),
        ("POST", "/user", {"name": "  "}, "name"),
        ("POST", "/user", {"name": 5}, "name"),
        ("POST", "/user", {"name": "я" * 201}, "name"),
        ("POST", "/user", ["name"], "ожидается"),
        ("GET", "/user/0", None, "id"),
        ("GET", "/user/первый", None, "id"),
        ("POST", "/task/0", {"task": TEXT}, "id"),
        ("POST", "/task/x", {"task": TEXT}, "id"),
        ("POST", "/task/-1", {"task": TEXT}, "id"),
        ("POST", "/task/1", {}, "task"),
        ("POST", "/task/1", {"task": ""}, "task"),
        ("POST", "/task/1", {"task": None}, "task"),
        ("POST", "/task/1", {"task": "я" * 10_001}, "task"),
        ("GET", "/task/0", None, "id"),
        ("GET", "/task/1.5", None, "id"),
        ("GET", "/tasks/0", None, "user_id"),
        ("GET", "/tasks/1?limit=0", None, "limit"),
        ("GET", "/tasks/1?limit=10001", None, "limit"),
        ("GET", "/tasks/1?limit=x", None, "limit"),
        ("GET", "/tasks/1?offset=-1", None, "offset"),
    ],
)
def test_bad_input_is_400_and_names_the_field(method: str, path: str, body: Any, field: str) -> None:
    assert refusal(400, method, path, body).startswith(field)


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/user/7"), ("POST", "/task/7"), ("GET", "/task/7"), ("GET", "/tasks/7")]
)
def test_an_unknown_user_or_task_is_404(method: str, path: str) -> None:
    assert "7" in refusal(404, method, path, {"task": TEXT} if method == "POST" else None)


def test_those_with_the_role_user_or_customer_find_only_what_is_theirs(locked: None) -> None:
    anna, boris, chief = person("user"), person("customer"), person("manager")
    hers, his, all_of_it = signed_in(anna), signed_in(boris), signed_in(chief)
    assert ask("POST", f"/task/{anna.number}", {"task": TEXT}, hers).status == 200
    for path in (f"/user/{anna.number}", "/task/1", f"/tasks/{anna.number}"):
        assert [ask("GET", path, None, who).status for who in (hers, his, all_of_it)] == [200, 404, 200]
    assert refusal(404, "POST", f"/task/{anna.number}", {"task": TEXT}, his)
    assert refusal(403, "POST", "/user", {"name": "Вера"}, hers)
    assert ask("POST", f"/task/{anna.number}", {"task": TEXT}, all_of_it).status == 200
    assert [one["userId"] for one in ask("GET", f"/tasks/{anna.number}", None, hers).json] == [anna.number] * 2


def test_what_was_made_in_a_period_is_found_with_both_ends(later: Callable[..., None]) -> None:
    ok("POST", "/user", {"name": "Анна"})
    for user in (1, 2, 1):
        start(user=user)
        later(hours=1)
    first, second, third = service.between(None, None)
    assert [one.number for one in (first, second, third)] == [1, 2, 3]
    assert [one.number for one in service.between(second.created_at, third.created_at)] == [2, 3]
    assert [one.number for one in service.between(first.created_at, second.created_at, user_id=1)] == [1]
    assert [one.number for one in service.between(None, None, user_id=2)] == [2]
    assert list(service.between(clock.now(), None)) == []


MAKERS = {"admin", "manager", "engineer", "user", "customer"}  # an executive makes no long tasks
ALLOWED = {"fetch http://127.0.0.1:1/": MAKERS - {"user", "customer"}, TEXT: MAKERS}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("text", ALLOWED)
def test_a_task_is_made_by_the_roles_of_its_kind_and_by_no_other(locked: None, text: str, role: str) -> None:
    user = person(role)
    if role in ALLOWED[text]:
        assert ask("POST", f"/task/{user.number}", {"task": text}, signed_in(user)).status == 200
        return
    why = refusal(403, "POST", f"/task/{user.number}", {"task": text}, signed_in(user))
    assert text.split()[0] in why or role == "executive"


@pytest.mark.parametrize("mine", [True, False])
@pytest.mark.parametrize("lost", ["deleted", "demoted"])
def test_a_task_whose_owner_lost_the_role_fails_with_that_reason(
    locked: None, monkeypatch: pytest.MonkeyPatch, lost: str, mine: bool
) -> None:
    monkeypatch.setattr(outgoing, "download", lambda *_, **__: pytest.fail("nothing is fetched"))
    maker, admin = person("engineer"), person("admin")
    user = maker if mine else person("user")
    assert ask("POST", f"/task/{user.number}", {"task": "fetch https://example.com/"}, signed_in(maker)).status == 200
    if lost == "deleted":
        with transaction() as tx:
            users.remove(tx, maker.id)
    else:
        demote(maker)
    work()
    failed = ask("GET", "/task/1", headers=signed_in(admin)).json
    reason = (
        model.OWNER_DELETED if lost == "deleted" else model.role_lost("fetch", ALLOWED["fetch http://127.0.0.1:1/"])
    )
    assert (failed["status"], failed["result"], failed["error"]) == ("failed", "error", reason)


def test_a_task_of_a_deleted_user_fails_also_when_another_user_made_it(locked: None) -> None:
    manager, user = person("manager"), person("user")
    assert ask("POST", f"/task/{user.number}", {"task": TEXT}, signed_in(manager)).status == 200
    with transaction() as tx:
        users.remove(tx, user.id)
    work()
    failed = ask("GET", "/task/1", headers=signed_in(manager)).json
    assert (failed["status"], failed["error"]) == ("failed", model.OWNER_DELETED)


def test_what_a_manager_has_fetched_for_a_user_is_fetched_in_the_name_of_the_manager(
    locked: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "download", lambda *_, **__: Download(200, 0, 1))
    manager, user = person("manager"), person("user")
    path = f"/task/{user.number}"
    assert ask("POST", path, {"task": "fetch https://example.com/"}, signed_in(manager)).status == 200
    work()
    assert ask("GET", "/task/1", headers=signed_in(user)).json["status"] == "done"


def test_secrets_in_a_text_are_shown_to_user_maker_and_administrators(locked: None) -> None:
    manager, user = person("manager"), person("engineer")
    text = "fetch https://user:s3cr3t@host.example/?token=s3cr3t"
    assert ask("POST", f"/task/{user.number}", {"task": text}, signed_in(manager)).status == 200
    for who in (manager, user, person("admin"), person("manager"), person("executive")):
        shown = text if who.number in (manager.number, user.number) or "admin" in who.roles else None
        (listed,) = ask("GET", f"/tasks/{user.number}", headers=signed_in(who)).json
        one = ask("GET", "/task/1", headers=signed_in(who)).json
        expected = shown or "fetch https://***@host.example/?token=***"
        assert (listed["task"], one["task"]) == (expected, expected)
