"""Fast path: an invocation of a warm worker ends when its answer is there.

MiniStack starts a thread for every invocation to read the worker's answer, has another thread read its log, and after
the answer polls that thread's queue each millisecond until the log has been silent for 5 ms, or for 50 ms when there is
no log: 6 to 50 ms for a call that takes 3. Here the calling thread waits for the answer itself and then takes from the
pipe the log that was written before it (`pipes.py`): no pause, and no line is missed or counted with the next call.
"""

import os
import select
import time
from typing import Any

from ministack.core import lambda_runtime

from localstack.engine.pipes import CHUNK, Invocation, Pipes


def install() -> None:
    """Replace how MiniStack's Python workers are waited for; those of other runtimes stay as they are."""
    lambda_runtime.Worker = Worker


class Worker(lambda_runtime.Worker):  # type: ignore[misc]
    """MiniStack's worker: its process, environment and credentials, with another way to wait for it."""

    _proc: Any
    _pipes: Pipes
    _startup_log = b""
    _importing: tuple[int, int]

    def _is_python(self) -> bool:
        return str(self.config.get("Runtime", "python3.12")).startswith("python")

    def _read_stderr(self) -> None:
        """Read the log until the handler is imported; afterwards the caller that waits for an answer reads it."""
        if not self._is_python():
            super()._read_stderr()
            return
        stderr, log = self._proc.stderr.fileno(), []
        poll = select.poll()
        for descriptor in (stderr, self._importing[0]):
            poll.register(descriptor, select.POLLIN)
        while all(descriptor == stderr for descriptor, _ in poll.poll()):
            chunk = os.read(stderr, CHUNK)
            if not chunk:
                break
            log.append(chunk)
        self._startup_log = b"".join(log)

    def _spawn(self) -> None:
        if not self._is_python():
            super()._spawn()
            return
        self._importing = os.pipe()
        try:
            super()._spawn()
        finally:
            os.close(self._importing[1])
            if self._stderr_thread is not None:
                self._stderr_thread.join()
            os.close(self._importing[0])
        self._pipes = Pipes(self._proc, self._startup_log)

    def is_alive(self) -> bool:
        """Whether its process runs."""
        return self._proc is not None and self._proc.poll() is None

    def request(self, event: Any, request_id: str, arguments: dict[str, Any]) -> Invocation:
        """Send one invocation to the process; `arguments` are those of `invoke`."""
        arn = arguments.get("invoked_function_arn")
        context = {
            "request_id": request_id,
            "invoked_function_arn": arn if arn is not None else self.config.get("FunctionArn", ""),
            "timeout_ms": int(float(self.timeout()) * 1000),
            "trace_id": arguments.get("trace_id"),
            "depth": arguments.get("depth"),
            "durable": arguments.get("durable") or {},
        }
        return Invocation(self._pipes, {"event": event, "ctx": context})

    def timeout(self) -> Any:
        """How many seconds the handler has."""
        return self.config.get("Timeout", 30)

    def finish(self, invocation: Invocation, cold: bool) -> dict[str, Any]:
        """The result of an invocation as MiniStack words it; the process goes unless it answered well."""
        pipes = invocation.pipes
        response = invocation.response
        if response is None:
            seconds = self.timeout()
            lambda_runtime.logger.warning("Lambda %s timed out after %ds — killing worker", self.func_name, seconds)
            response = {"status": "error", "error": f"Task timed out after {seconds}.00 seconds"}
        if response["status"] == "error":
            self._proc = None
            lambda_runtime._signal(pipes.process)
            lambda_runtime._collect(pipes.process, time.monotonic() + lambda_runtime._REAP_GRACE)
        return {**response, "cold_start": cold, "log": pipes.take_log()}

    def invoke(self, event: Any, request_id: str, **arguments: Any) -> dict[str, Any]:
        """Run one invocation and wait for it in this thread."""
        if not self._is_python():
            result: dict[str, Any] = super().invoke(event, request_id, **arguments)
            return result
        with self._lock:
            cold = not self.is_alive()
            if cold:
                self._spawn()
                self._cold = False
            invocation = self.request(event, request_id, arguments)
            invocation.wait(self.timeout())
            return self.finish(invocation, cold)
