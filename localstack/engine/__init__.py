"""Fast paths of the local engine: shorter ways to the answers that MiniStack itself gives.

A module here is one fast path. Its docstring says what is slow in MiniStack and why the short way is right, and its
`install()` replaces the slow part in the imported `ministack` modules. Nothing outside this package touches MiniStack's
private names. `tests/unit/localstack/engine/` runs each fast path and the plain way with the same random calls and
compares the answers.

The paths are written for one version. With another version of MiniStack none is installed, and the launcher prints it.
"""

import os
import sys
from importlib import import_module, metadata
from pathlib import Path

from localstack.engine.item_file import give_to_tables

MINISTACK_VERSION = "1.5.33"

FAST_PATHS: tuple[str, ...] = (
    *("query", "copies", "expressions", "capacity", "transactions", "writes", "reads"),
    *("code_folder", "worker_start", "invocation_end", "direct", "router"),
    *("queues", "event_sources", "timers", "executions", "bounds", "snapshots"),
)
"""Modules of this package, in the order in which they are installed."""


def chosen(setting: str) -> tuple[str, ...]:
    """The fast paths that a value of `ENGINE_FAST` names.

    `1` (the default) is all of them, `0` none, anything else a list of names with commas between.
    Raises ValueError for a name that there is not.
    """
    if setting in ("", "1"):
        return FAST_PATHS
    names = [] if setting == "0" else [name.strip() for name in setting.split(",")]
    if unknown := [name for name in names if name not in FAST_PATHS]:
        raise ValueError(f"ENGINE_FAST names {', '.join(unknown)}; there are {', '.join(FAST_PATHS)}, 0 and 1")
    return tuple(name for name in FAST_PATHS if name in names)


def install(setting: str) -> str:
    """Install the fast paths that `setting` names, before MiniStack serves; returns a line that says what is used."""
    version = metadata.version("ministack")
    names = chosen(setting)
    if "snapshots" not in names or version != MINISTACK_VERSION:
        give_to_tables(Path(os.environ["STATE_DIR"]))
    if version != MINISTACK_VERSION:
        return f"MiniStack {version}, without fast paths: they are written for {MINISTACK_VERSION}"
    for name in names:
        import_module(f"{__name__}.{name}").install()
    used = f"all {len(names)}" if names == FAST_PATHS else ", ".join(names) or "none"
    return f"MiniStack {version}, fast paths: {used}"


def save() -> bool:
    """Write the emulator's state now; False where that is done at a clean stop only."""
    if bounds := sys.modules.get(f"{__name__}.bounds"):
        bounds.drop_stack_events()
    snapshots = sys.modules.get(f"{__name__}.snapshots")
    return snapshots is not None and bool(snapshots.save())
