"""Builds the console in a process of low priority while the stack starts."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping

from infra import console
from localstack.config import ROOT

COMMAND = [sys.executable, "-m", "infra.console", "--nice"]


class ConsoleBuild:
    """The build of one start; `url` is the address of the API, `environment` has the settings of npm.

    A failure is printed; the API then serves without the console.
    """

    def __init__(self, url: str, environment: Mapping[str, str]) -> None:
        self._url = f"{url}/console"
        self._environment = dict(environment)
        self._child: subprocess.Popen[str] | None = None
        self._announced = threading.Event()

    def start(self) -> None:
        """Start the build if the sources have changed."""
        if console.is_built():
            return
        print(f"building the console, about {console.expected_seconds()} s; the API starts meanwhile", flush=True)
        console.remove_outdated()
        self._child = subprocess.Popen(
            COMMAND,
            cwd=ROOT,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # a process group, so that all its processes end together
        )
        threading.Thread(target=self._follow, args=(self._child,), daemon=True, name="console").start()

    def line(self) -> str:
        """Return the line of the launcher with the address and the state of the console."""
        waits = self._child is not None and self._child.poll() is None
        return f"{self._url}  (still being built, opens by itself)" if waits else self._url

    def announced(self) -> None:
        """Print the result of the build as soon as there is one."""
        self._announced.set()

    def stop(self) -> None:
        """End a running build."""
        if self._child is not None and self._child.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._child.pid, signal.SIGKILL)
            self._child.wait()

    def _follow(self, child: "subprocess.Popen[str]") -> None:
        output, _ = child.communicate()
        self._announced.wait()
        if child.returncode == 0:
            print(f"console {self._url} is ready", flush=True)
        elif child.returncode > 0:
            sys.stderr.write(f"{output}the console is not there, all else is; to try again: make console\n")
