"""Template 2: the batches of a period, by work centre and shift."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Any, Self
from uuid import UUID

from pydantic import model_validator

from chalicelib.batches import service as batches
from chalicelib.core.auth import ADMINISTRATOR
from chalicelib.core.fields import Day, Input
from chalicelib.core.texts import text
from chalicelib.core.validation import broken_rule
from chalicelib.reports.layouts import axis
from chalicelib.reports.layouts.layout import Heading, Layout, Row, Sink, Summary, parse, ratio
from chalicelib.reports.layouts.period import shown_period
from chalicelib.reports.render import Chart, Column, Document, Facts, Percent, Table
from chalicelib.users.service import User
from chalicelib.work_centers import service as work_centers

CHART: dict[axis.Step, str] = {
    "day": "Продукция по дням",
    "month": "Продукция по месяцам",
    "year": "Продукция по годам",
}


class Parameters(Input):
    """The days, both included, and the work centre; without one, all work centres."""

    date_from: Day
    date_to: Day
    work_center_id: UUID | None = None

    @model_validator(mode="after")
    def _order(self) -> Self:
        if self.date_from > self.date_to:
            raise broken_rule("period", "date_from: должно быть не позже date_to")
        return self


def check(parameters: Mapping[str, Any]) -> None:
    """Raise Invalid for a wrong period, and NotFound when there is no such work centre."""
    _work_center_title(parse(Parameters, parameters))


def collect(parameters: Mapping[str, Any], sink: Sink, _owner: User | None) -> Summary:
    """Collect the batches as rows, and the sums of each day, and of each work centre and shift, as the summary."""
    period = parse(Parameters, parameters)
    selection = (period.date_from, period.date_to, period.work_center_id)
    sink.expect(batches.count_between(*selection))
    groups, days, centers = dict[tuple[str, str], list[int]](), dict[str, list[int]](), dict[str, tuple[str, str]]()

    def names(batch: Any) -> tuple[str, str]:
        if batch.work_center_id not in centers:
            centers[batch.work_center_id] = batches.work_center_names(batch)
        return centers[batch.work_center_id]

    for batch in _in_order(batches.between(*selection), names):
        code, name = names(batch)
        total, done = int(batch.products_total), int(batch.aggregated_total)
        sink.add(
            [batch.batch_date, int(batch.batch_number), batch.nomenclature, code, batch.shift, batch.team]
            + [batch.is_closed, total, done]
        )
        _add(groups.setdefault((f"{code} {name}".rstrip(), batch.shift), [0] * 4), 1, int(batch.is_closed), total, done)
        _add(days.setdefault(batch.batch_date, [0] * 2), total, done)
    return {
        "date_from": period.date_from.isoformat(),
        "date_to": period.date_to.isoformat(),
        "work_center": _work_center_title(period),
        "groups": [[center, shift, *sums] for (center, shift), sums in sorted(groups.items())],
        "days": days,
    }


def _in_order(found: Iterable[Any], names: Callable[[Any], tuple[str, str]]) -> Iterator[Any]:
    """Yield batches, which come day by day, in the order of work centre, shift and number within each day."""
    for _, of_day in groupby(found, key=attrgetter("batch_date")):
        yield from sorted(of_day, key=lambda batch: (names(batch)[0], batch.shift, int(batch.batch_number)))


def _add(sums: list[int], *amounts: int) -> None:
    for place, amount in enumerate(amounts):
        sums[place] += amount


def _work_center_title(period: Parameters) -> str | None:
    """Return identifier and name of the work centre of the parameters; None when they name none."""
    if period.work_center_id is None:
        return None
    center = work_centers.get(ADMINISTRATOR, work_center_id=period.work_center_id)
    return f"{center.identifier} {center.name}"


def compose(heading: Heading, summary: Summary, rows: Iterator[Row]) -> Document:
    """Compose the sections: totals, charts, groups, batches."""
    period = shown_period(date.fromisoformat(summary["date_from"]), date.fromisoformat(summary["date_to"]))
    groups: list[list[Any]] = summary["groups"]
    return heading.document(
        text("Сменный отчет за {period}", period=period),
        [_totals(groups), _by_day(summary), _chart(groups), _groups(groups), _batches(groups, rows)],
        {text("Период"): period, text("Рабочий центр"): summary.get("work_center") or text("все")},
        (text("Мастер"), text("Начальник смены")),
    )


def _sums(groups: list[list[Any]]) -> list[int]:
    """Return the sums of all groups: batches, closed ones, products, aggregated ones."""
    return [sum(group[column] for group in groups) for column in (2, 3, 4, 5)]


def _totals(groups: list[list[Any]]) -> Facts:
    made, closed, products, done = _sums(groups)
    return Facts(
        text("Итоги периода"),
        [
            (text("Партий"), made),
            (text("Закрыто партий"), closed),
            (text("Всего продукции"), products),
            (text("Агрегировано"), done),
            (text("Осталось"), products - done),
            (text("Процент выполнения"), Percent(ratio(done, products))),
        ],
    )


def _by_day(summary: Summary) -> Chart | None:
    days: dict[str, list[int]] = summary.get("days", {})  # missing in data that an older version collected
    if summary["date_from"] == summary["date_to"] or not days:
        return None
    names = (text("Всего продукции"), text("Агрегировано"))
    series = [(name, {day: sums[at] for day, sums in days.items()}) for at, name in enumerate(names)]
    return axis.chart(CHART, text("шт."), series, summary["date_from"], summary["date_to"])


def _chart(groups: list[list[Any]]) -> Chart | None:
    labels = [f"{shift} · {center}" for center, shift, *_ in groups]
    names = (text("Всего продукции"), text("Агрегировано"))
    series = [(name, [float(group[at]) for group in groups]) for at, name in enumerate(names, 4)]
    return Chart(text("Продукция по сменам"), "bar", labels, series, text("шт.")) if groups else None


def _groups(groups: list[list[Any]]) -> Table:
    columns = [
        Column(text("Рабочий центр")),
        Column(text("Смена")),
        Column(text("Партий"), "int"),
        Column(text("Закрыто партий"), "int"),
        Column(text("Всего продукции"), "int"),
        Column(text("Агрегировано"), "int"),
        Column(text("Процент выполнения"), "percent"),
    ]
    rows = ([*group, ratio(group[5], group[4])] for group in groups)
    sums = _sums(groups)
    totals = [text("Итого"), None, *sums, ratio(sums[3], sums[2])]
    return Table(text("По рабочим центрам и сменам"), columns, rows, totals, name="shifts", brief=True)


def _batches(groups: list[list[Any]], rows: Iterator[Row]) -> Table:
    columns = [
        Column(text("Дата"), "date"),
        Column(text("Номер партии"), "id"),
        Column(text("Номенклатура")),
        Column(text("Рабочий центр")),
        Column(text("Смена")),
        Column(text("Бригада")),
        Column(text("Закрыта"), "bool"),
        Column(text("Всего продукции"), "int"),
        Column(text("Агрегировано"), "int"),
        Column(text("Процент выполнения"), "percent"),
    ]
    lines = ([date.fromisoformat(row[0]), *row[1:], ratio(row[8], row[7])] for row in rows)
    _, _, products, done = _sums(groups)
    totals = [text("Итого"), *[None] * 6, products, done, ratio(done, products)]
    return Table(text("Список партий"), columns, lines, totals, name="batches")


LAYOUT = Layout(
    2,
    "Сменный отчет",
    "Партии по рабочим центрам и сменам за период",
    {"date_from": "2024-01-01", "date_to": "2024-01-31"},
    check,
    collect,
    compose,
    tables=("batches", "shifts"),
    reads={"batches": ["QueryIndex", "BatchGetItem"], "work_centers": ["GetItem"], "counters": ["BatchGetItem"]},
    shows_production=True,
)
