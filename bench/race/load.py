"""The load: so many clients that ask one after the other, in a process of its own, the same for both sides.

Raw sockets with keep-alive on uvloop, because the machine that serves is the machine that asks: a client library would
cost more than what is measured. Every status is checked, and that the body holds what was asked for.

`Load` is the handle; the process itself reads a job a line and answers with a line of results.
"""

import asyncio
import itertools
import json
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from urllib.parse import urlsplit

from localstack.config import ROOT

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.I)
CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.I)
CLOSES = re.compile(rb"\r\nconnection: *close", re.I)


@dataclass(frozen=True)
class Ask:
    """A request and what its answer has to be. `{n}` stands for a number that is new each time."""

    method: str
    path: str
    body: str
    status: int
    contains: str
    times: int = 1  # that the answer contains it


@dataclass(frozen=True)
class Job:
    """Requests in turn for so many seconds; each once, when there is no time."""

    url: str
    clients: int
    asks: Sequence[Ask]
    seconds: float | None
    first: int = 0


@dataclass
class Result:
    """How long the good answers took, how long all together, and what else came."""

    times: list[float] = field(default_factory=list)
    seconds: float = 0.0
    refused: dict[str, int] = field(default_factory=dict)
    asked: int = 0


class Load:
    """The process."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "bench.race.load"]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, job: Job) -> Result:
        """Do a job."""
        assert self._process.stdin is not None and self._process.stdout is not None
        print(json.dumps(asdict(job)), file=self._process.stdin, flush=True)
        return Result(**json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)


@contextmanager
def load() -> Iterator[Load]:
    """The process, for a while."""
    running = Load()
    try:
        yield running
    finally:
        running.close()


# -- in the process ---------------------------------------------------------------------------------------------------


class _Connection:
    """One kept connection."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """One request; a connection that the other end has closed is opened again."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port, limit=2**24)
        reader, writer = self._streams
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        body = await self._body(reader, head)
        if CLOSES.search(head):
            self.close()
        return int(head[9:12]), body

    async def _body(self, reader: asyncio.StreamReader, head: bytes) -> bytes:
        if CHUNKED.search(head):
            parts = []
            while size := int(await reader.readline(), 16):
                parts.append(await reader.readexactly(size))
                await reader.readline()
            await reader.readline()
            return b"".join(parts)
        length = LENGTH.search(head)
        return await reader.readexactly(int(length[1])) if length else b""

    def close(self) -> None:
        if self._streams:
            self._streams[1].close()
        self._streams = None


class _Run:
    """One job."""

    def __init__(self, job: Job) -> None:
        address = urlsplit(job.url)
        self._host, self._port = str(address.hostname), int(address.port or 80)
        self._job = job
        asks = itertools.cycle(job.asks) if job.seconds else iter(job.asks)
        self._asks = zip(itertools.count(job.first), asks, strict=False)
        self._result, self._refused = Result(), Counter[str]()

    async def run(self) -> Result:
        started = time.perf_counter()
        until = started + (self._job.seconds or 3600)
        await asyncio.gather(*(self._client(until) for _ in range(self._job.clients)))
        self._result.seconds = time.perf_counter() - started
        self._result.refused = dict(self._refused)
        return self._result

    async def _client(self, until: float) -> None:
        connection = _Connection(self._host, self._port)
        for number, ask in self._asks:
            self._result.asked += 1
            request = self._request(ask, number)
            started = time.perf_counter()
            try:
                status, body = await connection.ask(request)
            except (OSError, asyncio.IncompleteReadError) as error:
                connection.close()
                self._refused[type(error).__name__] += 1
            else:
                self._note(ask, number, status, body, time.perf_counter() - started)
            if time.perf_counter() >= until:
                break
        connection.close()

    def _request(self, ask: Ask, number: int) -> bytes:
        body = ask.body.replace("{n}", str(number)).encode()
        head = f"{ask.method} {ask.path} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\n"
        if body:
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        return head.encode() + b"\r\n" + body

    def _note(self, ask: Ask, number: int, status: int, body: bytes, seconds: float) -> None:
        if status != ask.status:
            self._refused[f"{status} {body[:100].decode(errors='replace')}"] += 1
        elif body.count(ask.contains.replace("{n}", str(number)).encode()) != ask.times:
            self._refused[f"implausible {body[:100].decode(errors='replace')}"] += 1
        else:
            self._result.times.append(seconds)


def _serve() -> None:
    import uvloop

    for line in sys.stdin:
        raw = json.loads(line)
        job = Job(**{**raw, "asks": [Ask(**one) for one in raw["asks"]]})
        print(json.dumps(asdict(uvloop.run(_Run(job).run()))), flush=True)


if __name__ == "__main__":
    _serve()
