"""What a report costs: `python -m bench.render` prints seconds, memory, size and pages by format and number of rows.

Each line is a fresh process, as a Lambda function has it: the time includes the import of the library, the memory is
the peak of the whole process. The report is that of a batch: facts, statistics, two charts, and a table of its
products.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from chalicelib.reports.render import Chart, Column, Document, Facts, Percent, Table, render

CASES = [(name, rows) for name in ("pdf", "xlsx", "csv") for rows in (1_000, 10_000, 100_000)]
MORNING = datetime(2025, 3, 1, 8, tzinfo=UTC)


def products(count: int) -> Iterator[tuple[object, ...]]:
    """Rows as a batch has them: every third product is not aggregated yet."""
    for number in range(count):
        product = UUID(int=number * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128)
        done = MORNING + timedelta(seconds=number) if number % 3 else None
        yield product, f"0104601234560{number:06d}21AB{number % 97:02d}", done is not None, done


def report(count: int) -> Document:
    """The report on a batch of so many products."""
    done = count - (count + 2) // 3
    return Document(
        title="Отчет о партии 22222",
        subtitle="Болт М8×40 ГОСТ 7798-70, партия от 01.03.2025",
        created_at=MORNING + timedelta(hours=12),
        meta={"Отчет": "№ 12", "Создал": "Администратор"},
        sections=[
            Facts("Информация о партии", [("Номер партии", "22222"), ("Дата партии", date(2025, 3, 1))]),
            Facts("Статистика", [("Всего продукции", count), ("Процент выполнения", Percent(done / count))]),
            Chart("Агрегация по часам", "bar", [f"{h:02}:00" for h in range(8, 20)], [("Продукты", [count / 12] * 12)]),
            Chart("Состав партии", "pie", ["Агрегировано", "Осталось"], [("Продукты", [done, count - done])]),
            Table(
                "Продукция",
                [
                    Column("ID", "uuid"),
                    Column("Уникальный код"),
                    Column("Агрегирована", "bool"),
                    Column("Дата агрегации", "datetime"),
                ],
                products(count),
            ),
        ],
    )


def measure(name: str, rows: int) -> dict[str, float]:
    """Render once in this process."""
    with TemporaryDirectory() as folder:
        target = Path(folder) / f"report.{name}"
        started = time.perf_counter()
        render(report(rows), name, target)
        seconds = time.perf_counter() - started
        content = target.read_bytes() if name == "pdf" and rows <= 10_000 else b""
        return {
            "seconds": seconds,
            "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "kilobytes": target.stat().st_size / 1024,
            "pages": content.count(b"/Type /Page\n"),
        }


def main() -> None:
    """Every case in a process of its own."""
    if len(sys.argv) == 3:
        print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
        return
    print(f"{'format':<8}{'rows':>8}{'seconds':>10}{'peak MB':>10}{'file KB':>10}{'pages':>8}")
    for name, rows in CASES:
        command = [sys.executable, "-m", "bench.render", name, str(rows)]
        figures = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        sizes = f"{figures['seconds']:>10.2f}{figures['megabytes']:>10.0f}{figures['kilobytes']:>10.0f}"
        print(f"{name:<8}{rows:>8}{sizes}{figures['pages'] or '-':>8}", flush=True)


if __name__ == "__main__":
    main()
