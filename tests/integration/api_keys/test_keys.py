"""`/v1/api-keys`: who makes keys, what is kept of them, what they may, and how they end."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.api_keys import store
from chalicelib.api_keys.store import ApiKeyItem
from chalicelib.core.aws import client
from chalicelib.core.dynamo import fetch
from chalicelib.users import accounts
from chalicelib.users import service as users
from tests.integration.users.api_calls import data, refusal
from tests.people import person, signed_in
from tests.production import UNKNOWN, ask, dump, events_of, nothing_written

pytestmark = pytest.mark.usefixtures("locked")
KEYS = "/v1/api-keys"


@pytest.fixture
def admin() -> dict[str, str]:
    """The header of an administrator."""
    return signed_in(person("admin"))


def make(admin: dict[str, str], *roles: str, **fields: Any) -> dict[str, Any]:
    """A new key as it is answered, once."""
    body = {"name": "Весы цеха №1", "roles": list(roles or ("engineer",)), **fields}
    made: dict[str, Any] = data(ask("POST", KEYS, body, admin), 201)
    return made


def sent(made: dict[str, Any]) -> dict[str, str]:
    """The header with a key."""
    return {"X-API-Key": made["key"]}


def used_at(made: dict[str, Any], admin: dict[str, str]) -> str | None:
    """What is kept of the last use of a key."""
    at: str | None = data(ask("GET", f"{KEYS}/{made['id']}", headers=admin))["last_used_at"]
    return at


def test_a_key_is_answered_once_and_only_its_hash_is_kept(
    admin: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    made = make(admin, "engineer", "customer", "engineer")
    key = made.pop("key")
    assert key.startswith(made["prefix"]) and len(made["prefix"]) == 11
    assert (made["name"], made["roles"]) == ("Весы цеха №1", ["engineer", "customer"])
    assert (made["expires_at"], made["last_used_at"]) == (None, None)
    assert data(ask("GET", f"{KEYS}/{made['id']}", headers=admin)) == made
    assert data(ask("GET", KEYS, headers=admin)) == [made]
    assert ask("GET", "/api/batches", headers={"X-API-Key": key}).status == 200
    assert key not in str(dump())
    assert key not in capsys.readouterr().err
    assert [name for name, _ in events_of(f"api_key#{made['id']}")] == ["api_key.created"]


def test_a_repeated_request_makes_another_key_and_keeps_no_answer(admin: dict[str, str]) -> None:
    body = {"name": "Весы", "roles": ["user"]}
    keys = [data(ask("POST", KEYS, body, admin | {"Idempotency-Key": "1"}), 201)["key"] for _ in range(2)]
    assert keys[0] != keys[1]
    assert not any(items for name, items in dump().items() if name.endswith("-idempotency"))


@pytest.mark.parametrize("header", ["Authorization", "X-API-Key", "x-api-key", "AUTHORIZATION"])
def test_a_key_is_sent_in_either_header(header: str, admin: dict[str, str]) -> None:
    made = make(admin, "engineer")
    value = f"Bearer {made['key']}" if header.lower() == "authorization" else made["key"]
    shown = data(ask("GET", "/v1/users/profile", headers={header: value}))
    assert (shown["id"], shown["number"], shown["name"]) == (made["id"], made["number"], made["name"])
    assert (shown["email"], shown["roles"], shown["is_machine"]) == (None, ["engineer"], True)


def test_key_errors_do_not_show_existing_ids(admin: dict[str, str]) -> None:
    made, other = make(admin), make(admin)
    wrong_secret = made["key"][:30] + other["key"][30:]
    answers = {
        key: ask("GET", "/users", headers={"Authorization": f"Bearer {key}"})
        for key in (wrong_secret, "sf_" + "A" * 64, "sf_abc", "sf_")
    }
    texts = {answer.json["error"]["message"] for answer in answers.values()}
    assert texts == {"Недействительный ключ API: такого нет, или он отозван"}
    for answer in answers.values():
        assert (refusal(answer), answer.headers["WWW-Authenticate"]) == (
            (401, "UNAUTHORIZED"),
            'Bearer error="invalid_token"',
        )
    both = ask("GET", "/users", headers=sent(made) | admin)
    assert "что-то одно" in both.json["error"]["message"]
    token = ask("GET", "/users", headers={"X-API-Key": admin["Authorization"].removeprefix("Bearer ")})
    assert "начинается с sf_" in token.json["error"]["message"]


def test_a_key_has_its_own_roles_and_no_others(admin: dict[str, str]) -> None:
    engineer, user = sent(make(admin, "engineer")), sent(make(admin, "user"))
    assert ask("GET", "/users", headers=engineer).status == 403
    assert ask("POST", KEYS, {"name": "Еще", "roles": ["admin"]}, engineer).status == 403
    assert ask("GET", "/users", headers=sent(make(admin, "customer", "manager"))).status == 200
    assert ask("GET", "/api/webhooks", headers=user).status == 403


def test_what_a_key_makes_is_its_own(admin: dict[str, str]) -> None:
    mine, other = make(admin, "user"), make(admin, "user")
    order = {"user_id": mine["id"], "items": [{"product": "Болт", "quantity": 1, "price": 1}]}
    made = data(ask("POST", "/orders", order, sent(mine)), 201)
    assert made["user_id"] == mine["id"]
    assert ask("GET", f"/orders/{made['id']}", headers=sent(mine)).status == 200
    assert ask("GET", f"/orders/{made['id']}", headers=sent(other)).status == 404
    assert data(ask("GET", "/orders", headers=sent(other))) == []
    assert data(ask("GET", f"/users/{mine['id']}/details", headers=admin))["user"]["is_machine"] is True


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/users/{id}", {"name": "Анна"}),
        ("PUT", "/users/{id}", {"roles": ["admin"]}),
        ("PUT", "/users/{id}", {"email": "machine@example.com"}),
        ("PUT", "/users/{id}/password", {"password": "long enough"}),
        ("POST", "/users/{id}/invitation", None),
        ("DELETE", "/users/{id}", None),
        ("DELETE", "/users/{id}?cascade=true", None),
    ],
)
def test_account_of_a_key_cannot_be_changed(method: str, path: str, body: Any, admin: dict[str, str]) -> None:
    made = make(admin, "manager")
    with nothing_written():
        assert refusal(ask(method, path.format(**made), body, admin)) == (409, "CONFLICT")


def test_a_key_changes_neither_its_profile_nor_a_password(admin: dict[str, str]) -> None:
    key = sent(make(admin, "admin"))
    assert ask("GET", "/users", headers=key).status == 200  # its use is kept now
    with nothing_written():
        for path, body in (
            ("/v1/users/profile", {"name": "Анна", "email": "a@example.com"}),
            ("/v1/users/password", {"old_password": "x", "new_password": "long enough"}),
        ):
            assert refusal(ask("PUT", path, body, key)) == (409, "CONFLICT")


def test_account_of_a_key_cannot_log_in(admin: dict[str, str]) -> None:
    made = make(admin, "admin")
    for email in ("", made["name"], made["id"], "None", "null"):
        assert ask("POST", "/v1/users/login", {"email": email, "password": made["key"]}).status in (400, 401)


def test_a_revoked_key_ends_at_once_and_what_it_made_stays_its_own(admin: dict[str, str]) -> None:
    made = make(admin, "manager")
    gone = data(ask("DELETE", f"{KEYS}/{made['id']}", headers=admin))
    assert (gone["message"], gone["deletedApiKey"]["id"]) == ("Ключ API отозван", made["id"])
    assert "key" not in gone["deletedApiKey"]
    assert ask("GET", "/api/batches", headers=sent(made)).status == 401
    left = ask("GET", KEYS, headers=admin)
    assert (data(left), left.json["meta"]["total"]) == ([], 0)
    for method in ("GET", "DELETE"):
        assert refusal(ask(method, f"{KEYS}/{made['id']}", headers=admin)) == (404, "NOT_FOUND")
    account = data(ask("GET", f"/users/{made['id']}", headers=admin))
    assert (account["name"], account["roles"], account["is_machine"]) == (made["name"], [], True)
    assert not users.get(made["number"]).sees_all
    assert [name for name, _ in events_of(f"api_key#{made['id']}")] == ["api_key.created", "api_key.revoked"]
    assert refusal(ask("PUT", f"/users/{made['id']}", {"roles": ["admin"]}, admin)) == (409, "CONFLICT")
    assert data(ask("DELETE", f"/users/{made['id']}", headers=admin))["deletedUser"]["id"] == made["id"]


def test_one_of_two_concurrent_revocations_succeeds(admin: dict[str, str]) -> None:
    made = make(admin)
    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(lambda _: ask("DELETE", f"{KEYS}/{made['id']}", headers=admin).status, range(4)))
    assert sorted(statuses) == [200, 404, 404, 404]
    assert ask("GET", KEYS, headers=admin).json["meta"]["total"] == 0


def test_a_use_of_a_key_that_is_just_revoked_does_not_bring_it_back(
    admin: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make(admin)
    real = client("dynamodb").update_item

    def revoke_first(**arguments: Any) -> Any:
        if arguments["TableName"].endswith("-api_keys"):
            monkeypatch.undo()
            client("dynamodb").delete_item(TableName=arguments["TableName"], Key=arguments["Key"])
        return real(**arguments)

    monkeypatch.setattr(client("dynamodb"), "update_item", revoke_first)
    ask("GET", "/api/events", headers=sent(made))
    assert fetch(ApiKeyItem, made["id"]) is None


def test_expired_key_is_refused_and_still_listed(admin: dict[str, str], later: Callable[..., None]) -> None:
    ends = datetime.now(UTC) + timedelta(hours=2)
    made = make(admin, "engineer", expires_at=ends.isoformat())
    assert datetime.fromisoformat(made["expires_at"]) == ends
    assert ask("GET", "/api/batches", headers=sent(made)).status == 200
    later(hours=2, seconds=1)
    answer = ask("GET", "/api/batches", headers=sent(made))
    assert (answer.status, answer.json["detail"]) == (401, "Срок действия ключа API истек")
    assert [key["id"] for key in data(ask("GET", KEYS, headers=admin))] == [made["id"]]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "завтра"}, "expires_at"),
        ({"roles": []}, "roles"),
        ({"roles": None}, "roles"),
        ({"roles": ["director"]}, "roles"),
        ({"name": " "}, "name"),
        ({"name": "x" * 201}, "name"),
    ],
)
def test_a_key_that_makes_no_sense_is_refused(fields: dict[str, Any], field: str, admin: dict[str, str]) -> None:
    with nothing_written():
        answer = ask("POST", KEYS, {"name": "Весы", "roles": ["user"], **fields}, admin)
    assert refusal(answer) == (400, "VALIDATION_ERROR")
    assert field in answer.json["error"]["message"]


def test_when_a_key_was_used_is_written_once_a_minute(
    admin: dict[str, str], later: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make(admin, "engineer")
    writes: list[str] = []
    real = client("dynamodb").update_item

    def counting(**arguments: Any) -> Any:
        writes.append(arguments["TableName"])
        return real(**arguments)

    monkeypatch.setattr(client("dynamodb"), "update_item", counting)
    for _ in range(5):
        assert ask("GET", "/api/batches", headers=sent(made)).status == 200
    first = used_at(made, admin)
    assert first is not None and len(writes) == 1
    later(seconds=59)
    ask("GET", "/api/batches", headers=sent(made))
    assert used_at(made, admin) == first
    later(seconds=2)
    ask("GET", "/api/batches", headers=sent(made))
    last = used_at(made, admin)
    assert last is not None and last > first and len(writes) == 2


def test_of_instances_that_meet_a_key_at_once_one_writes(admin: dict[str, str]) -> None:
    made = make(admin)
    seen = [fetch(ApiKeyItem, made["id"]) for _ in range(3)]
    first = datetime(2999, 1, 1, tzinfo=UTC)
    for number, item in enumerate(seen):
        assert item is not None
        store.record_use(item, first + timedelta(seconds=number))
    assert used_at(made, admin) == "2999-01-01T00:00:00Z"


def test_the_list_is_paged_as_that_of_users(admin: dict[str, str]) -> None:
    made = [make(admin, name=f"Весы {number}")["id"] for number in range(5)]
    answer = ask("GET", f"{KEYS}?limit=2&offset=1", headers=admin)
    assert [key["id"] for key in data(answer)] == [made[3], made[2]]
    meta = answer.json["meta"]
    assert meta | {"next_cursor": ""} == {"total": 5, "limit": 2, "offset": 1, "next_cursor": ""}
    after = ask("GET", f"{KEYS}?limit=2&cursor={meta['next_cursor']}", headers=admin)
    assert [key["id"] for key in data(after)] == [made[1], made[0]]
    assert after.json["meta"]["next_cursor"] is None
    assert 'offset=3>; rel="next"' in answer.headers["Link"]
    assert [key["id"] for key in data(ask("GET", f"{KEYS}?sort_direction=ASC", headers=admin))] == made
    for wrong in ("limit=0", "limit=1001", "offset=-1", "sort_direction=UP", "limit=x", "cursor=x", "page=1"):
        assert refusal(ask("GET", f"{KEYS}?{wrong}", headers=admin)) == (400, "VALIDATION_ERROR")


def test_keys_are_not_under_the_limit_of_logins(admin: dict[str, str]) -> None:
    key = sent(make(admin, "engineer"))
    assert accounts.MAX_ATTEMPTS == 10
    assert {ask("GET", "/v1/users/profile", headers=key).status for _ in range(3 * accounts.MAX_ATTEMPTS)} == {200}


def test_an_unknown_key_is_not_found(admin: dict[str, str]) -> None:
    assert refusal(ask("GET", f"{KEYS}/{UNKNOWN}", headers=admin)) == (404, "NOT_FOUND")
    assert refusal(ask("DELETE", f"{KEYS}/x", headers=admin)) == (400, "INVALID_UUID")


def test_a_conditional_request_by_key_is_not_disturbed_by_the_note_of_its_use(admin: dict[str, str]) -> None:
    key = sent(make(admin, "manager"))
    made = ask("POST", "/api/work_centers", {"identifier": "WC-1", "name": "Цех"}, signed_in(person("manager")))
    path, tag = f"/api/work_centers/{made.json['uuid']}", {"If-Match": made.headers["ETag"]}
    assert ask("PATCH", path, {"name": "Цех 2"}, key | tag).status == 200
    assert ask("PATCH", path, {"name": "Цех 3"}, key | tag).status == 412


def test_a_task_of_a_key_belongs_to_it(admin: dict[str, str]) -> None:
    mine, other = (sent(make(admin, "user")) for _ in range(2))
    body = {"execute_at": "2999-01-01T00:00:00Z", "task_type": "generate_report", "payload": {}}
    answer = ask("POST", "/api/v1/tasks", body, mine)
    assert answer.status == 201, answer.text
    path = f"/api/v1/tasks/{answer.json['task']['id']}"
    assert [ask("GET", path, headers=key).status for key in (mine, other, admin)] == [200, 404, 200]
