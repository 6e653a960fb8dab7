"""Fast path: calls the function of an API request without threads, in a warm worker.

MiniStack starts a thread for each request, whose worker starts another (`invocation_end`), and a new process whenever
all workers of the function are busy: under load a request waits for a start, and all others for the processor that it
takes. Here the event loop itself writes to the worker and waits for its answer, and workers are shared (`pool.py`).

The event, the environment and credentials of the worker, the judgement of its result and its log are MiniStack's own:
only the wait is taken out. It ends before `_execute_function_dispatch` is called, which then finds an answered worker.
What is not run in a Python worker on this machine goes MiniStack's way.
"""

import asyncio
import contextvars
import time
from typing import Any

from ministack.core import lambda_runtime
from ministack.core.concurrency import run_reentrant
from ministack.services import apigateway_v1, lambda_svc

from localstack.engine import invocation_end
from localstack.engine.invocation_end import Worker
from localstack.engine.pool import Pool

Record = dict[str, Any]

KILL_SECONDS = 1.0
"""How long to wait for the end of a killed process; it takes milliseconds."""

_plain_call = apigateway_v1._call_lambda_raw
_plain_acquire = lambda_runtime.acquire_worker
_plain_release = lambda_runtime.release_worker
_pools: dict[str, Pool] = {}
_loop: asyncio.AbstractEventLoop | None = None


class _Answered:
    """Stands for a worker that has done the invocation."""

    def __init__(self, outcome: dict[str, Any] | Exception) -> None:
        self._outcome = outcome
        self.in_use = True

    def invoke(self, *_event_and_id: Any, **_arguments: Any) -> dict[str, Any]:
        """The result of the invocation, which is not run again."""
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome


_answered: contextvars.ContextVar[_Answered | None] = contextvars.ContextVar("answered", default=None)


def install() -> None:
    """Let API Gateway call functions in the event loop."""
    invocation_end.install()
    apigateway_v1._call_lambda_raw = call
    lambda_svc.acquire_worker = _acquire
    lambda_svc.release_worker = _release


async def call(
    function_ref: str, event: Any, *, account_id: str | None = None, region: str | None = None
) -> tuple[dict[str, Any] | None, str | None]:
    """What MiniStack's `_call_lambda_raw` returns: the execution's result, or an error text."""
    scope = {"account_id": account_id, "region": region}
    record = _record(function_ref, scope)
    slot = lambda_svc._acquire_execution_slot(record, record["config"])[0] if record and _covered(record) else None
    if record is None or slot is None:
        result: tuple[dict[str, Any] | None, str | None] = await _plain_call(function_ref, event, **scope)
        return result
    started, request_id = time.time(), lambda_svc.new_uuid()
    try:
        outcome = await _outcome(record, event, request_id, lambda: _new_worker(function_ref, scope, record))
        run = lambda_svc._run_with_function_config_scope
        arguments = (record, _judge, outcome, record, record["config"], event, request_id, started)
        if isinstance(outcome, Exception):  # ends the function's workers, which takes a while
            return await run_reentrant(run, *arguments, thread_name="lambda-end"), None
        return run(*arguments), None
    finally:
        lambda_svc._release_execution_slot(slot)


def _record(function_ref: str, scope: dict[str, str | None]) -> Record | None:
    """The function as it is now."""
    function, config, _ = lambda_svc._get_func_record_for_ref_in_scope(function_ref, **scope)
    if function is None or config is None:
        return None
    record: Record = lambda_svc._execution_record_for_config(function, config)
    return record


def _covered(record: Record) -> bool:
    """Whether MiniStack would run it in a Python worker of its own pool."""
    config = record["config"]
    return bool(
        record.get("code_zip")
        and str(config.get("Runtime", "python3.12")).startswith("python")
        and not lambda_svc._proxy_url_for(config)
        and not lambda_svc.LAMBDA_STRICT
        and lambda_svc.LAMBDA_EXECUTOR != "docker"
        and not (config.get("PackageType") == "Image" and config.get("ImageUri"))
    )


def _new_worker(function_ref: str, scope: dict[str, str | None], record: Record) -> Worker:
    record = _record(function_ref, scope) or record  # it may have been changed while the request waited
    config = record["config"]
    return Worker(config.get("FunctionName", "unknown"), config, record["code_zip"])


async def _outcome(record: Record, event: Any, request_id: str, make: Any) -> dict[str, Any] | Exception:
    """Run the invocation in a warm worker."""
    global _loop
    _loop = asyncio.get_running_loop()
    config = record["config"]
    name, version = config.get("FunctionName", "unknown"), config.get("Version", "$LATEST")
    pool = _pools.setdefault(key := lambda_runtime._worker_key(name, config, version), Pool(key))
    arguments = {
        "trace_id": lambda_svc._xray_trace_id_for_invocation(config),
        "invoked_function_arn": config.get("FunctionArn", ""),
        "depth": lambda_svc._invoke_depth.get(),
        "durable": lambda_svc._durable_env_overlay(),
    }
    try:
        worker = await pool.lease(make)
    except Exception as error:
        return error
    try:
        return await _invoke(worker, event, request_id, arguments)
    except Exception as error:
        return error
    finally:
        pool.release(worker)


async def _invoke(worker: Worker, event: Any, request_id: str, arguments: dict[str, Any]) -> dict[str, Any]:
    if not worker._lock.acquire(blocking=False):  # a caller that does not lease workers uses it
        return await run_reentrant(lambda: worker.invoke(event, request_id, **arguments))  # type: ignore[no-any-return]
    try:
        invocation = worker.request(event, request_id, arguments)
        try:
            await invocation.wait_in_loop(worker.timeout())
        except asyncio.CancelledError:
            process = invocation.pipes.process  # its answer would be taken for that of the next request
            process.kill()
            process.wait(KILL_SECONDS)  # until then it looks as if it could take the next one
            raise
        if invocation.response is not None and invocation.response["status"] == "ok":
            return worker.finish(invocation, False)
        return await run_reentrant(worker.finish, invocation, False)  # type: ignore[no-any-return]
    finally:
        worker._lock.release()


def _judge(outcome: dict[str, Any] | Exception, *arguments: Any) -> dict[str, Any]:
    """MiniStack's result and log of an invocation that has been done."""
    _answered.set(_Answered(outcome))
    result: dict[str, Any] = lambda_svc._execute_function_dispatch(*arguments)
    return result


def _acquire(*arguments: Any, **more: Any) -> Any:
    answered = _answered.get()
    return (answered, "reused") if answered is not None else _plain_acquire(*arguments, **more)


def _release(worker: Any) -> None:
    _plain_release(worker)
    if _loop is not None and any(pool.has_waiting() for pool in _pools.values()):
        for pool in _pools.values():
            _loop.call_soon_threadsafe(pool.serve)
