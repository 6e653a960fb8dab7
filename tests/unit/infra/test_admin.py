"""What `make admin` prints: a generated password is shown only when it is in force."""

import json
import sys
from typing import Any

import pytest

from infra import admin

TOLD = {"id": "x", "number": 2, "email": "root@example.com", "created": False, "granted": False, "password_set": False}
TOLD |= {"email_confirmed": True}


class Function:
    """Stands for the function of the stack."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.told, self.asked = told, {}

    def __call__(self, stage: str, place: Any, request: dict[str, Any]) -> dict[str, Any]:
        self.asked = json.loads(json.dumps(request))
        return self.told


def run(told: dict[str, Any], monkeypatch: pytest.MonkeyPatch, *more: str) -> dict[str, Any]:
    """Run the command; returns what the function was asked."""
    function = Function(TOLD | told)
    monkeypatch.setattr(admin, "call", function)
    monkeypatch.setattr(sys, "argv", ["admin", "--stage", "dev", "--email", "root@example.com", *more])
    assert admin.main() == 0
    return function.asked


@pytest.fixture(autouse=True)
def nothing_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PASSWORD", raising=False)


def test_a_password_that_was_made_up_is_shown_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = {"created": True, "granted": True, "password_set": True}
    asked = [run(told, monkeypatch) for _ in range(2)]
    shown = capsys.readouterr().out
    assert asked[0]["password"] != asked[1]["password"]
    assert [len(one["password"]) for one in asked] == [20, 20]
    assert not any(one["keep_password"] or one["existing"] for one in asked)
    assert shown.count(asked[0]["password"]) == 1
    assert "new administrator" in shown


def test_one_that_is_not_in_force_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = run({}, monkeypatch, "--existing", "--keep-password")
    shown = capsys.readouterr().out
    assert (asked["existing"], asked["keep_password"]) == (True, True)
    assert asked["password"] not in shown
    assert "already" in shown and "stays as it was" in shown
    assert "never confirmed" not in shown


def test_an_account_whose_address_was_never_confirmed_is_pointed_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = run({"granted": True, "password_set": True, "email_confirmed": False}, monkeypatch, "--existing")
    shown = capsys.readouterr().out
    assert f"password: {asked['password']}" in shown
    assert "never confirmed" in shown


def test_a_given_password_is_set_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PASSWORD", "from the environment")
    assert run({"password_set": True}, monkeypatch)["password"] == "from the environment"
    monkeypatch.setattr("getpass.getpass", lambda _: "from the terminal")
    asked = run({"password_set": True}, monkeypatch, "--ask", "--name", "Главный")
    assert (asked["password"], asked["name"], asked["keep_password"]) == ("from the terminal", "Главный", False)
    shown = capsys.readouterr().out
    assert "from the" not in shown
    assert "the password is set" in shown


def test_an_email_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit):
        run({}, monkeypatch, "--email", "")
