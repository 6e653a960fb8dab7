"""Threads are made where nobody waits for them when the time of a request is up."""

import ast
from pathlib import Path

from localstack.config import ROOT

MAKES_THREADS = {"ThreadPoolExecutor", "ProcessPoolExecutor", "Thread"}
ALLOWED = {
    "chalicelib/core/threads.py",
    "chalicelib/core/addresses.py",  # a daemon that asks for a name, and is given up in time
}


def makers(path: Path) -> set[str]:
    """What a module calls that starts threads of its own."""
    calls = (node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
    names = {call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "") for call in calls}
    return names & MAKES_THREADS


def test_no_other_module_starts_threads() -> None:
    found = {str(path.relative_to(ROOT)): makers(path) for path in (ROOT / "chalicelib").rglob("*.py")}
    assert {path for path, names in found.items() if names} == ALLOWED
