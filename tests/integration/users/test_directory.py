"""`/users`: who is there, who sees and changes whom."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chalicelib.core.dynamo import owner_of
from chalicelib.core.errors import Conflict, NotFound
from chalicelib.core.transactions import transaction
from chalicelib.users import model, service
from tests.crash_injection import writes_in_turn
from tests.integration.users.api_calls import data, refusal
from tests.people import person, signed_in
from tests.production import UNKNOWN, ask, dump, events_of, nothing_written

BELOV = {"email": "user@example.com", "name": "Белов Ярослав"}
BUILT_IN = "00000000-0000-4000-8000-000000000001"


def create(**fields: Any) -> dict[str, Any]:
    """A user, as documented."""
    made: dict[str, Any] = data(ask("POST", "/users", BELOV | fields), 201)
    return made


def test_a_user_is_created_as_documented_and_found_by_id() -> None:
    made = create()
    assert made | {"id": "", "created_at": ""} == {
        "id": "",
        "number": 2,
        "email": "user@example.com",
        "email_confirmed": False,
        "name": "Белов Ярослав",
        "roles": ["user"],
        "created_at": "",
        "updated_at": None,
        "is_machine": False,
    }
    assert data(ask("GET", f"/users/{made['id']}")) == made
    assert events_of(f"user#{made['id']}")[0][1].items() >= {"id": made["id"], "number": 2}.items()


def test_the_list_is_a_plain_array_newest_first_with_its_total_beside() -> None:
    ids = [create(email=f"u{number}@example.com")["id"] for number in range(3)] + [person("user").id]
    answer = ask("GET", "/users?limit=2&offset=1")
    assert [user["id"] for user in data(answer)] == [ids[2], ids[1]]
    meta = answer.json["meta"]
    cursor = meta.pop("next_cursor")
    assert meta == {"total": 4, "limit": 2, "offset": 1}
    assert [user["id"] for user in data(ask("GET", f"/users?cursor={cursor}"))] == [ids[0]]
    assert [user["id"] for user in data(ask("GET", "/users?sort_direction=ASC"))] == ids
    assert data(ask("GET", "/users"))[0]["email"] is None
    assert ask("GET", "/users").json["meta"] == {"total": 4, "limit": 100, "offset": 0, "next_cursor": None}


def test_the_list_finds_an_email_in_any_case() -> None:
    made = create()
    create(email="other@example.com")
    answer = ask("GET", "/users?email=USER@example.com")
    assert data(answer) == [made]
    assert answer.json["meta"]["total"] == 1
    assert data(ask("GET", "/users?email=nobody@example.com")) == []


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "offset=-1", "sort_direction=up", "email=x"])
def test_a_list_that_cannot_be_is_refused_by_name(query: str) -> None:
    answer = ask("GET", f"/users?{query}")
    assert refusal(answer) == (400, "VALIDATION_ERROR")
    assert answer.json["error"]["message"].startswith(query.partition("=")[0])


def test_unknown_user_is_404_and_invalid_id_is_400() -> None:
    for method, path, body in (("GET", "", None), ("PUT", "", {}), ("PUT", "/password", {"password": "123456"})):
        assert refusal(ask(method, f"/users/{UNKNOWN}{path}", body)) == (404, "NOT_FOUND")
        assert refusal(ask(method, f"/users/123{path}", body)) == (400, "INVALID_UUID")


def test_fields_change_one_by_one() -> None:
    made = create()
    place = f"/users/{made['id']}"
    changed = data(ask("PUT", place, {"name": "Белов Я. А."}))
    assert changed == made | {"name": "Белов Я. А.", "updated_at": changed["updated_at"]}
    assert data(ask("PUT", place, {"roles": ["engineer", "user", "engineer"]}))["roles"] == ["engineer", "user"]
    assert data(ask("PUT", place, {"email": "New@example.com"}))["email"] == "New@example.com"
    assert [name for name, _ in events_of(f"user#{made['id']}")] == ["user.created"] + ["user.updated"] * 3
    create()  # the old address is free again
    assert owner_of(model.email_claim("new@example.com")) == made["id"]


def test_what_changes_nothing_is_no_event() -> None:
    made = create()
    with nothing_written():
        assert data(ask("PUT", f"/users/{made['id']}", BELOV | {"roles": ["user"]})) == made
        assert data(ask("PUT", f"/users/{made['id']}", {"name": None, "email": None, "roles": None})) == made


def test_an_email_may_change_its_case() -> None:
    made = create()
    assert data(ask("PUT", f"/users/{made['id']}", {"email": "USER@example.com"}))["email"] == "USER@example.com"
    assert refusal(ask("POST", "/users", BELOV)) == (409, "EMAIL_EXISTS")


def test_taken_email_is_refused() -> None:
    create()
    other = create(email="other@example.com")
    with nothing_written():
        answer = ask("PUT", f"/users/{other['id']}", {"email": "User@Example.Com", "name": "Другой"})
    assert refusal(answer) == (409, "EMAIL_EXISTS")


@pytest.mark.parametrize("field", ["email", "name", "roles", "password"])
def test_missing_field_is_named(field: str) -> None:
    wrong = {"email": "x@", "name": "", "roles": ["boss"], "password": "short"}[field]
    answer = ask("POST", "/users", BELOV | {field: wrong})
    assert refusal(answer) == (400, "VALIDATION_ERROR")
    assert answer.json["error"]["message"].startswith(field)


def test_concurrent_requests_use_an_email_once() -> None:
    emails = ["race@example.com", "RACE@example.com", "Race@Example.com", "race@EXAMPLE.com"] * 2
    with writes_in_turn(), ThreadPoolExecutor(len(emails)) as pool:
        answers = list(pool.map(lambda email: ask("POST", "/users", BELOV | {"email": email}), emails))
    assert sorted(answer.status for answer in answers) == [201] + [409] * 7
    assert {refusal(answer)[1] for answer in answers if answer.status == 409} == {"EMAIL_EXISTS"}
    assert ask("GET", "/users").json["meta"]["total"] == 1


def test_changes_at_the_same_time_are_all_kept() -> None:
    made = create()
    bodies: list[dict[str, Any]] = [{"name": "Новое имя"}, {"email": "new@example.com"}, {"roles": ["manager"]}]
    with writes_in_turn(), ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda body: ask("PUT", f"/users/{made['id']}", body), bodies))
    assert [answer.status for answer in answers] == [200] * 3
    now = data(ask("GET", f"/users/{made['id']}"))
    assert (now["name"], now["email"], now["roles"]) == ("Новое имя", "new@example.com", ["manager"])


# -- who may what --------------------------------------------------------------------------------------------------


def test_roles_are_given_by_an_administrator_only() -> None:
    manager, admin = signed_in(person("manager")), signed_in(person("admin"))
    assert ask("POST", "/users", BELOV | {"roles": ["user"]}, manager).status == 201
    engineer = {"email": "e@example.com", "name": "Инженер", "roles": ["engineer"]}
    assert refusal(ask("POST", "/users", engineer, manager)) == (403, "FORBIDDEN")
    assert data(ask("POST", "/users", engineer, admin), 201)["roles"] == ["engineer"]


@pytest.mark.parametrize(
    ("before", "after", "ends"),
    [(["user"], ["admin"], True), (["user"], ["user", "customer"], True),
     (["engineer"], ["manager"], True), (["manager"], ["engineer"], False), (["manager"], ["admin"], True),
     (["manager", "user"], ["user"], False), (["user", "manager"], ["manager", "user"], False),
     (["admin"], ["manager"], False)],
)  # fmt: skip
def test_roles_that_allow_more_end_the_tokens_of_before(before: list[str], after: list[str], ends: bool) -> None:
    changed_user = person(*before)
    header = signed_in(changed_user)
    shown = data(ask("PUT", f"/users/{changed_user.id}", {"roles": after}, signed_in(person("admin"))))
    assert (shown["roles"], shown["email_confirmed"]) == (after, False)
    assert ask("GET", "/v1/users/profile", headers=header).status == (401 if ends else 200)


def test_user_cannot_change_own_roles() -> None:
    for role in ("manager", "engineer", "executive", "customer", "user"):
        me = person(role)
        answer = ask("PUT", f"/users/{me.id}", {"name": "Я", "roles": ["admin"]}, signed_in(me))
        assert refusal(answer) == (403, "FORBIDDEN")
        assert ask("PUT", f"/users/{me.id}", {"name": "Я", "roles": [role]}, signed_in(me)).status == 200
        assert data(ask("PUT", "/v1/users/profile", {"roles": ["admin"]}, signed_in(me)))["roles"] == [role]


def test_only_an_administrator_changes_others() -> None:
    other = person("user")
    for role, expected in (("admin", 200), ("manager", 404), ("engineer", 404), ("customer", 404), ("user", 404)):
        answer = ask("PUT", f"/users/{other.id}", {"name": "Переименован"}, signed_in(person(role)))
        assert answer.status == expected, role


def test_users_and_customers_see_themselves_only() -> None:
    other = person("user")
    for role, expected in (("engineer", 200), ("executive", 200), ("customer", 404), ("user", 404)):
        me = person(role)
        assert ask("GET", f"/users/{other.id}", headers=signed_in(me)).status == expected, role
        assert data(ask("GET", f"/users/{me.id}", headers=signed_in(me)))["number"] == me.number


def test_user_reads_and_changes_own_profile() -> None:
    me = person("customer", email="me@example.com")
    changed = data(ask("PUT", "/v1/users/profile", {"name": "Заказчик", "email": "my@example.com"}, signed_in(me)))
    assert (changed["id"], changed["name"], changed["email"]) == (me.id, "Заказчик", "my@example.com")
    assert data(ask("GET", "/v1/users/profile", headers=signed_in(me))) == changed


def test_the_built_in_administrator_is_there_while_no_token_is_needed_and_stays_as_he_is() -> None:
    profile = data(ask("GET", "/v1/users/profile"))
    assert (profile["id"], profile["number"], profile["roles"]) == (BUILT_IN, 1, ["admin"])
    assert data(ask("GET", f"/users/{BUILT_IN}")) == profile
    passwords = {"old_password": "123456", "new_password": "123456"}
    for path, body in (
        (f"/users/{BUILT_IN}", {"name": "X"}),
        (f"/users/{BUILT_IN}/password", {"password": "123456"}),
        ("/v1/users/profile", {"name": "X"}),
        ("/v1/users/password", passwords),
    ):
        assert refusal(ask("PUT", path, body)) == (409, "CONFLICT")
    assert ask("GET", "/users").json["meta"]["total"] == 0


def test_where_tokens_are_needed_there_is_no_built_in_administrator(locked: None) -> None:
    assert refusal(ask("GET", f"/users/{BUILT_IN}", headers=signed_in(person("admin")))) == (404, "NOT_FOUND")
    with pytest.raises(NotFound):
        service.get(1)


# -- removing ------------------------------------------------------------------------------------------------------


def remove(user_id: str) -> None:
    """As orders does it."""
    with transaction() as tx:
        service.remove(tx, user_id)


def test_a_removed_user_leaves_nothing_but_his_log() -> None:
    empty = {name: rows for name, rows in dump().items() if "events" not in name and "counters" not in name}
    made = create()
    remove(made["id"])
    assert {name: rows for name, rows in dump().items() if name in empty} == empty
    assert ask("GET", "/users").json["meta"]["total"] == 0
    assert events_of(f"user#{made['id']}")[-1][0] == "user.deleted"
    with pytest.raises(NotFound):
        remove(made["id"])
    create()


def order_of(user_id: str) -> None:
    """An order is counted, as orders does it."""
    with transaction() as tx:
        tx.increment(model.orders_counter(user_id), +1, error=model.unknown())


def test_a_user_with_orders_stays_and_a_removed_one_takes_none() -> None:
    made, other = create(), create(email="other@example.com")
    order_of(made["id"])
    with nothing_written(), pytest.raises(Conflict):
        remove(made["id"])
    remove(other["id"])
    with nothing_written(), pytest.raises(NotFound):
        order_of(other["id"])


def test_the_built_in_administrator_is_not_removed() -> None:
    with nothing_written(), pytest.raises(Conflict):
        remove(BUILT_IN)
