"""What import and export cost: `python -m bench.exchange` prints seconds, speed against openpyxl, and memory.

Each line is a fresh process, as a Lambda function has it: the time includes the import of the library, the memory is
the peak of the process and of what it starts. Rows have the 17 columns of an export, with three products each. For
whole imports and exports the api function and the worker run in this process, and DynamoDB, S3 and SQS are the emulator
in another one. The last lines are those of the deployed local stack, from the request to the result.
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import Any

from chalicelib.batches.exchange import columns, output, sheets
from chalicelib.batches.exchange.rows import Reader

Figures = dict[str, float]
FOREIGN = "foreign-"  # files that another program made
BY_OTHERS = ("write, openpyxl", "read", "read, openpyxl")
PRODUCTS = 3
HEADER = [column.name for column in columns.COLUMNS if not column.import_only]
ROWS = 10_000
MANY = 100_000
WARM_UP = 100  # rows
EVERY_SECONDS = 0.2
_never = Event()


def rows(count: int, products: int = PRODUCTS, first: int = 0) -> Iterator[list[Any]]:
    """Rows of batches: a month, 20 work centres, two shifts; every other one is closed."""
    for number in range(first, first + count):
        codes = [f"0104601234560{number:06d}21AB{place:02d}" for place in range(products)]
        day, closed = date(2025, 1, 1 + number % 28), number % 2 == 1
        yield [
            number + 1, day, f"Болт М8×{40 + number % 50} ГОСТ 7798-70", f"EKN-{number % 500:05d}",
            f"{1 + number % 2}", f"Бригада {number % 7}", "Изготовить партию болтов для сборки узла",
            f"{day}T08:00:00Z", f"{day}T20:00:00Z", f"WC-{number % 20:03d}", f"Цех №{number % 20}",
            closed, f"{day}T20:00:00Z" if closed else None, "550e8400-e29b-41d4-a716-446655440000",
            "2025-01-20T08:00:00.123456Z", None, json.dumps(codes),
        ]  # fmt: skip


# -- the cases ------------------------------------------------------------------------------------------------------


def write(target: Path, format: sheets.Format, count: int, products: int) -> Figures:
    """Write with the library of the export."""
    return measured(lambda: output.write(target, format, HEADER, rows(count, products), count))


def write_openpyxl(target: Path, _: str, count: int, __: int) -> Figures:
    """Write with openpyxl's write-only mode."""
    return measured(lambda: _write_openpyxl(target, count))


def _write_openpyxl(target: Path, count: int) -> None:
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(HEADER)
    for row in rows(count):
        sheet.append(row)
    book.save(target)


def read(source: Path, format: sheets.Format, count: int, _: int) -> Figures:
    """Read all cells with the reader of the import."""
    with TemporaryDirectory() as folder:
        return measured(lambda: check(count, sum(1 for _ in sheets.read(source, format, Path(folder)).rows())))


def read_openpyxl(source: Path, _: str, count: int, __: int) -> Figures:
    """Read with openpyxl's read-only mode."""
    return measured(lambda: check(count + 1, _read_openpyxl(source)))


def _read_openpyxl(source: Path) -> int:
    import openpyxl

    sheet = openpyxl.load_workbook(source, read_only=True).active
    return sum(1 for _ in sheet.iter_rows(values_only=True))


def validate(source: Path, format: sheets.Format, count: int, _: int) -> Figures:
    """Read, and validate every row."""
    with TemporaryDirectory() as folder:

        def work() -> None:
            sheet = sheets.read(source, format, Path(folder))
            check(count, sum(1 for row in Reader(sheet) if row.batch))

        return measured(work)


def import_file(source: Path, format: sheets.Format, count: int, products: int) -> Figures:
    """A whole import, from the request to the result."""
    output.write(source, format, HEADER, rows(count, products), count)
    with services():
        return measured(lambda: check(count, _import(source)["created"]))


def import_again(source: Path, _: str, count: int, __: int) -> Figures:
    """The same file with update_existing: nothing differs, nothing is written."""
    with services():
        _import(source)
        return measured(lambda: check(count, _import(source, update_existing="true")["updated"]))


def export_file(source: Path, format: sheets.Format, count: int, _: int) -> Figures:
    """A whole export of what was imported."""
    with services():
        _import(source)
        return measured(lambda: check(count, _export(format)["total"]))


CASES: dict[str, Callable[..., Figures]] = {
    "write": write,
    "write, openpyxl": write_openpyxl,
    "read": read,
    "read, openpyxl": read_openpyxl,
    "read and validate": validate,
    "import": import_file,
    "import again": import_again,
    "export": export_file,
}


# -- what they use ----------------------------------------------------------------------------------------------------


@contextmanager
def services() -> Iterator[None]:
    """The emulator, with tables, bucket and queue."""
    from bench.emulator import STACK, emulator

    os.environ.update(STAGE="local", AUTH_REQUIRED="false", LOG_LEVEL="CRITICAL", FILES_BUCKET=f"{STACK}-files")
    with emulator():
        from chalicelib.core.aws import client
        from chalicelib.core.settings import settings

        os.environ["WORK_QUEUE_URL"] = client("sqs").create_queue(QueueName=f"{STACK}-work")["QueueUrl"]
        settings.cache_clear()
        client("s3").create_bucket(Bucket=settings().files_bucket)
        yield


def _import(source: Path, **fields: str) -> dict[str, Any]:
    from tests.exchange import imported

    return imported(source.read_bytes(), source.name, **fields)


