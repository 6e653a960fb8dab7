"""Makes changed code live while the stack works: reads the times of the sources twice a second.

One line says what was changed and when it is live, or what is wrong with it; then the code before goes on. Calls that
run end with the code they began with (`engine/handover.py`).
"""

import contextlib
import os
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from infra.package import SOURCES
from localstack.config import ROOT

INTERVAL_SECONDS = 0.5
SETTLED_SECONDS = 0.1  # an editor may write several files
SHOWN = 3  # names of changed files
Files = Mapping[str, tuple[int, int]]  # time of the last change and size, by path


class Watcher:
    """Calls `update` with the names of changed files; it returns what is wrong with the code, or None."""

    def __init__(self, update: Callable[[list[str]], str | None], root: Path = ROOT) -> None:
        self._update, self._root = update, root
        self._seen = files(root)

    def start(self) -> None:
        """Watch in a thread."""
        threading.Thread(target=self._watch, daemon=True, name="watcher").start()

    def _watch(self) -> None:
        while True:
            time.sleep(INTERVAL_SECONDS)
            self.check()

    def check(self) -> None:
        """Make what has changed live, and print a line."""
        now = files(self._root)
        if now == self._seen:
            return
        began = time.perf_counter()
        while (settled := _after_a_while(self._root)) != now:
            now = settled
        changed = sorted(name for name in {*now, *self._seen} if now.get(name) != self._seen.get(name))
        self._seen = now
        try:
            error = self._update(changed)
        except Exception as failure:  # the next change is tried again
            error = f"{type(failure).__name__}: {failure}"
        seconds = time.perf_counter() - began
        outcome = f"not live, the code before goes on: {error}" if error else f"live in {seconds:.1f} s"
        print(f"changed: {_listed(changed)} - {outcome}", flush=True)


def files(root: Path) -> Files:
    """Return the sources of the package: what changes them shows in their times and sizes."""
    found: dict[str, tuple[int, int]] = {}
    for source in SOURCES:
        path = root / source
        with contextlib.suppress(FileNotFoundError):  # it is removed right now
            if path.is_dir():
                _add_folder(str(path), source, found)
            elif path.exists():
                found[source] = path.stat().st_mtime_ns, path.stat().st_size
    return found


def _add_folder(folder: str, name: str, found: dict[str, tuple[int, int]]) -> None:
    """Add the files of a folder; by scandir, since it reads 450 files twice a second."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                state = entry.stat()
                found[f"{name}/{entry.name}"] = state.st_mtime_ns, state.st_size
            elif entry.name != "__pycache__":
                _add_folder(entry.path, f"{name}/{entry.name}", found)


def _after_a_while(root: Path) -> Files:
    time.sleep(SETTLED_SECONDS)
    return files(root)


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
