"""Template 2: the batches of a period, by work centre and shift."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Self
from uuid import UUID

from pydantic import model_validator

from chalicelib.batches import service as batches
from chalicelib.core.auth import ADMINISTRATOR
from chalicelib.core.fields import Day, Input
from chalicelib.core.validation import broken_rule
from chalicelib.reports.layouts.layout import Heading, Layout, Row, Sink, Summary, parse, ratio
from chalicelib.reports.layouts.period import shown_period
from chalicelib.reports.render import Chart, Column, Document, Facts, Percent, Table
from chalicelib.users.service import User
from chalicelib.work_centers import service as work_centers

GROUP = ("batches", "closed", "products", "aggregated")


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
    """Collect the batches as rows, and the sums of each work centre and shift as the summary."""
    period = parse(Parameters, parameters)
    selection = (period.date_from, period.date_to, period.work_center_id)
    sink.expect(batches.count_between(*selection))
    groups: dict[tuple[str, str], dict[str, int]] = {}
    titles: dict[str, str] = {}
    for batch in batches.between(*selection):
        center = titles.get(batch.work_center_id)
        if center is None:
            center = titles[batch.work_center_id] = batches.work_center_title(batch)
        total, done = int(batch.products_total), int(batch.aggregated_total)
        sink.add(
            [batch.batch_date, int(batch.batch_number), batch.nomenclature, center, batch.shift, batch.team]
            + [batch.is_closed, total, done]
        )
        sums = groups.setdefault((center, batch.shift), dict.fromkeys(GROUP, 0))
        for name, amount in zip(GROUP, (1, int(batch.is_closed), total, done), strict=True):
            sums[name] += amount
    return {
        "date_from": period.date_from.isoformat(),
        "date_to": period.date_to.isoformat(),
        "work_center": _work_center_title(period),
        "groups": [[center, shift, *sums.values()] for (center, shift), sums in sorted(groups.items())],
    }


def _work_center_title(period: Parameters) -> str | None:
    """Return identifier and name of the work centre of the parameters; None when they name none."""
    if period.work_center_id is None:
        return None
    center = work_centers.get(ADMINISTRATOR, work_center_id=period.work_center_id)
    return f"{center.identifier} {center.name}"


def compose(heading: Heading, summary: Summary, rows: Iterator[Row]) -> Document:
    """Compose the sections: totals, groups, a chart, batches."""
    start, end = date.fromisoformat(summary["date_from"]), date.fromisoformat(summary["date_to"])
    groups: list[list[Any]] = summary["groups"]
    center = summary.get("work_center")  # missing in data that an older version collected
    return Document(
        title=f"Сменный отчет за {shown_period(start, end)}" + (f", {center}" if center else ""),
        subtitle=heading.subtitle,
        created_at=heading.created_at,
        meta=heading.meta,
        sections=[_totals(groups), _groups(groups), _chart(groups), _batches(rows)],
    )


def _totals(groups: list[list[Any]]) -> Facts:
    made, closed, products, done = (sum(group[column] for group in groups) for column in (2, 3, 4, 5))
    return Facts(
        "Итоги периода",
        [
            ("Партий", made),
            ("Закрыто партий", closed),
            ("Всего продукции", products),
            ("Агрегировано", done),
            ("Осталось", products - done),
            ("Процент выполнения", Percent(ratio(done, products))),
        ],
    )


def _groups(groups: list[list[Any]]) -> Table:
    columns = [
        Column("Рабочий центр", width=2.6),
        Column("Смена", width=1.4),
        Column("Партий", "int", 0.9),
        Column("Закрыто", "int", 0.9),
        Column("Продукции", "int", 1.1),
        Column("Агрегировано", "int", 1.3),
        Column("Выполнено", "percent", 1.1),
    ]
    rows = ([*group, ratio(group[5], group[4])] for group in groups)
    return Table("По рабочим центрам и сменам", columns, rows)


def _chart(groups: list[list[Any]]) -> Chart:
    labels = [f"{center}, {shift}" for center, shift, *_ in groups]
    series = [("Всего", [float(group[4]) for group in groups]), ("Агрегировано", [float(group[5]) for group in groups])]
    return Chart("Продукция по сменам", "bar", labels, series)


def _batches(rows: Iterator[Row]) -> Table:
    columns = [
        Column("Дата", "date", 1.0),
        Column("Партия", width=1.0),
        Column("Номенклатура", width=2.2),
        Column("Рабочий центр", width=1.9),
        Column("Смена", width=1.2),
        Column("Бригада", width=1.2),
        Column("Закрыта", "bool", 0.9),
        Column("Продукции", "int", 1.1),
        Column("Агрег.", "int", 0.9),
        Column("Выполнено", "percent", 1.1),
    ]
    lines = ([date.fromisoformat(row[0]), str(row[1]), *row[2:], ratio(row[8], row[7])] for row in rows)
    return Table("Партии", columns, lines)


LAYOUT = Layout(
    2,
    "Сменный отчет",
    "Партии по рабочим центрам и сменам за период",
    {"date_from": "2024-01-01", "date_to": "2024-01-31"},
    check,
    collect,
    compose,
    reads={"batches": ["QueryIndex", "BatchGetItem"], "work_centers": ["GetItem"], "counters": ["BatchGetItem"]},
    shows_production=True,
)
