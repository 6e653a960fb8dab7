"""`up`: start the emulator, deploy the stack, serve until a signal, save the state."""

import asyncio
import importlib
import json
import logging
import os
import shutil
import signal
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from logging.handlers import RotatingFileHandler

from infra.local_stack import serving
from localstack import administrator, announcement, client, engine
from localstack.administrator import Administrator
from localstack.config import Config, close_ports, emulator_environment, open_ports
from localstack.console import ConsoleBuild
from localstack.deployed import Deployed, StartFailed, end_interrupted
from localstack.gateway import Gateway
from localstack.guard import Guard
from localstack.mail import Mailbox
from localstack.process import end_children, end_helpers, start_helper
from localstack.server import run, serve
from localstack.timing import Phases
from localstack.watching import Watcher

API_STAGE = "api"
END_SECONDS = 30.0  # of a server that may never have started
MAX_LOG_BYTES = 1 << 20  # of the emulator's messages; another such file has those before


def up(config: Config) -> int:
    """Run one local stack; return the exit code."""
    sockets = open_ports(config)  # before anything starts
    config.state.mkdir(parents=True, exist_ok=True)
    config.state.chmod(0o700)  # it has the signing key of tokens and uploaded files
    with serving(config.state, config.port, config.aws_port):
        tmp = config.state / "tmp"
        shutil.rmtree(tmp, ignore_errors=True)  # files of the workers of a killed launcher
        tmp.mkdir()
        if not config.stack_file.exists():
            end_interrupted(config.state / "emulator" / "cloudformation.json")
        console = ConsoleBuild(config.api_url, os.environ)
        if config.console:
            console.start()
        os.environ.clear()
        os.environ.update(emulator_environment(config))
        log = RotatingFileHandler(config.state / "emulator.log", maxBytes=MAX_LOG_BYTES, backupCount=1)
        logging.basicConfig(handlers=[log], level=logging.WARNING)
        code = run(_Launcher(config, console, sockets).run())
        console.stop()
        end_children()
        shutil.rmtree(tmp, ignore_errors=True)
        end_children()  # that threads of the emulator have started meanwhile
    if code == 0:
        print(f"stopped, state saved in {announcement.shown(config.state)}", flush=True)
    # Threads of the emulator may still wait for functions.
    os._exit(code)


def _stop(stop: asyncio.Event) -> None:
    """Answer the signal at once: requests that run end first."""
    if not stop.is_set():
        print("stopping…", flush=True)
    stop.set()


async def failure(stop: asyncio.Event, server: "asyncio.Task[None]", *others: "asyncio.Task[None]") -> str:
    """Wait for a signal or the end of a task; return why the stack cannot go on, or an empty text.

    Another task may end well; the server may end only after the signal.
    """
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({stopped, server, *others}, return_when=asyncio.FIRST_COMPLETED)
    if stop.is_set():
        return ""
    for task in (*others, server):
        if task.done() and (error := task.exception()):
            return str(error) or repr(error)
    return "the emulator has ended, see emulator.log" if server.done() else ""


