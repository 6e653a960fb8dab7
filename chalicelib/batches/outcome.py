"""The result of a task over many codes: counts, the first errors, and a file of all errors if there are more."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from chalicelib.background_tasks.model import first_errors
from chalicelib.background_tasks.service import Run
from chalicelib.batches.exchange import output
from chalicelib.core import clock
from chalicelib.core.transactions import Transaction
from chalicelib.files import service as files

COLUMNS = ("code", "reason")


def succeed(
    tx: Transaction, task: Run, file_name: str, counts: Mapping[str, int], errors: Sequence[dict[str, Any]]
) -> None:
    """End a task: `counts` are its total and what was done; `errors` are codes, each with the reason."""
    shown = first_errors(errors)
    result: dict[str, Any] = {"success": not errors, **counts, "failed": len(errors), "errors": shown}
    if len(shown) < len(errors):
        result["errors_url"] = _store(tx, task, file_name, errors)
    task.succeed(tx, result)


def _store(tx: Transaction, task: Run, name: str, errors: Sequence[Mapping[str, str]]) -> str:
    """Store all errors as a file with the lifetime of the task; ending twice writes the same file."""
    file = files.new(name, "csv", 1, clock.now(), user_id=task.task.user_id, file_id=task.task_id)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "errors.csv"
        output.write(path, "csv", COLUMNS, ([error[name] for name in COLUMNS] for error in errors), len(errors))
        files.put(file, path)
    files.register(tx, file)
    return file.download_url
