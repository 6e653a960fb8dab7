"""The changes of the emulator's state since the last snapshot."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from localstack.engine.item_file import Item, Key, Table

T = TypeVar("T")

wake = threading.Event()
"""Set when something changed."""

_items: dict[Key, Item | None] = {}
_emptied: set[str] = set()
_lock = threading.Lock()
_others = 0
_others_taken = 0
_loop: asyncio.AbstractEventLoop | None = None


def item_changed(table: Table, partition: str, sort: str, item: Item | None) -> None:
    """An item was put, or (None) removed."""
    with _lock:
        _items[table.get("TableId", ""), partition, sort] = item
    if not wake.is_set():
        wake.set()


def table_replaced(table: Table) -> None:
    """All items of a table were replaced."""
    with _lock:
        identifier = table.get("TableId", "")
        for key in [key for key in _items if key[0] == identifier]:
            del _items[key]
        _emptied.add(identifier)
        for partition, entries in table["items"].items():
            for sort, item in entries.items():
                _items[identifier, partition, sort] = item
    wake.set()


def others_touched() -> None:
    """Something else than an item changed, or may have."""
    global _others
    _others += 1
    if not wake.is_set():
        wake.set()


def has_items() -> bool:
    """Whether items changed."""
    return bool(_items or _emptied)


def others_changed() -> bool:
    """Whether something else changed."""
    return _others != _others_taken


def others_taken() -> None:
    """All else is being written as it is at this moment."""
    global _others_taken
    _others_taken = _others


def take_items() -> tuple[dict[Key, Item | None], frozenset[str]]:
    """The changed items, and the tables that were emptied before."""
    with _lock:
        taken = dict(_items), frozenset(_emptied)
        _items.clear()
        _emptied.clear()
        return taken


def give_back(items: dict[Key, Item | None], emptied: frozenset[str]) -> None:
    """Keep changes that could not be written, unless there are later ones."""
    with _lock:
        kept = {key: item for key, item in items.items() if key[0] not in _emptied}
        later = dict(_items)
        _items.clear()
        _items.update(kept | later)
        _emptied.update(emptied)


def serve_on(loop: asyncio.AbstractEventLoop) -> None:
    """Requests are served by this loop: between two of its steps no request is half done."""
    global _loop
    _loop = loop


def on_loop(call: Callable[[], T]) -> T:
    """Call between two requests, and return the result."""
    if _loop is None or not _loop.is_running():
        return call()
    done: Future[T] = Future()

    def run() -> None:
        try:
            done.set_result(call())
        except BaseException as error:
            done.set_exception(error)

    _loop.call_soon_threadsafe(run)
    return done.result()
