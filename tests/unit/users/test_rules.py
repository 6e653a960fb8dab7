"""Rules of users, passwords and the claims of their email addresses."""

from typing import get_args

import pytest
from argon2 import PasswordHasher

from chalicelib.core.actor import ROLES, Actor
from chalicelib.core.errors import Forbidden, NotFound
from chalicelib.users import model, passwords
from chalicelib.users.schemas import Role

ME, OTHER = "a" * 36, "b" * 36


def actor(*roles: str) -> Actor:
    return Actor(7, ME, "Анна", None, roles)


def test_the_roles_that_may_be_given_are_those_of_the_table() -> None:
    assert get_args(Role) == ROLES


@pytest.mark.parametrize("role", ROLES)
def test_users_that_each_role_sees(role: str) -> None:
    model.check_sees(actor(role), ME)
    if role in ("user", "customer"):
        with pytest.raises(NotFound):
            model.check_sees(actor(role), OTHER)
    else:
        model.check_sees(actor(role), OTHER)


@pytest.mark.parametrize("role", ROLES)
def test_users_that_each_role_changes(role: str) -> None:
    model.check_changes(actor(role), ME)
    if role == "admin":
        model.check_changes(actor(role), OTHER)
        model.check_grants(actor(role), ["user"], ["admin"])
        return
    with pytest.raises(NotFound):
        model.check_changes(actor(role), OTHER)
    with pytest.raises(Forbidden):
        model.check_grants(actor(role), ["user"], ["admin"])
    model.check_grants(actor(role), ["user", "engineer"], ["engineer", "user"])


def test_any_role_that_sees_all_is_enough() -> None:
    assert not actor("user", "customer").sees_all
    assert actor("user", "executive").sees_all


def test_a_password_matches_itself_alone() -> None:
    kept = passwords.hashed("пароль 1")
    assert kept.startswith("$argon2id$")
    assert passwords.matches("пароль 1", kept)
    assert not passwords.matches("пароль 2", kept)
    assert not passwords.is_outdated(kept)
    assert kept != passwords.hashed("пароль 1")


def test_characters_count_and_not_how_a_keyboard_sends_them() -> None:
    assert passwords.matches("caf\u00e9-1", passwords.hashed("cafe\u0301-1"))


def test_no_password_matches_the_unknown_hash() -> None:
    assert not passwords.matches("", None)
    assert not passwords.is_outdated(passwords.UNKNOWN_PASSWORD_HASH)  # compared with the parameters of now


def test_where_there_is_no_hash_one_is_compared_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []
    monkeypatch.setattr(PasswordHasher, "verify", lambda _, kept, text: compared.append(kept))
    assert not passwords.matches("пароль", None)
    assert compared == [passwords.UNKNOWN_PASSWORD_HASH]


def test_a_broken_hash_is_no_password() -> None:
    assert not passwords.matches("password", "not a hash")
