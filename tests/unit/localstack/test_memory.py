"""Which worker is ended when the local stack grows too big."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from localstack import memory
from localstack.memory import Keeper
from tests.waiting import wait_for

WAITS = "import sys; sys.stdin.readline()"
WORKS = "while True: pass"
CALLED = "import sys; sys.stdin.readline()\nwhile True: pass"


class Workers:
    """Processes that look like the emulator's."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.started: list[subprocess.Popen[bytes]] = []

    def start(self, function: str, code: str) -> "subprocess.Popen[bytes]":
        place = self._folder / f"ministack-lambda-shopfloor-local-{function}-{len(self.started)}x"
        (place / "code").mkdir(parents=True)
        process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, cwd=place / "code")
        self.started.append(process)
        return process


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[Workers]:
    made = Workers(tmp_path)
    yield made
    for process in made.started:
        process.kill()
        process.wait()
        assert process.stdin is not None
        process.stdin.close()


def test_only_workers_that_wait_are_ended_and_one_for_the_api_stays(workers: Workers) -> None:
    apis = [workers.start("api", WAITS), workers.start("api", WAITS)]
    relay, busy = workers.start("relay", WAITS), workers.start("report-step", WORKS)
    keeper = Keeper(budget_mb=0)

    def ended() -> bool:
        keeper.look(sure=True)
        return relay.poll() is not None and sum(api.poll() is not None for api in apis) == 1

    wait_for(ended)
    keeper.look(sure=True)
    assert busy.poll() is None
    assert sum(api.poll() is None for api in apis) == 1


def test_a_worker_that_gets_a_call_while_all_are_measured_goes_on(
    workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay = workers.start("relay", CALLED)
    wait_for(lambda: memory._waiting(relay.pid))

    def measured_slowly() -> tuple[int, int]:
        assert relay.stdin is not None
        relay.stdin.write(b"a call\n")
        relay.stdin.flush()
        wait_for(lambda: not memory._waiting(relay.pid))
        return 1, 1_000

    monkeypatch.setattr(memory, "memory_mb", measured_slowly)
    Keeper(budget_mb=0).look(sure=True)
    with pytest.raises(subprocess.TimeoutExpired):
        relay.wait(0.5)


def test_within_the_budget_nobody_is_ended(workers: Workers) -> None:
    relay = workers.start("relay", WAITS)
    Keeper(budget_mb=100_000).look(sure=True)
    assert relay.poll() is None


def test_a_worker_that_nobody_calls_is_ended_whatever_the_budget(workers: Workers) -> None:
    api, relay = workers.start("api", WAITS), workers.start("relay", WAITS)
    wait_for(lambda: memory._waiting(api.pid) and memory._waiting(relay.pid))
    keeper = Keeper(budget_mb=100_000)
    for _ in range(memory.UNUSED_LOOKS):
        keeper.look()
    assert relay.poll() is None
    keeper.look()
    wait_for(lambda: relay.poll() is not None)
    assert api.poll() is None


def test_a_call_begins_the_time_anew(workers: Workers) -> None:
    relay = workers.start("relay", "import sys\nfor _ in sys.stdin: sum(range(3_000_000))")
    wait_for(lambda: memory._waiting(relay.pid))
    keeper = Keeper(budget_mb=100_000)
    for _ in range(memory.UNUSED_LOOKS):
        keeper.look()
    before = memory._waiting(relay.pid)
    assert relay.stdin is not None
    relay.stdin.write(b"a call\n")
    relay.stdin.flush()
    wait_for(lambda: (now := memory._waiting(relay.pid)) and now != before)
    keeper.look()
    assert memory._waiting(relay.pid)
