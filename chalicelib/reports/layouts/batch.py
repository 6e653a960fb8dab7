"""Template 3: a batch with its products.

"Средняя скорость" is aggregated products per hour of the planned shift. It cannot be computed from the times of
aggregation, because a batch that is aggregated at once has a single one.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from chalicelib.batches import service as batches
from chalicelib.core import clock
from chalicelib.core.fields import Input
from chalicelib.reports.layouts.layout import Heading, Layout, Row, Sink, Summary, instant, parse, ratio
from chalicelib.reports.render import Chart, Column, Document, Facts, Percent, Section, Table
from chalicelib.users.service import User

MAX_HOURS = 48  # bars of the chart by hours; with more hours the chart is by days


class Parameters(Input):
    """The batch of the report."""

    batch_id: UUID


def check(parameters: Mapping[str, Any]) -> None:
    """Raise NotFound when there is no such batch."""
    batches.get_item(str(parse(Parameters, parameters).batch_id))


def collect(parameters: Mapping[str, Any], sink: Sink, _owner: User | None) -> Summary:
    """Collect the batch and its statistics as the summary, and its products as rows."""
    batch = batches.get_item(str(parse(Parameters, parameters).batch_id))
    sink.expect(int(batch.products_total))
    total, done, hours = 0, 0, Counter[str]()
    for product in batches.products_of(batch):
        when = clock.to_json(product.aggregated_at) if product.aggregated_at else None
        sink.add([str(product.uuid), product.unique_code, product.is_aggregated, when])
        total += 1
        done += product.is_aggregated
        if when:
            hours[when[:13]] += 1
    return {
        "batch": {name: getattr(batch, name) for name in BATCH_FIELDS} | {"batch_number": int(batch.batch_number)},
        "work_center": batches.work_center_title(batch),
        "total": total,
        "done": done,
        "hours": dict(sorted(hours.items())) if len(hours) <= MAX_HOURS else None,
        "days": dict(sorted(_by_day(hours).items())),
    }


BATCH_FIELDS = (
    "batch_date", "nomenclature", "ekn_code", "shift", "team", "task_description", "shift_start", "shift_end",
    "is_closed", "closed_at",
)  # fmt: skip


def compose(heading: Heading, summary: Summary, rows: Iterator[Row]) -> Document:
    """Compose the sections: information, products, statistics, charts."""
    batch = summary["batch"]
    day = date.fromisoformat(batch["batch_date"])
    return Document(
        title=f"Отчет о партии {batch['batch_number']} от {day:%d.%m.%Y}",
        subtitle=heading.subtitle,
        created_at=heading.created_at,
        meta=heading.meta,
        sections=[_information(summary, day), _products(rows), _statistics(summary), *_charts(summary)],
    )


def _information(summary: Summary, day: date) -> Facts:
    batch = summary["batch"]
    return Facts(
        "Информация о партии",
        [
            ("Номер партии", str(batch["batch_number"])),
            ("Дата партии", day),
            ("Номенклатура", batch["nomenclature"]),
            ("Код ЕКН", batch["ekn_code"]),
            ("Смена", batch["shift"]),
            ("Бригада", batch["team"]),
            ("Рабочий центр", summary["work_center"]),
            ("Описание задачи", batch["task_description"]),
            ("Начало смены", instant(batch["shift_start"])),
            ("Конец смены", instant(batch["shift_end"])),
            ("Статус", "Закрыта" if batch["is_closed"] else "Открыта"),
            ("Дата закрытия", instant(batch["closed_at"])),
        ],
    )


def _products(rows: Iterator[Row]) -> Table:
    columns = [
        Column("ID", width=2.6),
        Column("Уникальный код", width=2.2),
        Column("Агрегирована", "bool", 1.1),
        Column("Дата агрегации", "datetime", 1.3),
    ]
    return Table("Продукция", columns, ([*row[:3], instant(row[3])] for row in rows))


def _statistics(summary: Summary) -> Facts:
    total, done, batch = summary["total"], summary["done"], summary["batch"]
    start, end = clock.from_text(batch["shift_start"]), clock.from_text(batch["shift_end"])
    return Facts(
        "Статистика",
        [
            ("Всего продукции", total),
            ("Агрегировано", done),
            ("Осталось", total - done),
            ("Процент выполнения", Percent(ratio(done, total))),
            ("Средняя скорость продуктов/час", _rate_per_hour(done, start, end)),
        ],
    )


def _rate_per_hour(count: int, start: datetime, end: datetime) -> Decimal:
    """Return how many there are per hour of a period, with two decimals; 0 for an empty period."""
    seconds = Decimal((end - start).total_seconds())
    return (Decimal(count * 3600) / seconds if seconds > 0 else Decimal(0)).quantize(Decimal("0.01"))


def _charts(summary: Summary) -> list[Section]:
    total, done = summary["total"], summary["done"]
    shares = [("Продукты", [float(done), float(total - done)])]
    charts: list[Section] = [Chart("Состав партии", "pie", ["Агрегировано", "Осталось"], shares)]
    by_hour = summary["hours"]
    counts = by_hour if by_hour is not None else summary["days"]
    if counts:
        labels = [f"{text[8:10]}.{text[5:7]}" + (f" {text[11:13]}:00" if len(text) > 10 else "") for text in counts]
        title = "Агрегация по часам" if by_hour is not None else "Агрегация по дням"
        charts.append(Chart(title, "bar", labels, [("Продукты", [float(count) for count in counts.values()])]))
    return charts


def _by_day(hours: Counter[str]) -> Counter[str]:
    days = Counter[str]()
    for hour, count in hours.items():
        days[hour[:10]] += count
    return days


LAYOUT = Layout(
    3,
    "Отчет по партии",
    "Информация о партии, ее продукция и статистика выполнения",
    {"batch_id": "UUID партии"},
    check,
    collect,
    compose,
    reads={"batches": ["GetItem"], "work_centers": ["GetItem"], "products": ["Query"]},
    shows_production=True,
)
