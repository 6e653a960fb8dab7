"""Children of the launcher end with it, and what a killed launcher has left does not stop the next one."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from infra.local_stack import AlreadyRunning, serving
from localstack import process
from localstack.config import read_config
from localstack.deployed import end_interrupted
from localstack.launcher import up
from tests.e2e.stack import free_ports


def test_a_helper_is_in_a_session_of_its_own_and_is_ended() -> None:
    child = process.start_helper("asyncio", environment=os.environ)  # waits for its input
    try:
        assert os.getsid(child.pid) == child.pid != os.getsid(0)
        assert child.poll() is None
    finally:
        process.end_helpers()
    assert child.wait(timeout=10) < 0
    process.end_helpers()  # those that have ended are left alone


def test_a_second_start_on_a_state_leaves_the_files_of_the_first(tmp_path: Path) -> None:
    port, aws_port = free_ports(2)
    kept = tmp_path / "tmp" / "of-a-worker"
    kept.parent.mkdir()
    kept.write_text("x")
    config = replace(read_config(), port=port, aws_port=aws_port, state=tmp_path)
    with serving(tmp_path, 1, 2), pytest.raises(AlreadyRunning, match="make stop"):
        up(config)
    assert kept.exists()


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
