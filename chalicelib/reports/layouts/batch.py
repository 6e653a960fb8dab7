"""Template 3: a batch with its products.

"Средняя скорость" is aggregated products per hour of the planned shift. It cannot be computed from the times of
aggregation, because a batch that is aggregated at once has a single one.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from chalicelib.batches import service as batches
from chalicelib.core import clock
from chalicelib.core.fields import Input
from chalicelib.core.texts import text
from chalicelib.reports.layouts import axis
from chalicelib.reports.layouts.layout import Heading, Layout, Row, Sink, Summary, instant, parse, ratio, zone_of
from chalicelib.reports.render import Chart, Column, Document, Facts, Id, Percent, Table
from chalicelib.reports.render.values import day_text
from chalicelib.users.service import User

CHART: dict[axis.Step, str] = {
    "hour": "Агрегация по часам",
    "day": "Агрегация по дням",
    "month": "Агрегация по месяцам",
    "year": "Агрегация по годам",
}


class Parameters(Input):
    """The batch of the report."""

    batch_id: UUID


def check(parameters: Mapping[str, Any]) -> None:
    """Raise NotFound when there is no such batch."""
    batches.get_item(str(parse(Parameters, parameters).batch_id))


def collect(parameters: Mapping[str, Any], sink: Sink, _owner: User | None) -> Summary:
    """Collect the batch and its statistics as the summary, and its products as rows."""
    batch, zone = batches.get_item(str(parse(Parameters, parameters).batch_id)), zone_of(parameters)
    sink.expect(int(batch.products_total))
    total, done, hours = 0, 0, Counter[str]()
    for product in batches.products_of(batch):
        at = product.aggregated_at
        sink.add([str(product.uuid), product.unique_code, product.is_aggregated, clock.to_json(at) if at else None])
        total += 1
        done += product.is_aggregated
        if at:
            hours[at.astimezone(zone).isoformat()[:13]] += 1
    return {
        "batch": {name: getattr(batch, name) for name in BATCH_FIELDS} | {"batch_number": int(batch.batch_number)},
        "work_center": batches.work_center_title(batch),
        "total": total,
        "done": done,
        "hours": dict(sorted(hours.items())),
        "shift": [clock.from_text(at).astimezone(zone).isoformat()[:13] for at in (batch.shift_start, batch.shift_end)],
    }


BATCH_FIELDS = (
    "batch_date", "nomenclature", "ekn_code", "shift", "team", "task_description", "shift_start", "shift_end",
    "is_closed", "closed_at",
)  # fmt: skip


def compose(heading: Heading, summary: Summary, rows: Iterator[Row]) -> Document:
    """Compose the sections: information, statistics, charts, products."""
    batch = summary["batch"]
    day = date.fromisoformat(batch["batch_date"])
    return heading.document(
        text("Отчет о партии {number} от {day}", number=batch["batch_number"], day=day_text(day)),
        [_information(summary, day), _statistics(summary), *_charts(summary), _products(rows)],
        signatures=(text("Мастер"), text("Начальник смены")),
    )


def _information(summary: Summary, day: date) -> Facts:
    batch = summary["batch"]
    return Facts(
        text("Информация о партии"),
        [
            (text("Номер партии"), Id(batch["batch_number"])),
            (text("Дата партии"), day),
            (text("Номенклатура"), batch["nomenclature"]),
            (text("Код ЕКН"), batch["ekn_code"]),
            (text("Смена"), batch["shift"]),
            (text("Бригада"), batch["team"]),
            (text("Рабочий центр"), summary["work_center"]),
            (text("Описание задачи"), batch["task_description"]),
            (text("Начало смены"), instant(batch["shift_start"])),
            (text("Конец смены"), instant(batch["shift_end"])),
            (text("Статус"), text("Закрыта") if batch["is_closed"] else text("Открыта")),
            (text("Дата закрытия"), instant(batch["closed_at"])),
        ],
    )


def _products(rows: Iterator[Row]) -> Table:
    columns = [
        Column(text("ID"), "uuid"),
        Column(text("Уникальный код")),
        Column(text("Агрегирована"), "bool"),
        Column(text("Дата агрегации"), "datetime"),
    ]
    return Table(text("Продукция"), columns, ([*row[:3], instant(row[3])] for row in rows), name="products")


def _statistics(summary: Summary) -> Facts:
    total, done, batch = summary["total"], summary["done"], summary["batch"]
    start, end = clock.from_text(batch["shift_start"]), clock.from_text(batch["shift_end"])
    return Facts(
        text("Статистика"),
        [
            (text("Всего продукции"), total),
            (text("Агрегировано"), done),
            (text("Осталось"), total - done),
            (text("Процент выполнения"), Percent(ratio(done, total))),
            (text("Средняя скорость продуктов/час"), _rate_per_hour(done, start, end)),
        ],
    )


def _rate_per_hour(count: int, start: datetime, end: datetime) -> Decimal:
    """Return how many there are per hour of a period, with two decimals; 0 for an empty period."""
    seconds = Decimal((end - start).total_seconds())
    return (Decimal(count * 3600) / seconds if seconds > 0 else Decimal(0)).quantize(Decimal("0.01"))


def _charts(summary: Summary) -> list[Chart | None]:
    total, done = summary["total"], summary["done"]
    shares, name = [float(done), float(total - done)], text("Продукция")
    parts = Chart(text("Состав партии"), "pie", [text("Агрегировано"), text("Осталось")], [(name, shares)], text("шт."))
    hours: dict[str, float] = summary["hours"] or {}  # null for many hours in data that an older version collected
    if not hours:
        return [parts]
    first, last = _axis(summary, hours)
    return [parts, axis.chart(CHART, text("шт."), [(name, hours)], first, last)]


def _axis(summary: Summary, hours: Collection[str]) -> tuple[str, str]:
    """Return the first and last hour of the chart: of shift and aggregation, or of the latter if they are far apart."""
    both = [*hours, *summary.get("shift", [])]  # missing in data that an older version collected
    first, last = min(both), max(both)
    return (first, last) if axis.fits("hour", first, last) else (min(hours), max(hours))


LAYOUT = Layout(
    3,
    "Отчет по партии",
    "Информация о партии, ее продукция и статистика выполнения",
    {"batch_id": "UUID партии"},
    check,
    collect,
    compose,
    tables=("products",),
    reads={"batches": ["GetItem"], "work_centers": ["GetItem"], "products": ["Query"]},
    shows_production=True,
)
