"""Commands find the running local stack by its state, and say in one line that none runs."""

import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra import local_stack
from infra.local_stack import AlreadyRunning, Running, running, serving
from infra.stages import client_arguments
from localstack import __main__ as command_line
from tests.e2e.stack import free_ports
from tests.unit.infra.commands import OF_EVERY_STAGE


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder that nobody serves."""
    for name in ("PORT", "AWS_PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("STATE_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def listening() -> Iterator[int]:
    """A port that answers."""
    with socket.create_server((local_stack.HOST, 0)) as server:
        yield server.getsockname()[1]


def test_who_serves_a_state_is_known_as_long_as_it_does(state: Path) -> None:
    assert running(state) is None
    with serving(state, 8001, 4567):
        found = running(state)
        assert found == Running(found.pid if found else 0, 8001, 4567)
        with pytest.raises(AlreadyRunning, match="http://127.0.0.1:8001.*make stop"), serving(state, 8002, 4568):
            pass
    assert running(state) is None
    (state / local_stack.PID_FILE).write_text("7 8001 4567")  # of a killed one
    assert running(state) is None


def test_ports_are_those_of_the_running_stack_unless_others_are_named(
    state: Path, listening: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert local_stack.api_url() == "http://127.0.0.1:8000"
    with serving(state, 8001, listening):
        assert local_stack.api_url() == "http://127.0.0.1:8001"
        assert client_arguments("local")["endpoint_url"] == f"http://127.0.0.1:{listening}"
        monkeypatch.setenv("PORT", "8002")
        assert local_stack.api_url() == "http://127.0.0.1:8002"


@pytest.mark.parametrize(("command", "arguments"), OF_EVERY_STAGE, ids=lambda one: getattr(one, "__name__", ""))
@pytest.mark.parametrize("named", [False, True], ids=["no stack", "unreachable endpoint"])
def test_a_command_without_a_stack_ends_with_one_line(
    command: Any, arguments: list[str], named: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    (port,) = free_ports(1)
    monkeypatch.setenv("AWS_PORT", str(port)) if named else monkeypatch.setattr(local_stack, "AWS_PORT", port)
    monkeypatch.setattr(sys, "argv", ["command", "--stage", "local", *arguments])
    with pytest.raises(SystemExit) as ended:
        command.main()
    said = str(ended.value)
    assert said.startswith(f"no local stack answers at http://127.0.0.1:{port}: start it with `make run`")
    assert "\n" not in said


@pytest.mark.parametrize(("answer", "kept"), [("", True), ("n", True), ("y", False)])
def test_a_state_is_deleted_on_a_terminal_only_after_a_yes(
    state: Path, answer: str, kept: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (state / "stack.json").write_text("{}")
    monkeypatch.setattr(sys, "stdin", type("Terminal", (), {"isatty": lambda self: True})())
    monkeypatch.setattr("builtins.input", lambda question: answer)
    monkeypatch.setattr(sys, "argv", ["localstack", "reset"])
    assert command_line.main() == int(kept)
    assert state.exists() is kept
    assert ("nothing was deleted" in capsys.readouterr().out) is kept


@pytest.mark.parametrize(("terminal", "arguments"), [(True, ["--yes"]), (False, [])])
def test_nothing_is_asked_where_it_was_confirmed_or_nobody_is_there(
    state: Path, terminal: bool, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", type("Input", (), {"isatty": lambda self: terminal})())
    monkeypatch.setattr(sys, "argv", ["localstack", "reset", *arguments])
    assert command_line.main() == 0
    assert not state.exists()
