"""Template 4: the defects, deferred tasks and long tasks that were created in a period.

A defect is overdue when its due date is before the day on which the data was collected. The report of an owner shows
the defects of the sites where the owner is the customer, and the owner's own tasks. The rows of the three kinds follow
each other; the first value of a row is its kind.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from chalicelib.core import clock
from chalicelib.core.redaction import mask_text
from chalicelib.defects import service as defects
from chalicelib.defects.model import OPEN, SEVERITIES, STATUSES, Defect
from chalicelib.deferred_tasks import service as deferred_tasks
from chalicelib.long_tasks import service as long_tasks
from chalicelib.reports.layouts.layout import Heading, Layout, Row, Sink, Summary, instant, parse
from chalicelib.reports.layouts.period import OptionalPeriod, ends_of, shown_period
from chalicelib.reports.render import Chart, Column, Document, Facts, Section, Table
from chalicelib.sites import service as sites
from chalicelib.users.service import User

DEFAULT_DAYS = 30  # of the period when the parameters name none, today included
RowKind = Literal["defect", "deferred", "long"]

STATUS_WORDS = {
    "new": "Новый", "reopened": "Открыт вновь", "assigned": "Назначен", "in_progress": "В работе", "fixed": "Исправлен",
    "verified": "Проверен", "closed": "Закрыт", "rejected": "Отклонен",
}  # fmt: skip
SEVERITY_WORDS = {"low": "Низкая", "medium": "Средняя", "high": "Высокая", "critical": "Критическая"}
DEFERRED_WORDS = {
    "pending": "Ожидает", "processing": "Выполняется", "completed": "Выполнено", "failed": "Ошибка",
    "cancelled": "Отменено",
}  # fmt: skip
LONG_WORDS = {"pending": "Выполняется", "done": "Выполнена", "failed": "Ошибка"}


def check(parameters: Mapping[str, Any]) -> None:
    """Raise Invalid for a wrong period."""
    parse(OptionalPeriod, parameters)


# -- collecting -----------------------------------------------------------------------------------------------------


def collect(parameters: Mapping[str, Any], sink: Sink, owner: User | None) -> Summary:
    """Collect defects and tasks as rows, and how many of them have each status as the summary."""
    today = clock.now().astimezone(UTC).date()
    first, last = parse(OptionalPeriod, parameters).days() or (today - timedelta(days=DEFAULT_DAYS - 1), today)
    start, end = ends_of(first, last)
    customer, number = (owner.id, owner.number) if owner else (None, None)
    sink.expect(
        defects.count_between(start, end, customer)
        + deferred_tasks.count_between(start, end, number)
        + long_tasks.count_between(start, end, number)
    )
    return {
        "date_from": first.isoformat(),
        "date_to": last.isoformat(),
        "today": today.isoformat(),
        "owner": owner.name if owner else None,
        "defects": _defects(defects.between(start, end, customer), sink, today),
        "deferred": _deferred(deferred_tasks.between(start, end, number), sink),
        "long": _long(long_tasks.between(start, end, number), sink),
    }


def _defects(found: Iterator[Defect], sink: Sink, today: date) -> dict[str, Any]:
    pairs, by_site = Counter[str](), dict[str, list[Any]]()  # of a site: code, name, defects, open, overdue, closed
    for defect in found:
        if defect.site_id not in by_site:
            title = sites.titles([defect.site_id]).get(defect.site_id, ("—", "—"))
            by_site[defect.site_id] = [*title, 0, 0, 0, 0]
        figures = by_site[defect.site_id]
        days = (today - defect.due_date).days if defect.due_date and defect.is_overdue(today) else None
        for column, counts in enumerate((True, defect.is_open, days is not None, defect.status == "closed"), 2):
            figures[column] += counts
        pairs[f"{defect.status} {defect.severity}"] += 1
        due = defect.due_date.isoformat() if defect.due_date else None
        assignee = defect.assignee.name if defect.assignee else None
        times = [_text(defect.created_at), _text(defect.fixed_at)]
        row = [defect.number, figures[0], defect.title, defect.severity, defect.status, assignee]
        sink.add(["defect", *row, due, days, *times])
    return {"pairs": pairs, "sites": sorted(by_site.values())}


def _deferred(found: Iterator[Any], sink: Sink) -> dict[str, int]:
    statuses = dict.fromkeys(DEFERRED_WORDS, 0)
    for task in found:
        statuses[task.status] += 1
        times = [_text(task.created_at), _text(task.execute_at), _text(task.completed_at)]
        error = _redacted(task.error_message)
        sink.add(["deferred", task.number, task.task_type, task.status, task.attempts, *times, error])
    return statuses


def _long(found: Iterator[Any], sink: Sink) -> dict[str, int]:
    statuses = dict.fromkeys(LONG_WORDS, 0)
    for task in found:
        statuses[task.status] += 1
        times = [_text(task.created_at), _text(task.ended_at)]
        sink.add(["long", task.number, _redacted(task.text), task.status, *times, _redacted(task.error)])
    return statuses


def _redacted(text: str | None) -> str | None:
    """Return a text of a task with its secrets hidden, because reports are passed on to others."""
    return mask_text(text) if text else None


def _text(at: datetime | None) -> str | None:
    return clock.to_json(at) if at else None


# -- the document ---------------------------------------------------------------------------------------------------


class _RowsByKind:
    """Splits rows of several kinds into one iterator for each kind; the kinds are read in the order of the rows."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self._rows = rows
        self._next_row: Row | None = None

    def rows_of(self, kind: RowKind) -> Iterator[Row]:
        """Yield the rows of a kind, without the kind itself."""
        while (row := self._next_row or next(self._rows, None)) is not None:
            self._next_row = None if row[0] == kind else row
            if self._next_row is not None:
                return
            yield row[1:]


