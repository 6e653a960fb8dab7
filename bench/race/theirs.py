"""The peer's side: PostgreSQL with a data folder of its own, and uvicorn."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.http import wait_for_port
from bench.race.side import Side
from localstack.config import HOST, ROOT
from tests.e2e.stack import free_ports

PYTHON = ROOT / ".shopfloor" / "peer" / "bin" / "python"
USERS = ("postgres", "nobody")  # PostgreSQL refuses to run as root
CUSTOMARY = {"random_page_cost": "1.1"}  # for a disk without a head; all else is PostgreSQL's default
WORKERS = os.environ.get("WORKERS", "1")


@contextmanager
def theirs(size: int, large: int) -> Iterator[Side]:
    """A peer with so many batches."""
    with tempfile.TemporaryDirectory(prefix="bench-peers-") as folder, _database(Path(folder)) as (pid, url):
        environment = os.environ | {"DATABASE_URL": url, "EXPORTS": folder, "PYTHONPATH": str(ROOT)}
        fill = [str(PYTHON), "-m", "bench.peer.fill", str(size), str(large)]
        subprocess.run(fill, cwd=ROOT, env=environment, check=True)
        with _served(environment) as (server, port):
            yield Side("peer", f"http://{HOST}:{port}", [server, pid])


@contextmanager
def _served(environment: dict[str, str]) -> Iterator[tuple[int, int]]:
    (port,) = free_ports(1)
    command = [str(PYTHON), "-m", "uvicorn", "bench.peer.main:app", "--host", HOST, "--port", str(port)]
    command += ["--workers", WORKERS, "--loop", "uvloop", "--http", "httptools", "--no-access-log"]
    process = subprocess.Popen([*command, "--log-level", "warning"], cwd=ROOT, env=environment)
    try:
        wait_for_port(HOST, port)
        yield process.pid, port
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def _database(folder: Path) -> Iterator[tuple[int, str]]:
    """A new database server; yields its process and its address for SQLAlchemy."""
    programs, user = _programs(), _user()
    (port,) = free_ports(1)
    home = folder / "postgres"
    home.mkdir()
    if user:
        folder.chmod(0o755)
        shutil.chown(home, user["user"], user["group"])
    cluster, log = home / "data", (folder / "postgres.log").open("w")
    options: dict[str, Any] = {"cwd": home, "stdout": log, "stderr": log} | user
    # Texts sort by their characters, as in DynamoDB; the default would be the machine's language.
    made = [f"{programs}/initdb", "-D", str(cluster), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
    subprocess.run([*made, "--no-instructions"], check=True, **options)
    settings = CUSTOMARY | {"port": str(port), "listen_addresses": HOST, "unix_socket_directories": ""}
    chosen = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    process = subprocess.Popen([f"{programs}/postgres", "-D", str(cluster), *chosen], **options)
    try:
        wait_for_port(HOST, port)
        yield process.pid, f"postgresql+asyncpg://postgres@{HOST}:{port}/postgres"
    finally:
        process.send_signal(signal.SIGINT)  # a fast shutdown, which waits for no client
        process.wait(30)
        log.close()


def _programs() -> Path:
    """The folder of PostgreSQL's programs: on the PATH, or where Debian puts the newest."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not versions:
        raise SystemExit("PostgreSQL is needed, with initdb on the PATH: apt-get install postgresql")
    return versions[-1].parent


def _user() -> dict[str, Any]:
    """Who runs PostgreSQL, as arguments for subprocess; nothing when this is not root."""
    if os.geteuid():
        return {}
    known = {entry.pw_name for entry in pwd.getpwall()}
    name = next(name for name in USERS if name in known)
    return {"user": name, "group": pwd.getpwnam(name).pw_gid, "extra_groups": []}
