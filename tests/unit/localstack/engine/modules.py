"""MiniStack's modules twice: as they are, and with fast paths, so that both answer the same calls."""

import importlib.util
import itertools
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

import pytest


def plain_copy(name: str) -> ModuleType:
    """A module of MiniStack a second time, with globals of its own that nothing has replaced."""
    found = importlib.util.find_spec(name)
    assert found is not None and found.origin is not None
    spec = importlib.util.spec_from_file_location(f"plain_{name.replace('.', '_')}", found.origin)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@contextmanager
def restored(*modules: ModuleType) -> Iterator[None]:
    """What is replaced in these modules meanwhile is put back afterwards; so are their tables of handlers."""
    before = [dict(vars(module)) for module in modules]
    handlers = [dict(getattr(module, "_HANDLERS", {})) for module in modules]
    try:
        yield
    finally:
        for module, names, table in zip(modules, before, handlers, strict=True):
            for name in vars(module).keys() - names.keys():
                delattr(module, name)
            vars(module).update(names)
            if table:
                module._HANDLERS.clear()
                module._HANDLERS.update(table)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.now = 1_800_000_000.0
        patch.setattr("time.time", lambda: self.now)


def numbered() -> "itertools.count[int]":
    """Numbers instead of random ids."""
    return itertools.count(1)
