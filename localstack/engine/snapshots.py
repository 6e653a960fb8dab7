"""Snapshots: acknowledged writes survive `kill -9`, except those of the last seconds.

MiniStack saves at a clean stop only, all of it at once: each item is copied and written by an encoder in Python, which
takes half a minute and twice the memory with 100,000 batches, and nothing is saved when the process is killed.

Here the items of DynamoDB go to a file of their own (`item_file`), the changed ones a second after the change. All
else is written by a forked copy of the process, a few seconds after something changed: the fork is a snapshot of one
moment between two requests and costs the process some milliseconds, and the files replace the former ones when the
copy has written them all. Items are committed before that, and are taken at the same moment or later: what a message
or an execution speaks of is there. When nothing changes nothing is done.
"""

import asyncio
import copy
import logging
import threading
import time
from collections.abc import Awaitable, Callable
from functools import wraps
from pathlib import Path
from typing import Any

from ministack import app as ministack_app
from ministack.core import persistence
from ministack.core.responses import AccountRegionScopedDict
from ministack.services import dynamodb, eventbridge, lambda_svc, scheduler, ses, sqs, stepfunctions

from localstack.engine import changes
from localstack.engine.item_file import ITEMS_FILE, ItemFile
from localstack.engine.state_files import replace, save_forked, save_state

ITEMS_EVERY_SECONDS = 1.0
OTHERS_EVERY_SECONDS = 3.0
TIMEOUT_SECONDS = 30.0
KEPT_WITH_TABLES = (
    *("tags", "ttl_settings", "pitr_settings", "kinesis_destinations", "contributor_insights"),
    *("backups", "resource_policies", "exports", "imports"),
)
SAFE_METHODS = ("GET", "HEAD")
READS = ("Get", "List", "Describe", "Query", "Scan", "BatchGet")

_log = logging.getLogger("snapshots")
_snapshots: "Snapshots | None" = None


def install() -> None:
    """Write changes while MiniStack serves, and restore what was written."""
    global _snapshots
    _snapshots = Snapshots(Path(persistence.STATE_DIR))
    persistence.save_state = save_state
    plain_load = dynamodb.load_persisted_state
    dynamodb.load_persisted_state = lambda state: _load(plain_load, state)
    dynamodb.get_state = tables_without_items
    _watch_items()
    for module, name in ((lambda_svc, "_run_sqs_batch"), (stepfunctions, "_run_execution")):
        setattr(module, name, _touching(getattr(module, name)))
    eventbridge._invoke_target = _touching(eventbridge._invoke_target)
    for module in (eventbridge, lambda_svc, scheduler, ses, sqs, stepfunctions):
        module.handle_request = _touching_request(module.handle_request)
    ministack_app.app = _serving(ministack_app.app, _snapshots)


def save() -> bool:
    """Write everything as it is now; whether that worked."""
    return _snapshots is not None and _snapshots.write(others=True)


class Snapshots:
    """Writes what changed, in a thread, until it is stopped."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.items = ItemFile(folder / ITEMS_FILE)
        self._writing = threading.Lock()
        self._stopped = threading.Event()
        self._items_at = self._others_at = float("-inf")
        self._thread = threading.Thread(target=self._run, daemon=True, name="snapshots")

    def start(self) -> None:
        """Write changes from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Write the items a last time; the rest of the state is MiniStack's to save."""
        self._stopped.set()
        changes.wake.set()
        self._thread.join(TIMEOUT_SECONDS)
        self.write(others=False)

    def write(self, others: bool) -> bool:
        """Write the items that changed and, if told so, all else; whether that worked."""
        with self._writing:
            taken, writer = changes.on_loop(
                lambda: (changes.take_items(), save_forked(self._folder) if others else None)
            )
            self._items_at = time.monotonic()
            self._others_at = self._items_at if others else self._others_at
            try:
                self.items.write(*taken)
            except BaseException:
                changes.give_back(*taken)
                raise
            return writer is None or replace(writer, self._folder, TIMEOUT_SECONDS)

    def _run(self) -> None:
        while not self._stopped.is_set():
            changes.wake.wait()
            changes.wake.clear()
            while (due := self._due()) is not None:
                if self._stopped.wait(max(0.0, due - time.monotonic())):
                    return
                try:
                    self.write(others=changes.others_changed() and time.monotonic() >= self._others_due())
                except Exception:  # the next time may work, e.g. when the disk has room again
                    _log.exception("the state could not be written")

    def _due(self) -> float | None:
        """When the next write is due; None when nothing changed."""
        moments = [self._items_at + ITEMS_EVERY_SECONDS] if changes.has_items() else []
        return min(moments + ([self._others_due()] if changes.others_changed() else []), default=None)

    def _others_due(self) -> float:
        return self._others_at + OTHERS_EVERY_SECONDS


