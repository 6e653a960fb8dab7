"""Only modules that do not await hanging threads after a deadline start threads."""

import ast
from pathlib import Path

from localstack.config import ROOT

THREAD_CLASSES = {"ThreadPoolExecutor", "_Threads", "ProcessPoolExecutor", "Thread"}
ALLOWED = {
    "chalicelib/core/threads.py",
    "chalicelib/core/addresses.py",  # a daemon thread for a DNS lookup, with a time limit
}


def thread_classes(path: Path) -> set[str]:
    """Return the classes of threads that a module creates."""
    calls = (node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
    names = {call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "") for call in calls}
    return names & THREAD_CLASSES


def test_only_listed_modules_start_threads() -> None:
    found = {str(path.relative_to(ROOT)): thread_classes(path) for path in (ROOT / "chalicelib").rglob("*.py")}
    assert {path for path, names in found.items() if names} == ALLOWED
