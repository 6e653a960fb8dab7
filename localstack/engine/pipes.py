"""One invocation over the pipes of a worker process: request on stdin, one line of JSON on stdout, log lines on stderr.

A worker writes its log before its answer, and a pipe keeps what was written: once the answer is read, all log lines of
the invocation lie in the other pipe. So the end of the log needs neither a pause to wait for nor a mark to look for.
"""

import asyncio
import json
import os
import select
import subprocess
import time
from collections.abc import Callable
from typing import Any

CHUNK = 65536
WATCH_LOG_AFTER_SECONDS = 0.05
"""When to begin to read the log beside the answer: a pipe holds 64 KB, and a handler that logs more waits for it."""
MAX_LINES = 200
"""Lines on stdout that are no answer, as MiniStack counts them."""

Response = dict[str, Any]


class Pipes:
    """The pipes of one worker process, and what its log has brought so far."""

    def __init__(self, process: "subprocess.Popen[str]", log: bytes = b"") -> None:
        assert process.stdin and process.stdout and process.stderr
        self.process = process
        self.stdin = process.stdin.fileno()
        self.stdout = process.stdout.fileno()
        self.stderr = process.stderr.fileno()
        self._log = bytearray(log)
        for descriptor in (self.stdin, self.stdout, self.stderr):
            os.set_blocking(descriptor, False)

    def read_log(self) -> bool:
        """Read once from the log; False when there is nothing, now or for ever."""
        chunk = _read(self.stderr)
        self._log += chunk or b""
        return bool(chunk)

    def take_log(self) -> str:
        """The complete lines so far, without the last line's end; what follows it waits for its own end."""
        while self.read_log():
            pass
        end = max(self._log.rfind(b"\n"), self._log.rfind(b"\r")) + 1
        text = self._log[:end].decode("utf-8", "replace")
        del self._log[:end]
        return text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")


class Invocation:
    """One request to a worker, and its response once it is there."""

    def __init__(self, pipes: Pipes, envelope: dict[str, Any]) -> None:
        self.response: Response | None = None
        self.pipes = pipes
        self._unsent = memoryview(json.dumps(envelope).encode() + b"\n")
        self._line = bytearray()
        self._lines = 0
        self._send()

    def wait(self, seconds: float) -> bool:
        """Wait for the response in the calling thread; return False when there is none in time."""
        poll = select.poll()
        poll.register(self.pipes.stdout, select.POLLIN)
        if self._unsent:
            poll.register(self.pipes.stdin, select.POLLOUT)
        now = time.monotonic()
        deadline, watch_log = now + seconds, now + WATCH_LOG_AFTER_SECONDS
        while self.response is None and now < deadline:
            for descriptor, _ in poll.poll(1000 * (min(deadline, watch_log) - now) + 1):
                if not self.step(descriptor):
                    poll.unregister(descriptor)
            now = time.monotonic()
            if now >= watch_log:
                watch_log = deadline
                poll.register(self.pipes.stderr, select.POLLIN)
        return self.response is not None

    async def wait_in_loop(self, seconds: float) -> bool:
        """Wait for the response in the event loop; return False when there is none in time."""
        if self.response is not None:
            return True
        loop = asyncio.get_running_loop()
        watch = _LoopWatch(self, loop)
        watch.add(self.pipes.stdout, loop.add_reader, loop.remove_reader)
        if self._unsent:
            watch.add(self.pipes.stdin, loop.add_writer, loop.remove_writer)
        log = self.pipes.stderr
        timers = (
            loop.call_later(WATCH_LOG_AFTER_SECONDS, watch.add, log, loop.add_reader, loop.remove_reader),
            loop.call_later(seconds, watch.end),
        )
        try:
            await watch.ended
        finally:
            for timer in timers:
                timer.cancel()
            watch.remove_all()
        return self.response is not None

    def step(self, descriptor: int) -> bool:
        """Read or write at a pipe that is ready; return False when it need not be watched any more."""
        if descriptor == self.pipes.stdout:
            self._receive()
            return True
        if descriptor == self.pipes.stderr:
            return self.pipes.read_log()
        self._send()
        return bool(self._unsent)

    def _send(self) -> None:
        try:
            self._unsent = self._unsent[os.write(self.pipes.stdin, self._unsent) :]
        except BlockingIOError:
            pass
        except OSError as error:
            self.response = {"status": "error", "error": str(error)}
            self._unsent = self._unsent[:0]

    def _receive(self) -> None:
        chunk = _read(self.pipes.stdout)
        if chunk is None:
            return
        *complete, rest = chunk.split(b"\n")
        for part in complete:
            self._line += part
            self._judge()
        self._line += rest
        if not chunk:
            self._judge()
            self.response = self.response or {"status": "error", "error": "Worker process died"}

    def _judge(self) -> None:
        """Take a complete line as the response if it is one; a handler's own output is not."""
        line = self._line.strip()
        self._line = bytearray()
        self._lines += 1
        if self.response is None and line.startswith(b"{"):
            try:
                response = json.loads(line)
            except ValueError:
                response = {}
            if response.get("status") in ("ok", "error"):
                self.response = response
        if self.response is None and self._lines >= MAX_LINES:
            self.response = {"status": "error", "error": f"No JSON response from worker after {MAX_LINES} lines"}


class _LoopWatch:
    """Watches pipes in the event loop until an invocation has its response."""

    def __init__(self, invocation: Invocation, loop: asyncio.AbstractEventLoop) -> None:
        self.ended: asyncio.Future[None] = loop.create_future()
        self._invocation = invocation
        self._removers: dict[int, Callable[[int], bool]] = {}

    def add(self, descriptor: int, add: Callable[..., None], remove: Callable[[int], bool]) -> None:
        self._removers[descriptor] = remove
        add(descriptor, self._ready, descriptor)

    def end(self) -> None:
        if not self.ended.done():
            self.ended.set_result(None)

    def remove_all(self) -> None:
        for descriptor, remove in self._removers.items():
            remove(descriptor)

    def _ready(self, descriptor: int) -> None:
        if not self._invocation.step(descriptor):
            self._removers.pop(descriptor)(descriptor)
        if self._invocation.response is not None:
            self.end()


def _read(descriptor: int) -> bytes | None:
    """Return the data that can be read at once: None when there is none yet, empty at the end."""
    try:
        return os.read(descriptor, CHUNK)
    except BlockingIOError:
        return None
