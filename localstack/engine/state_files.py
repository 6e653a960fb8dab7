"""The state of MiniStack's services as files, written by a forked copy of the process."""

import copy
import gc
import json
import logging
import os
import shutil
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ministack import app as ministack_app
from ministack.core import persistence
from ministack.services import lambda_svc

from localstack.engine import changes
from localstack.engine.queue_messages import Messages

_log = logging.getLogger("snapshots")


@dataclass(frozen=True)
class Writer:
    """A copy of the process that writes the state into a folder, and ends."""

    pid: int
    folder: Path


def save_state(service: str, state: Any) -> None:
    """Write the state of one service, in MiniStack's format, whole or not at all."""
    folder = Path(persistence.STATE_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    wrapped = {"__ministack_format__": persistence._state_format_version(service), "payload": state}
    partial = folder / f"{service}.json.tmp"
    partial.write_text(json.dumps(wrapped, default=_plain))
    partial.replace(folder / f"{service}.json")


def _plain(value: Any) -> Any:
    """What the encoder does not know: a queue's messages, and what MiniStack handles."""
    return list(value) if isinstance(value, Messages) else persistence._json_default(value)


def save_forked(state: Path) -> Writer:
    """Start a copy of this process that writes the state as it is now into a folder of its own."""
    folder = state / "snapshot.tmp"
    changes.others_taken()
    pid = os.fork()
    if pid == 0:
        _write_and_end(folder)
    return Writer(pid, folder)


def _write_and_end(folder: Path) -> None:
    """In the copy: write, and end without any clean-up, which is the process's own."""
    code = 1
    try:
        os.setsid()  # Ctrl-C is for the process itself
        os.closerange(3, 65536)  # a client must not wait for this process to close its connection
        gc.disable()
        os.nice(5)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        copy.deepcopy = _same  # type: ignore[assignment]  # nothing here changes any more
        lambda_svc._prune_orphan_code_blobs = _same  # the files to replace still refer to them
        persistence.STATE_DIR = str(folder)
        for service, get_state in ministack_app._build_persistence_save_dict().items():
            state = get_state()
            if state is not None:
                save_state(service, state)
        code = 0
    finally:
        os._exit(code)


def _same(value: Any, *_: Any) -> Any:
    return value


def replace(writer: Writer, state: Path, timeout_seconds: float) -> bool:
    """Wait for the copy, then put its files into the place of the former ones; False when it failed."""
    deadline = time.monotonic() + timeout_seconds
    while True:
        pid, status = os.waitpid(writer.pid, os.WNOHANG)
        if pid:
            break
        if time.monotonic() > deadline:
            os.kill(writer.pid, signal.SIGKILL)
        time.sleep(0.02)
    if status != 0:
        _log.error("the copy that writes the state ended with %s", status)
        changes.others_touched()
        return False
    for file in writer.folder.iterdir():
        file.replace(state / file.name)
    return True
