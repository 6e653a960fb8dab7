"""The code of a function is unpacked once, not once for every worker.

For each worker MiniStack unpacks the archive of the function into a folder of the worker: that is 70 ms of processor
time in the emulator itself, while all requests wait, and what the archive has not compiled is compiled by each worker
again. Here the folder of a worker is a link to one folder per archive, in which the first worker leaves the compiled
modules for all later ones. As on AWS a function has no business writing into the folder of its code.
"""

import hashlib
import os
import shutil
import threading
import zipfile
from pathlib import Path
from types import SimpleNamespace

from ministack.core import lambda_runtime

_lock = threading.Lock()
_unpacked: set[Path] = set()


def install() -> None:
    """Let the unpacking of a worker's code make a link."""
    lambda_runtime.zipfile = SimpleNamespace(**{**vars(zipfile), "ZipFile": _Archive})


class _Archive(zipfile.ZipFile):
    """An archive which, when it is the code of a worker, is unpacked as a link."""

    def extractall(self, path=None, members=None, pwd=None) -> None:  # type: ignore[no-untyped-def]
        """Unpack everything, or make the empty folder a link to where it is unpacked."""
        code = Path(self.filename or "")
        if code.name != "code.zip" or path is None or Path(path) != code.with_name("code"):
            super().extractall(path, members, pwd)
            return
        shared = unpacked(code)
        Path(path).rmdir()
        Path(path).symlink_to(shared)


def unpacked(archive: Path) -> Path:
    """The folder with what is in the archive, made when it is needed first."""
    place = Path(os.environ["STATE_DIR"], "code", hashlib.sha256(archive.read_bytes()).hexdigest()[:16])
    with _lock:
        if place not in _unpacked:
            if not place.exists():
                _unpack(archive, place)
            _unpacked.add(place)
    return place


def _unpack(archive: Path, place: Path) -> None:
    partial = place.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    for old in place.parent.glob("*"):
        if old not in _unpacked:  # of an earlier version, and no worker of this run has it
            shutil.rmtree(old, ignore_errors=True)
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(partial)
    partial.rename(place)