def _export(format: str) -> dict[str, Any]:
    from tests.exchange import EXPORT
    from tests.production import ok
    from tests.tasks import result_of, run_tasks

    task = ok("POST", f"{EXPORT}?format={format}")["task_id"]
    run_tasks()
    return result_of(task)


def deployed(folder: Path) -> None:
    """Imports and exports of the deployed local stack, as a client sees them that asks five times a second."""
    from tests.e2e.stack import start
    from tests.exchange import EXPORT

    stack = start(folder, {"AUTH": "false"})
    try:
        _import_deployed(stack, folder, WARM_UP, 1, 2 * ROWS)  # starts the workers
        for products, first in ((PRODUCTS, 0), (0, ROWS)):
            spent = _import_deployed(stack, folder, ROWS, products, first)
            show("import, deployed", "xlsx", ROWS, {"seconds": spent}, f"{products} products each")
            for format in ("xlsx", "csv") if products else ():
                spent = _seconds(stack, f"{EXPORT}?format={format}", {"json": {}}, {"total": ROWS + WARM_UP})
                show("export, deployed", format, ROWS + WARM_UP, {"seconds": spent}, f"{products} products each")
    finally:
        stack.stop()


def _import_deployed(stack: Any, folder: Path, count: int, products: int, first: int) -> float:
    from tests.exchange import IMPORT

    source = folder / f"{first}.xlsx"
    output.write(source, "xlsx", HEADER, rows(count, products, first), count)
    form = {"files": {"file": (source.name, source.read_bytes(), "application/octet-stream")}}
    return _seconds(stack, IMPORT, form, {"created": count})


def _seconds(stack: Any, path: str, sent: dict[str, Any], expected: dict[str, int]) -> float:
    """How long a task takes, from the request to the client's sight of the result."""
    started = time.perf_counter()
    answer = stack.call("POST", path, **sent)
    assert answer.status_code == 202, answer.text
    task = f"/api/background_tasks/{answer.json()['task_id']}"
    while (state := stack.call("GET", task).json())["status"] in ("PENDING", "PROGRESS"):
        _never.wait(EVERY_SECONDS)
    assert state["status"] == "SUCCESS" and expected.items() <= state["result"].items(), state
    return time.perf_counter() - started


def measured(work: Callable[[], Any]) -> Figures:
    """How long it takes, and the peak memory of this process and of the largest it has waited for, together."""
    started = time.perf_counter()
    work()
    spent = time.perf_counter() - started
    own, child = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {"seconds": spent, "mb": (own + child) / 1024}


def check(wanted: int, found: int) -> None:
    """End the benchmark when a case gives another result than expected."""
    if wanted != found:
        raise SystemExit(f"{found} instead of {wanted}")


def measure(case: str, format: str, count: int, folder: Path, products: int = PRODUCTS) -> Figures:
    """One case in a process of its own."""
    command = [sys.executable, "-m", "bench.exchange", case, format, str(count), str(folder), str(products)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, text=True)
    found: Figures = json.loads(done.stdout.splitlines()[-1])
    return found


def compared(count: int, folder: Path) -> None:
    """Reading and writing xlsx against openpyxl, and csv. What is read was written by openpyxl."""
    for work in ("write", "read"):
        ours = measure(work, "xlsx", count, folder)
        theirs = measure(f"{work}, openpyxl", "xlsx", count, folder)
        show(work, "xlsx", count, ours, f"{theirs['seconds'] / ours['seconds']:.1f} x openpyxl")
        show(f"{work}, openpyxl", "xlsx", count, theirs)
        if work == "write":
            show(work, "csv", count, measure(work, "csv", count, folder))


def show(case: str, format: str, count: int, figures: Figures, note: str = "") -> None:
    """A line of the table."""
    spent = figures["seconds"]
    memory = f"{figures['mb']:.0f}" if "mb" in figures else ""
    figured = f"{spent:>10.2f}{count / spent:>12,.0f}{memory:>10}"
    print(f"{case:<20}{format:<8}{count:>8}{figured}  {note}", flush=True)


def main() -> None:
    """Every case; those of the deployed stack (`--deployed`); or the one that is asked for."""
    if len(sys.argv) == 6:
        case, format, count, folder, products = sys.argv[1:]
        file = Path(folder) / f"{FOREIGN if case in BY_OTHERS else ''}{count}.{format}"
        print(json.dumps(CASES[case](file, format, int(count), int(products))))
        return
    print(f"{'case':<20}{'format':<8}{'rows':>8}{'seconds':>10}{'rows/s':>12}{'peak MB':>10}  ")
    with TemporaryDirectory() as name:
        if "--deployed" not in sys.argv:
            by_case(Path(name))
        deployed(Path(name))


def by_case(folder: Path) -> None:
    """Each case in a process of its own."""
    for count in (ROWS, MANY):
        compared(count, folder)
    for format in ("xlsx", "csv"):
        show("read and validate", format, ROWS, measure("read and validate", format, ROWS, folder))
    for products in (0, PRODUCTS):
        show("import", "xlsx", ROWS, measure("import", "xlsx", ROWS, folder, products), f"{products} products each")
    show("import again", "xlsx", ROWS, measure("import again", "xlsx", ROWS, folder))
    for format in ("xlsx", "csv"):
        show("export", format, ROWS, measure("export", format, ROWS, folder))


if __name__ == "__main__":
    main()