def tables_without_items() -> dict[str, Any]:
    """The state of DynamoDB as MiniStack saves it, but for the items."""
    tables = AccountRegionScopedDict()
    for key, table in list(dynamodb._tables._data.items()):
        kept = {name: value for name, value in table.items() if name not in ("items", dynamodb._INDEX_MEMBERS)}
        tables._data[key] = copy.deepcopy(kept) | {"items": {}}
    return {"tables": tables, **{name: copy.deepcopy(getattr(dynamodb, f"_{name}")) for name in KEPT_WITH_TABLES}}


def _load(plain: Callable[[Any], None], state: dict[str, Any]) -> None:
    """Restore tables with their items; those that were saved inside the tables belong to the file from now on."""
    assert _snapshots is not None
    tables = list(state["tables"]._data.values())
    inside = [table for table in tables if table.get("items")]
    _snapshots.items.fill(tables)
    plain(state)
    for table in inside:
        changes.table_replaced(table)


def _watch_items() -> None:
    plain_set, plain_remove, plain_replaced = dynamodb._set_item, dynamodb._remove_item, dynamodb._items_replaced

    def set_item(table: Any, partition: str, sort: str, item: Any) -> Any:
        old = plain_set(table, partition, sort, item)
        changes.item_changed(table, partition, sort, item)
        return old

    def remove_item(table: Any, partition: str, sort: str) -> Any:
        old = plain_remove(table, partition, sort)
        changes.item_changed(table, partition, sort, None)
        return old

    def items_replaced(table: Any) -> None:
        plain_replaced(table)
        changes.table_replaced(table)

    dynamodb._set_item, dynamodb._remove_item, dynamodb._items_replaced = set_item, remove_item, items_replaced


def _touching(call: Callable[..., Any]) -> Callable[..., Any]:
    """Work in the background that changes more than items."""

    @wraps(call)
    def touching(*arguments: Any, **more: Any) -> Any:
        try:
            return call(*arguments, **more)
        finally:
            changes.others_touched()

    return touching


def _touching_request(handle: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    @wraps(handle)
    async def touching(method: str, path: str, headers: dict[str, str], *rest: Any, **more: Any) -> Any:
        try:
            return await handle(method, path, headers, *rest, **more)
        finally:
            _note(method, headers.get("x-amz-target", ""))

    return touching


def _note(method: str, target: str) -> None:
    """Remember what a request may have changed."""
    action = target.rpartition(".")[2]
    if method not in SAFE_METHODS and not target.startswith("DynamoDB_") and not action.startswith(READS):
        changes.others_touched()


def _serving(app: Callable[..., Awaitable[None]], snapshots: Snapshots) -> Callable[..., Awaitable[None]]:
    """The application: snapshots begin when it has restored its state, and end before it saves it."""

    async def serving(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            try:
                await app(scope, receive, send)
            finally:
                if scope.get("method") not in SAFE_METHODS:
                    targets = [value for name, value in scope.get("headers", ()) if name == b"x-amz-target"]
                    _note(scope.get("method", ""), targets[0].decode("latin-1") if targets else "")
            return

        async def receiving() -> Any:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                await asyncio.to_thread(snapshots.stop)
            return message

        async def sending(message: Any) -> None:
            if message["type"] == "lifespan.startup.complete":
                changes.serve_on(asyncio.get_running_loop())
                snapshots.start()
            await send(message)

        await app(scope, receiving, sending)

    return serving