def compose(heading: Heading, summary: Summary, rows: Iterator[Row]) -> Document:
    """Compose the sections: for defects, deferred tasks and long tasks the figures, then the list."""
    first, last = date.fromisoformat(summary["date_from"]), date.fromisoformat(summary["date_to"])
    scope = {"Данные": f"только пользователя {summary['owner']}"} if summary["owner"] else {}
    by_kind = _RowsByKind(rows)
    return Document(
        title=f"Отчет по задачам за {shown_period(first, last)}",
        subtitle=heading.subtitle,
        created_at=heading.created_at,
        meta={**heading.meta, **scope},
        sections=[
            *_defect_sections(summary["defects"]),
            _defect_table(by_kind.rows_of("defect")),
            _statuses("Отложенные задачи", summary["deferred"], DEFERRED_WORDS),
            _deferred_table(by_kind.rows_of("deferred")),
            _statuses("Долгие задачи", summary["long"], LONG_WORDS),
            _long_table(by_kind.rows_of("long")),
        ],
    )


def _defect_sections(found: Mapping[str, Any]) -> list[Section]:
    pairs: Mapping[str, int] = found["pairs"]
    by_status = {status: [pairs.get(f"{status} {severity}", 0) for severity in SEVERITIES] for status in STATUSES}
    sums = {status: sum(amounts) for status, amounts in by_status.items()}
    facts: list[tuple[str, object]] = [
        ("Всего", sum(sums.values())),
        ("Открыто", sum(sums[status] for status in OPEN)),
        ("Просрочено", sum(figures[4] for figures in found["sites"])),
        ("Исправлено", sums["fixed"] + sums["verified"]),
        ("Закрыто", sums["closed"]),
        ("Отклонено", sums["rejected"]),
    ]
    severities = [Column(SEVERITY_WORDS[severity], "int") for severity in SEVERITIES]
    columns = [Column("Статус", width=1.6), Column("Всего", "int"), *severities]
    table = [[STATUS_WORDS[status], sums[status], *amounts] for status, amounts in by_status.items()]
    sections: list[Section] = [Facts("Дефекты", facts), Table("Дефекты по статусам", columns, table)]
    if any(sums.values()):
        labels = [STATUS_WORDS[status] for status in STATUSES]
        series = [("Дефекты", [float(sums[status]) for status in STATUSES])]
        sections += [Chart("Дефекты по статусам", "bar", labels, series), _site_table(found["sites"])]
    return sections


def _site_table(by_site: list[list[Any]]) -> Table:
    columns = [
        Column("Код", width=1.4),
        Column("Объект", width=3.4),
        Column("Дефектов", "int"),
        Column("Открыто", "int"),
        Column("Просрочено", "int"),
        Column("Закрыто", "int"),
    ]
    return Table("Дефекты по объектам", columns, by_site)


def _statuses(title: str, amounts: Mapping[str, int], words: Mapping[str, str]) -> Facts:
    total: list[tuple[str, object]] = [("Всего", sum(amounts.values()))]
    return Facts(title, [*total, *((word, amounts[status]) for status, word in words.items())])


def _defect_table(rows: Iterator[Row]) -> Table:
    columns = [
        Column("№", width=0.7),
        Column("Объект", width=1.5),
        Column("Дефект", width=3.4),
        Column("Серьезность", width=1.6),
        Column("Статус", width=2.7),
        Column("Исполнитель", width=1.7),
        Column("Срок", "date", 1.4),
        Column("Дней сверх срока", "int", 0.9),
        Column("Создан", "date", 1.4),
        Column("Исправлен", "date", 1.4),
    ]
    lines = (
        [str(number), site, title, SEVERITY_WORDS[severity], STATUS_WORDS[status], assignee]
        + [date.fromisoformat(due) if due else None, days, instant(created), instant(fixed)]
        for number, site, title, severity, status, assignee, due, days, created, fixed in rows
    )
    return Table("Список дефектов", columns, lines)


def _deferred_table(rows: Iterator[Row]) -> Table:
    columns = [
        Column("№", width=0.7),
        Column("Тип", width=1.8),
        Column("Статус", width=1.6),
        Column("Попыток", "int", 1.1),
        Column("Создана", "datetime", 1.9),
        Column("Назначена на", "datetime", 1.9),
        Column("Завершена", "datetime", 1.9),
        Column("Ошибка", width=2.2),
    ]
    lines = (
        [str(number), kind, DEFERRED_WORDS[status], attempts, *map(instant, times), error]
        for number, kind, status, attempts, *times, error in rows
    )
    return Table("Список отложенных задач", columns, lines)


def _long_table(rows: Iterator[Row]) -> Table:
    columns = [
        Column("№", width=0.7),
        Column("Текст", width=3.4),
        Column("Статус", width=1.6),
        Column("Создана", "datetime", 1.9),
        Column("Завершена", "datetime", 1.9),
        Column("Ошибка", width=2.2),
    ]
    lines = (
        [str(number), text, LONG_WORDS[status], *map(instant, times), error]
        for number, text, status, *times, error in rows
    )
    return Table("Список долгих задач", columns, lines)


LAYOUT = Layout(
    4,
    "Отчет по задачам",
    "Дефекты, отложенные и долгие задачи за период; без параметров — за последние 30 дней",
    {"date_from": "2024-01-01", "date_to": "2024-01-31"},
    check,
    collect,
    compose,
    reads={
        "defects": ["QueryIndex", "BatchGetItem"],
        "sites": ["BatchGetItem"],
        "deferred_tasks": ["QueryIndex", "BatchGetItem"],
        "long_tasks": ["QueryIndex", "BatchGetItem", "Query"],
    },
)