class _Launcher:
    def __init__(self, config: Config, console: ConsoleBuild, sockets: list[socket.socket]) -> None:
        self._config = config
        self._sockets = sockets
        self._console = console
        self._phases = Phases()
        self._deployed = Deployed(config)
        self._watcher = Watcher(self._update) if config.watch else None

    async def run(self) -> int:
        """Serve until a signal; return 0 when the stack was started."""
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, _stop, stop)
        if not self._deployed.outputs:
            self._deployed.start()  # packages while the emulator boots
        server = asyncio.create_task(self._serve(stop))
        coming_up = asyncio.create_task(asyncio.to_thread(self._bring_up))
        error = await failure(stop, server, coming_up) or await failure(stop, server)
        if error:
            sys.stderr.write(f"{error}\n")
        stop.set()
        end_helpers()
        self._deployed.forget()
        await asyncio.wait({server}, timeout=END_SECONDS if error else None)
        close_ports(self._sockets)  # of a server that has not started
        if error:
            return 1
        if not server.cancelled():
            server.result()  # raises what has gone wrong at the end
        if self._deployed.outputs:
            self._deployed.save()
        return 0

    async def _serve(self, stop: asyncio.Event) -> None:
        self._engine = engine.install(self._config.engine_fast)  # before MiniStack's modules bind each other's names
        from ministack.app import app

        from localstack.engine import handover

        handover.install()  # before a deployment: work that has become due runs meanwhile
        mailbox = Mailbox(self._config.state / "mail")
        os.environ["SMTP_HOST"] = mailbox.address
        await mailbox.serve()
        port, aws_port = self._config.port, self._config.aws_port
        self._gateway = Gateway(app, port, Guard(port, aws_port, self._config.origins))
        await serve(self._gateway, self._sockets, stop)

    def _bring_up(self) -> None:
        self._phases.begin("boot the emulator")
        client.wait_for_emulator(self._config.aws_url)
        if not self._deployed.is_new and not self._answers():
            self._deployed.start()
        if self._deployed.is_new:
            # the emulator needs it to read the template; loaded while the child packages
            importlib.import_module("samtranslator.translator.transform")
            self._deployed.finish(self._phases.begin)
        self._phases.begin("warm the API")
        self._warm(migrate=self._deployed.is_new)
        admin = None
        if self._config.auth_required:
            self._phases.begin("administrator")
            admin = administrator.make(self._config)
        report = None
        if self._config.demo:
            self._phases.begin("demo")
            report = self._load_demo(admin)
        if self._config.demo or self._deployed.is_new:  # after the migrations: the dashboard counts lists
            client.refresh_dashboard(self._config.aws_url)
        self._announce(report, admin)
        self._save()
        if self._watcher:
            self._watcher.start()

    def _save(self) -> None:
        if engine.save():
            self._deployed.save()  # a start after `kill -9` finds the deployed stack

    def _warm(self, *, migrate: bool) -> None:
        """Open the API port and start a worker of the API; migrations need one too, which starts at the same time."""
        self._gateway.open(self._deployed.outputs["RestAPIId"], API_STAGE)
        with ThreadPoolExecutor(1) as pool:
            migrating = pool.submit(client.migrate, self._config.aws_url) if migrate else None
            client.healthcheck(self._config.api_url)
        if migrating:
            migrating.result()

    def _update(self, changed: list[str]) -> str | None:
        """Make changed code live; return what is wrong with it."""
        outputs = self._deployed.outputs
        error = self._deployed.update()
        if error is None:
            is_deployed = self._deployed.outputs is not outputs
            self._warm(migrate=is_deployed or any("/migrations/" in name for name in changed))
        self._save()
        return error

    def _load_demo(self, admin: Administrator | None) -> str:
        """Load the demo, as the administrator where a token is needed; return the address of its first report."""
        url = self._config.api_url
        token = admin.log_in(url).token if admin else None
        settings = {"url": url, "token": token, "password": administrator.password_of_people(self._config)}
        child = start_helper("localstack.demo", environment=os.environ)
        out, _ = child.communicate(json.dumps(settings))
        if child.returncode != 0:
            raise StartFailed("the demo could not be loaded, see above; DEMO=0 starts without it")
        return f"{url}/api/v1/reports/{json.loads(out)['report']}/download"

    def _answers(self) -> bool:
        """Return whether the API of the saved state answers."""
        self._gateway.open(self._deployed.outputs["RestAPIId"], API_STAGE)
        return client.is_healthy(self._config.api_url)

    def _announce(self, report: str | None, admin: Administrator | None) -> None:
        from localstack.engine import idle_workers

        idle_workers.start(self._config.memory_mb)
        self._phases.end()
        for line in announcement.lines(self._config, self._engine, self._console.line(), report, admin):
            print(line, flush=True)
        self._console.announced()
