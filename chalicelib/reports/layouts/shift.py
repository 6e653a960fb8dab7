"""Template 2: the batches of a period, by work centre and shift."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Self
from uuid import UUID

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from chalicelib.batches import service as batches
from chalicelib.core.auth import ADMINISTRATOR
from chalicelib.core.fields import Day, Input
from chalicelib.reports.layouts.layout import Heading, Layout, Row, Sink, Summary, read
from chalicelib.reports.render import Chart, Column, Document, Facts, Percent, Table
from chalicelib.users.service import User
from chalicelib.work_centers import service as work_centers

GROUP = ("batches", "closed", "products", "aggregated")


class Parameters(Input):
    """Which days, both included, and which work centre; all of them when none is named."""

    date_from: Day
    date_to: Day
    work_center_id: UUID | None = None

    @model_validator(mode="after")
    def _order(self) -> Self:
        if self.date_from > self.date_to:
            raise PydanticCustomError("period", "date_from: должно быть не позже date_to")
        return self


def check(parameters: Mapping[str, Any]) -> None:
    """The period must be one, the work centre must exist."""
    _center_of(read(Parameters, parameters))


def collect(parameters: Mapping[str, Any], sink: Sink, _owner: User | None) -> Summary:
    """Batches as rows, and the sums of each work centre and shift."""
    period = read(Parameters, parameters)
    wanted = (period.date_from, period.date_to, period.work_center_id)
    sink.expect(batches.count_between(*wanted))
    groups: dict[tuple[str, str], dict[str, int]] = {}
    titles: dict[str, str] = {}
    for batch in batches.between(*wanted):
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
        "work_center": _center_of(period),
        "groups": [[center, shift, *sums.values()] for (center, shift), sums in sorted(groups.items())],
    }


def _center_of(period: Parameters) -> str | None:
    """The name of the one work centre that is asked for, if one is."""
    if period.work_center_id is None:
        return None
    center = work_centers.get(ADMINISTRATOR, work_center_id=period.work_center_id)
    return f"{center.identifier} {center.name}"


def document(heading: Heading, summary: Summary, rows: Iterator[Row]) -> Document:
    """Totals, groups, a chart, batches."""
    start, end = date.fromisoformat(summary["date_from"]), date.fromisoformat(summary["date_to"])
    period = f"{start:%d.%m.%Y}" if start == end else f"{start:%d.%m.%Y}–{end:%d.%m.%Y}"
    groups: list[list[Any]] = summary["groups"]
    center = summary.get("work_center")  # reports that were collected before there was one have none
    return Document(
        title=f"Сменный отчет за {period}" + (f", {center}" if center else ""),
        subtitle=heading.subtitle,
        created_at=heading.created_at,
        meta=heading.meta,
        sections=[_totals(groups), _groups(groups), _chart(groups), _batches(rows)],
    )


def _share(done: int, total: int) -> float:
    return done / total if total else 0.0


def _totals(groups: list[list[Any]]) -> Facts:
    made, closed, products, done = (sum(group[place] for group in groups) for place in (2, 3, 4, 5))
    return Facts(
        "Итоги периода",
        [
            ("Партий", made),
            ("Закрыто партий", closed),
            ("Всего продукции", products),
            ("Агрегировано", done),
            ("Осталось", products - done),
            ("Процент выполнения", Percent(_share(done, products))),
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
    rows = ([*group, _share(group[5], group[4])] for group in groups)
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
    lines = ([date.fromisoformat(row[0]), str(row[1]), *row[2:], _share(row[8], row[7])] for row in rows)
    return Table("Партии", columns, lines)


LAYOUT = Layout(
    "Сменный отчет",
    "Партии по рабочим центрам и сменам за период",
    {"date_from": "2024-01-01", "date_to": "2024-01-31"},
    check,
    collect,
    document,
)
