"""What is deployed to the local stack, and the child processes that deploy it."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from infra.console import FOLDER as CONSOLE_FOLDER
from infra.package import fingerprint
from localstack.config import STAGE, Config
from localstack.process import start_helper

DEPLOY, UPDATE = "localstack.deploy", "localstack.update"


class StartFailed(Exception):
    """The stack could not be started."""


class Deployed:
    """The deployed version of one local stack. It is stored with the state, and removed before the state changes."""

    def __init__(self, config: Config) -> None:
        self._config = config
        access = f"{config.port} {config.auth_required} {','.join(config.origins)}"
        self._parameters = f"{access} {CONSOLE_FOLDER} {config.parameters}".strip()
        self._tree = fingerprint(STAGE, thin=True)
        self._child: subprocess.Popen[str] | None = None
        self.outputs = self._saved()

    @property
    def is_new(self) -> bool:
        """Whether it was deployed by this launcher."""
        return self._child is not None

    def start(self) -> None:
        """Start to deploy the code of this folder."""
        self._child = self._run(DEPLOY)

    def finish(self, begin: Callable[[str], None]) -> None:
        """Wait for the deployment; `begin` gets its phases."""
        assert self._child is not None
        for report in self._reports(self._child):
            if "phase" in report:
                begin(report["phase"])
        if self._child.returncode != 0 or not self.outputs:
            raise StartFailed("the stack could not be deployed, see above")

    def update(self) -> str | None:
        """Make the changed code of this folder live; return what is wrong with it, or None."""
        error = "it could not be deployed, see above"
        for report in self._reports(self._run(UPDATE, self._tree[:16])):
            if "live" in report or "outputs" in report:
                error = ""
                self._tree = report.get("live") or fingerprint(STAGE, thin=True)
            error = report.get("error", error)
        return error or None

    def save(self) -> None:
        """Store the version with the state."""
        saved = {"fingerprint": self._fingerprint, "outputs": self.outputs, "saved_at": time.time()}
        self._config.stack_file.write_text(json.dumps(saved))

    def forget(self) -> None:
        """Remove the stored version: an interrupted deployment leaves neither the old nor the new one."""
        self._config.stack_file.unlink(missing_ok=True)

    @property
    def _fingerprint(self) -> str:
        return f"{self._tree} {self._parameters}"

    def _saved(self) -> dict[str, str]:
        try:
            saved: dict[str, Any] = json.loads(self._config.stack_file.read_text())
        except (OSError, ValueError):
            return {}
        outputs: dict[str, str] = saved["outputs"] if saved["fingerprint"] == self._fingerprint else {}
        return outputs

    def _run(self, *module: str) -> "subprocess.Popen[str]":
        self.forget()
        config = self._config
        settings = {"PORT": config.port, "AWS_PORT": config.aws_port, "STATE_DIR": config.state}
        settings |= {"STAGE": STAGE, "AUTH_REQUIRED": config.auth_required, "DEMO": config.demo}
        settings |= {"CORS_ORIGINS": ",".join(config.origins), "SET": config.parameters}
        environment = {**os.environ, **{name: str(value) for name, value in settings.items()}}
        return start_helper(*module, environment=environment)

    def _reports(self, child: "subprocess.Popen[str]") -> Iterator[dict[str, Any]]:
        """Yield what the child prints as JSON until its end, and keep the outputs."""
        assert child.stdout is not None
        for line in child.stdout:
            report: dict[str, Any] = json.loads(line) if line.startswith("{") else {}
            self.outputs = report.get("outputs", self.outputs)
            yield report
        child.wait()


def end_interrupted(saved: Path) -> None:
    """Let a saved stack be deployed to again whose last deployment ended with its emulator. On AWS a deployment goes on
    without the caller; here nothing would ever end it, and the next one would wait for that.
    """
    try:
        state = json.loads(saved.read_text())
    except (OSError, ValueError):
        return
    stacks = [record for record in _records(state) if str(record.get("StackStatus")).endswith("_IN_PROGRESS")]
    for stack in stacks:
        is_update = stack["StackStatus"].startswith("UPDATE")
        stack["StackStatus"] = "UPDATE_ROLLBACK_COMPLETE" if is_update else "ROLLBACK_COMPLETE"
    if stacks:
        saved.write_text(json.dumps(state))


def _records(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON value, at all depths."""
    if isinstance(value, dict):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _records(part)
