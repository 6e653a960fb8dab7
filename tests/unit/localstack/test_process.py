"""Children of the launcher end with it, and what a killed launcher has left does not stop the next one."""

import asyncio
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra.local_stack import AlreadyRunning, serving
from localstack import process
from localstack.config import PortTaken, close_ports, open_ports, read_config
from localstack.deployed import end_interrupted
from localstack.engine import snapshots
from localstack.launcher import failure, up
from localstack.server import REQUESTS_END_WITHIN_SECONDS
from tests.e2e.stack import free_ports, launch


def test_a_helper_is_in_a_session_of_its_own_and_is_ended() -> None:
    child = process.start_helper("asyncio", environment=os.environ)  # waits for its input
    try:
        assert os.getsid(child.pid) == child.pid != os.getsid(0)
        assert child.poll() is None
    finally:
        process.end_helpers()
    assert child.wait(timeout=60) < 0
    process.end_helpers()  # those that have ended are left alone


def test_a_stack_that_was_told_to_end_has_the_time_to_write_all_that_it_has_to() -> None:
    waits_for = REQUESTS_END_WITHIN_SECONDS + 2 * snapshots.TIMEOUT_SECONDS  # requests, a copy, and who waits for it
    assert waits_for + 30 <= process.STOP_SECONDS


def test_a_second_start_on_a_state_leaves_the_files_of_the_first(tmp_path: Path) -> None:
    port, aws_port = free_ports(2)
    kept = tmp_path / "tmp" / "of-a-worker"
    kept.parent.mkdir()
    kept.write_text("x")
    config = replace(read_config(), port=port, aws_port=aws_port, state=tmp_path)
    with serving(tmp_path, 1, 2), pytest.raises(AlreadyRunning, match="make stop"):
        up(config)
    assert kept.exists()


def test_the_ports_of_a_stack_are_its_own_from_the_first_moment(tmp_path: Path) -> None:
    port, aws_port = free_ports(2)
    config = replace(read_config(), port=port, aws_port=aws_port, state=tmp_path)
    sockets = open_ports(config)
    try:
        with pytest.raises(
            PortTaken, match=rf"port {port} is taken \(Address already in use\); .* make run PORT={port + 1}"
        ):
            open_ports(config)
    finally:
        close_ports(sockets)
    close_ports(open_ports(config))


def test_an_emulator_that_does_not_start_ends_the_launcher_with_the_reason(tmp_path: Path) -> None:
    port, aws_port = free_ports(2)
    settings = {"PORT": port, "AWS_PORT": aws_port, "STATE_DIR": tmp_path, "ENGINE_FAST": "nothing", "CONSOLE": 0}
    environment = {name: str(value) for name, value in settings.items()}
    launched = launch("up", {"PATH": os.environ["PATH"], **environment})
    printed, _ = launched.communicate(timeout=60)
    assert launched.returncode == 1
    assert "ENGINE_FAST names nothing; there are query, " in printed
    assert "saved" not in printed


async def _serves() -> None:
    await asyncio.Event().wait()


async def _ends() -> None:
    """Return at once."""


async def _fails() -> None:
    raise ValueError("no room")


@pytest.mark.parametrize(
    ("server", "start", "stops", "told"),
    [
        (_serves, _serves, True, ""),
        (_serves, _ends, False, ""),
        (_serves, _fails, False, "no room"),
        (_fails, _serves, False, "no room"),
        (_ends, _serves, False, "the emulator has ended, see emulator.log"),
        (_ends, _fails, True, ""),
    ],
)
def test_whatever_ends_first_is_told(
    server: Callable[[], Any], start: Callable[[], Any], stops: bool, told: str
) -> None:
    async def main() -> str:
        stop = asyncio.Event()
        if stops:
            stop.set()
        return await failure(stop, asyncio.create_task(server()), asyncio.create_task(start()))

    assert asyncio.run(asyncio.wait_for(main(), 10)) == told


@pytest.mark.parametrize(
    ("status", "then"),
    [
        ("UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"),
        ("UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"),
        ("CREATE_IN_PROGRESS", "ROLLBACK_COMPLETE"),
        ("UPDATE_COMPLETE", "UPDATE_COMPLETE"),
    ],
)
def test_a_deployment_that_ended_with_the_emulator_is_not_waited_for(tmp_path: Path, status: str, then: str) -> None:
    saved = tmp_path / "cloudformation.json"
    end_interrupted(saved)
    saved.write_text(json.dumps({"payload": {"stacks": [["key", {"StackStatus": status, "Outputs": [{"a": None}]}]]}}))
    end_interrupted(saved)
    assert json.loads(saved.read_text())["payload"]["stacks"][0][1]["StackStatus"] == then
