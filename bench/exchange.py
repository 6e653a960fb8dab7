"""What import and export cost: `python -m bench.exchange` prints seconds, speed against openpyxl, and memory.

Each line is a fresh process, as a Lambda function has it: the time includes the import of the library, the memory is
the peak of the process and of what it starts. Rows have the 17 columns of an export, with three products each. For
whole imports and exports the api function and the worker run in this process, and DynamoDB, S3 and SQS are the emulator
in another one.
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
from typing import Any

from chalicelib.batches.exchange import columns, output, sheets
from chalicelib.batches.exchange.rows import Reader

Figures = dict[str, float]
FOREIGN = "foreign-"  # files that another program made
BY_OTHERS = ("write, openpyxl", "read", "read, openpyxl")
PRODUCTS = 3
HEADER = [column.name for column in columns.COLUMNS]
ROWS = 10_000
MANY = 100_000


def rows(count: int, products: int = PRODUCTS) -> Iterator[list[Any]]:
    """Rows of batches: a month, 20 work centres, two shifts; every other one is closed."""
    for number in range(count):
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
    """Read with what the import reads with: to the last cell of the last row."""
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

    os.environ.update(AUTH_REQUIRED="false", LOG_LEVEL="CRITICAL", FILES_BUCKET=f"{STACK}-files")
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


def measured(work: Callable[[], Any]) -> Figures:
    """How long it takes, and the peak memory of this process and of the largest it has waited for, together."""
    started = time.perf_counter()
    work()
    spent = time.perf_counter() - started
    own, child = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {"seconds": spent, "mb": (own + child) / 1024}


def check(wanted: int, found: int) -> None:
    """A case that does something else than it says ends the benchmark."""
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
    figured = f"{spent:>10.2f}{count / spent:>12,.0f}{figures['mb']:>10.0f}"
    print(f"{case:<20}{format:<8}{count:>8}{figured}  {note}", flush=True)


def main() -> None:
    """Every case, or the one that is asked for."""
    if len(sys.argv) == 6:
        case, format, count, folder, products = sys.argv[1:]
        file = Path(folder) / f"{FOREIGN if case in BY_OTHERS else ''}{count}.{format}"
        print(json.dumps(CASES[case](file, format, int(count), int(products))))
        return
    print(f"{'case':<20}{'format':<8}{'rows':>8}{'seconds':>10}{'rows/s':>12}{'peak MB':>10}  ")
    with TemporaryDirectory() as name:
        folder = Path(name)
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
