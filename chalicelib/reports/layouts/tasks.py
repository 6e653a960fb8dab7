"""Template 4: the work of a period: defects, deferred tasks and long tasks that were registered in it.

What is overdue is overdue on the day the report was made. Who sees only his own things gets the defects of his sites,
and his own tasks. The rows of all three come one after the other, each with its kind in front.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from chalicelib.core import clock
from chalicelib.core.redaction import hide_in_text
from chalicelib.defects import service as defects
from chalicelib.defects.model import OPEN, SEVERITIES, STATUSES, Defect
from chalicelib.deferred_tasks import service as deferred_tasks
from chalicelib.long_tasks import service as long_tasks
from chalicelib.reports.layouts.layout import Heading, Layout, Row, Sink, Summary, moment, read
from chalicelib.reports.layouts.period import OptionalPeriod, ends_of, shown_period
from chalicelib.reports.render import Chart, Column, Document, Facts, Section, Table
from chalicelib.sites import service as sites
from chalicelib.users.service import User

DAYS = 30  # of the period when none is named, today included
Kind = Literal["defect", "deferred", "long"]

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
    """The period, if there is one, must be one."""
    read(OptionalPeriod, parameters)


# -- collecting -----------------------------------------------------------------------------------------------------


def collect(parameters: Mapping[str, Any], sink: Sink, owner: User | None) -> Summary:
    """Defects and tasks as rows, and how many there are of each status."""
    today = clock.now().astimezone(UTC).date()
    first, last = read(OptionalPeriod, parameters).days() or (today - timedelta(days=DAYS - 1), today)
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
    pairs, places = Counter[str](), dict[str, list[Any]]()  # of a site: code, name, defects, open, overdue, closed
    for defect in found:
        if defect.site_id not in places:
            title = sites.titles([defect.site_id]).get(defect.site_id, ("—", "—"))
            places[defect.site_id] = [*title, 0, 0, 0, 0]
        place = places[defect.site_id]
        days = (today - defect.due_date).days if defect.due_date and defect.is_overdue(today) else None
        for at, counts in enumerate((True, defect.is_open, days is not None, defect.status == "closed"), 2):
            place[at] += counts
        pairs[f"{defect.status} {defect.severity}"] += 1
        due = defect.due_date.isoformat() if defect.due_date else None
        who = defect.assignee.name if defect.assignee else None
        times = [_text(defect.created_at), _text(defect.fixed_at)]
        about = [defect.number, place[0], defect.title, defect.severity, defect.status, who]
        sink.add(["defect", *about, due, days, *times])
    return {"pairs": pairs, "sites": sorted(places.values())}


def _deferred(found: Iterator[Any], sink: Sink) -> dict[str, int]:
    statuses = dict.fromkeys(DEFERRED_WORDS, 0)
    for task in found:
        statuses[task.status] += 1
        times = [_text(task.created_at), _text(task.execute_at), _text(task.completed_at)]
        error = _shown(task.error_message)
        sink.add(["deferred", task.number, task.task_type, task.status, task.attempts, *times, error])
    return statuses


def _long(found: Iterator[Any], sink: Sink) -> dict[str, int]:
    statuses = dict.fromkeys(LONG_WORDS, 0)
    for task in found:
        statuses[task.status] += 1
        times = [_text(task.created_at), _text(task.ended_at)]
        sink.add(["long", task.number, _shown(task.text), task.status, *times, _shown(task.error)])
    return statuses


def _shown(text: str | None) -> str | None:
    """A text of a task as everybody may read it: a report is passed on."""
    return hide_in_text(text) if text else None


def _text(at: datetime | None) -> str | None:
    return clock.to_json(at) if at else None


# -- the document ---------------------------------------------------------------------------------------------------


class _Parts:
    """Rows of several kinds as one iterator for each kind, to be read in the order in which they come."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self._rows = rows
        self._held: Row | None = None

    def of(self, kind: Kind) -> Iterator[Row]:
        """The rows of a kind, without it."""
        while (row := self._held or next(self._rows, None)) is not None:
            self._held = None if row[0] == kind else row
            if self._held is not None:
                return
            yield row[1:]


def document(heading: Heading, summary: Summary, rows: Iterator[Row]) -> Document:
    """Defects, deferred tasks, long tasks: the figures of each, then the list."""
    first, last = date.fromisoformat(summary["date_from"]), date.fromisoformat(summary["date_to"])
    whose = {"Данные": f"только пользователя {summary['owner']}"} if summary["owner"] else {}
    parts = _Parts(rows)
    return Document(
        title=f"Отчет по задачам за {shown_period(first, last)}",
        subtitle=heading.subtitle,
        created_at=heading.created_at,
        meta={**heading.meta, **whose},
        sections=[
            *_about_defects(summary["defects"]),
            _defect_table(parts.of("defect")),
            _statuses("Отложенные задачи", summary["deferred"], DEFERRED_WORDS),
            _deferred_table(parts.of("deferred")),
            _statuses("Долгие задачи", summary["long"], LONG_WORDS),
            _long_table(parts.of("long")),
        ],
    )


def _about_defects(found: Mapping[str, Any]) -> list[Section]:
    pairs: Mapping[str, int] = found["pairs"]
    by_status = {status: [pairs.get(f"{status} {severity}", 0) for severity in SEVERITIES] for status in STATUSES}
    sums = {status: sum(amounts) for status, amounts in by_status.items()}
    facts: list[tuple[str, object]] = [
        ("Всего", sum(sums.values())),
        ("Открыто", sum(sums[status] for status in OPEN)),
        ("Просрочено", sum(place[4] for place in found["sites"])),
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


def _site_table(places: list[list[Any]]) -> Table:
    columns = [
        Column("Код", width=1.4),
        Column("Объект", width=3.4),
        Column("Дефектов", "int"),
        Column("Открыто", "int"),
        Column("Просрочено", "int"),
        Column("Закрыто", "int"),
    ]
    return Table("Дефекты по объектам", columns, places)


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
        + [date.fromisoformat(due) if due else None, days, moment(created), moment(fixed)]
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
        [str(number), kind, DEFERRED_WORDS[status], attempts, *map(moment, times), error]
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
        [str(number), text, LONG_WORDS[status], *map(moment, times), error]
        for number, text, status, *times, error in rows
    )
    return Table("Список долгих задач", columns, lines)


LAYOUT = Layout(
    "Отчет по задачам",
    "Дефекты, отложенные и долгие задачи за период; без параметров — за последние 30 дней",
    {"date_from": "2024-01-01", "date_to": "2024-01-31"},
    check,
    collect,
    document,
)
