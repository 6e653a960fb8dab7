"""Template 4: the defects, deferred tasks and long tasks that were created in a period.

A defect is overdue when its due date is before the day on which the data was collected. The report of an owner shows
the defects of the sites where the owner is the customer, and the owner's own tasks. The rows of the three kinds follow
each other; the first value of a row is its kind.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Literal

from chalicelib.core import clock
from chalicelib.core.redaction import mask_text
from chalicelib.core.texts import text
from chalicelib.defects import service as defects
from chalicelib.defects.model import OPEN, SEVERITIES, STATUSES, Defect, Status
from chalicelib.deferred_tasks import service as deferred_tasks
from chalicelib.long_tasks import service as long_tasks
from chalicelib.reports.layouts import task_lists as lists
from chalicelib.reports.layouts import words
from chalicelib.reports.layouts.layout import Heading, Layout, Row, Sink, Summary, parse, zone_of
from chalicelib.reports.layouts.period import OptionalPeriod, ends_of, shown_period
from chalicelib.reports.render import Chart, Column, Document, Facts, Section, Table
from chalicelib.sites import service as sites
from chalicelib.users.service import User

DEFAULT_DAYS = 30  # of the period when the parameters name none, today included
RowKind = Literal["defect", "deferred", "long"]


def check(parameters: Mapping[str, Any]) -> None:
    """Raise Invalid for a wrong period."""
    parse(OptionalPeriod, parameters)


# -- collecting -----------------------------------------------------------------------------------------------------


def collect(parameters: Mapping[str, Any], sink: Sink, owner: User | None) -> Summary:
    """Collect defects and tasks as rows, and how many of them have each status as the summary."""
    zone = zone_of(parameters)
    today = clock.now().astimezone(zone).date()
    first, last = parse(OptionalPeriod, parameters).days() or (today - timedelta(days=DEFAULT_DAYS - 1), today)
    start, end = ends_of(first, last, zone)
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
        times = [_time(defect.created_at), _time(defect.fixed_at)]
        row = [defect.number, figures[0], defect.title, defect.severity, defect.status, assignee]
        sink.add(["defect", *row, due, days, *times])
    return {"pairs": pairs, "sites": sorted(by_site.values())}


def _deferred(found: Iterator[Any], sink: Sink) -> dict[str, int]:
    statuses = dict.fromkeys(words.DEFERRED, 0)
    for task in found:
        statuses[task.status] += 1
        times = [_time(task.created_at), _time(task.execute_at), _time(task.completed_at)]
        error = _redacted(task.error_message)
        sink.add(["deferred", task.number, task.task_type, task.status, task.attempts, *times, error])
    return statuses


def _long(found: Iterator[Any], sink: Sink) -> dict[str, int]:
    statuses = dict.fromkeys(words.LONG, 0)
    for task in found:
        statuses[task.status] += 1
        times = [_time(task.created_at), _time(task.ended_at)]
        sink.add(["long", task.number, _redacted(task.text), task.status, *times, _redacted(task.error)])
    return statuses


def _redacted(written: str | None) -> str | None:
    """Return a text of a task with its secrets hidden, because reports are passed on to others."""
    return mask_text(written) if written else None


def _time(at: datetime | None) -> str | None:
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
    """Compose the sections: the figures of defects, deferred tasks and long tasks, then the three lists."""
    period = shown_period(date.fromisoformat(summary["date_from"]), date.fromisoformat(summary["date_to"]))
    by_kind = _RowsByKind(rows)
    return heading.document(
        text("Отчет по задачам за {period}", period=period),
        [
            _defect_facts(summary["defects"]),
            _statuses(text("Отложенные задачи"), summary["deferred"], words.DEFERRED),
            _statuses(text("Долгие задачи"), summary["long"], words.LONG),
            *_defect_tables(summary["defects"]),
            lists.defects(by_kind.rows_of("defect")),
            lists.deferred(by_kind.rows_of("deferred")),
            lists.long(by_kind.rows_of("long")),
        ],
        {text("Период"): period, text("Данные"): summary["owner"] or text("всех пользователей")},
    )


def _by_status(found: Mapping[str, Any]) -> dict[Status, list[int]]:
    """Return how many defects have each status, by severity."""
    pairs: Mapping[str, int] = found["pairs"]
    return {status: [pairs.get(f"{status} {severity}", 0) for severity in SEVERITIES] for status in STATUSES}


def _defect_facts(found: Mapping[str, Any]) -> Facts:
    sums = {status: sum(amounts) for status, amounts in _by_status(found).items()}
    return Facts(
        text("Дефекты"),
        [
            (text("Всего"), sum(sums.values())),
            (text("Открыто"), sum(sums[status] for status in OPEN)),
            (text("Просрочено"), sum(figures[4] for figures in found["sites"])),
            (text("Исправлено"), sums["fixed"] + sums["verified"]),
            (text("Закрыто"), sums["closed"]),
            (text("Отклонено"), sums["rejected"]),
        ],
    )


def _defect_tables(found: Mapping[str, Any]) -> list[Section | None]:
    by_status = _by_status(found)
    labels = [text(words.STATUS[status]) for status in STATUSES]
    series = [(text("Дефекты"), [float(sum(by_status[status])) for status in STATUSES])]
    chart = Chart(text("Дефекты по статусам"), "bar", labels, series, text("шт."))
    return [chart if found["sites"] else None, _severity_table(by_status), _site_table(found["sites"])]


def _severity_table(by_status: Mapping[Status, list[int]]) -> Table:
    severities = [Column(text(words.SEVERITY[severity]), "int") for severity in SEVERITIES]
    columns = [Column(text("Статус")), Column(text("Всего"), "int"), *severities]
    rows = [[text(words.STATUS[status]), sum(amounts), *amounts] for status, amounts in by_status.items()]
    sums = [sum(column) for column in zip(*by_status.values(), strict=True)]
    return Table(
        text("Дефекты по серьезности"),
        columns,
        rows,
        [text("Итого"), sum(sums), *sums],
        name="defects_by_severity",
        brief=True,
    )


def _site_table(by_site: list[list[Any]]) -> Table:
    columns = [
        Column(text("Код")),
        Column(text("Объект")),
        Column(text("Дефектов"), "int"),
        Column(text("Открыто"), "int"),
        Column(text("Просрочено"), "int"),
        Column(text("Закрыто"), "int"),
    ]
    sums = [sum(site[column] for site in by_site) for column in range(2, 6)]
    return Table(
        text("Дефекты по объектам"), columns, by_site, [text("Итого"), None, *sums], name="defects_by_site", brief=True
    )


def _statuses(title: str, amounts: Mapping[str, int], words_of: Mapping[str, str]) -> Facts:
    total: list[tuple[str, object]] = [(text("Всего"), sum(amounts.values()))]
    return Facts(title, [*total, *((text(word), amounts[status]) for status, word in words_of.items())])


LAYOUT = Layout(
    4,
    "Отчет по задачам",
    "Дефекты, отложенные и долгие задачи за период; без параметров — за последние 30 дней",
    {"date_from": "2024-01-01", "date_to": "2024-01-31"},
    check,
    collect,
    compose,
    tables=("defects", "deferred_tasks", "long_tasks", "defects_by_severity", "defects_by_site"),
    reads={
        "defects": ["QueryIndex", "BatchGetItem"],
        "sites": ["BatchGetItem"],
        "deferred_tasks": ["QueryIndex", "BatchGetItem"],
        "long_tasks": ["QueryIndex", "BatchGetItem", "Query"],
    },
)
