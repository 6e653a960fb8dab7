"""Template 1: the orders of a period, by status and by product.

Cancelled orders are shown by status and in the list, and do not count as sales. Amounts are in kopecks until the
document is composed. Days are UTC days.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

from chalicelib.orders import service as orders
from chalicelib.orders.model import STATUS_NAMES, STATUSES
from chalicelib.reports.layouts.layout import Heading, Layout, Row, Sink, Summary, instant, parse
from chalicelib.reports.layouts.period import Period, ends_of, shown_period
from chalicelib.reports.render import Chart, Column, Document, Facts, Section, Table
from chalicelib.users import service as users
from chalicelib.users.service import User

MAX_PRODUCTS = 100  # rows of the table by product; the other products are summed up in one row
MAX_DAYS, MAX_MONTHS = 62, 48  # bars of the chart; a longer period is shown by months, then by years
ORDERS_PER_READ = 100  # orders whose users are read in one request


class _Sums:
    """The sums of the orders that are added one by one."""

    def __init__(self) -> None:
        self.statuses: dict[str, list[int]] = {status: [0, 0] for status in STATUSES}  # orders, kopecks
        self.products: dict[str, list[int]] = {}  # product -> orders, pieces, kopecks
        self.days = Counter[str]()

    def add(self, order: Any) -> int:
        """Add an order to the sums; returns how many pieces it has."""
        kopecks, pieces = int(order.total_kopecks), 0
        self.statuses[order.status][0] += 1
        self.statuses[order.status][1] += kopecks
        lines = orders.lines_of(order)
        if order.status != "cancelled":
            self.days[order.created_at[:10]] += kopecks
        seen: set[str] = set()
        for line in lines:
            pieces += line.quantity
            if order.status != "cancelled":
                sums = self.products.setdefault(line.product, [0, 0, 0])
                sums[0] += line.product not in seen
                sums[1] += line.quantity
                sums[2] += int(line.amount.scaleb(2))
                seen.add(line.product)
        return pieces

    def top(self) -> list[list[Any]]:
        """Return the products with the largest amounts, then one row for all others."""
        ranked = sorted(self.products.items(), key=lambda item: (-item[1][2], item[0]))
        shown: list[list[Any]] = [[name, *sums] for name, sums in ranked[:MAX_PRODUCTS]]
        if rest := [sums for _, sums in ranked[MAX_PRODUCTS:]]:
            shown.append([f"Прочие товары: {len(rest)}", None, *(sum(sums[at] for sums in rest) for at in (1, 2))])
        return shown


def check(parameters: Mapping[str, Any]) -> None:
    """Raise Invalid for a wrong period."""
    parse(Period, parameters)


def collect(parameters: Mapping[str, Any], sink: Sink, owner: User | None) -> Summary:
    """Collect the orders as rows, and their sums by status, product and day as the summary."""
    first, last = parse(Period, parameters).first_and_last
    start, end = ends_of(first, last)
    user_id = owner.id if owner else None
    sink.expect(orders.count_between(start, end, user_id))
    sums, names, found = _Sums(), dict[str, str](), orders.between(start, end, user_id)
    while chunk := list(islice(found, ORDERS_PER_READ)):
        names |= users.names({order.user_id for order in chunk} - names.keys())
        for order in chunk:
            pieces, customer = sums.add(order), names.get(order.user_id, "—")
            sink.add([order.created_at, order.uuid, customer, order.status, pieces, int(order.total_kopecks)])
    return {
        "date_from": first.isoformat(),
        "date_to": last.isoformat(),
        "customer": owner.name if owner else None,
        "statuses": sums.statuses,
        "products": sums.top(),
        "days": dict(sorted(sums.days.items())),
    }


def compose(heading: Heading, summary: Summary, rows: Iterator[Row]) -> Document:
    """Compose the sections: totals, statuses, charts, products, orders."""
    period = _period(summary)
    scope = {"Заказы": f"только пользователя {summary['customer']}"} if summary["customer"] else {}
    return Document(
        title=f"Отчет по продажам за {period}",
        subtitle=heading.subtitle,
        created_at=heading.created_at,
        meta={**heading.meta, **scope},
        sections=[_totals(summary), _statuses(summary), *_charts(summary), _products(summary), _orders(rows)],
    )


def _period(summary: Summary) -> str:
    return shown_period(date.fromisoformat(summary["date_from"]), date.fromisoformat(summary["date_to"]))


def _roubles(kopecks: int) -> Decimal:
    return Decimal(kopecks).scaleb(-2)


def _totals(summary: Summary) -> Facts:
    made, cancelled = sum(count for count, _ in summary["statuses"].values()), summary["statuses"]["cancelled"][0]
    sold = sum(kopecks for status, (_, kopecks) in summary["statuses"].items() if status != "cancelled")
    average = Decimal(sold) / (made - cancelled) / 100 if made > cancelled else Decimal(0)
    return Facts(
        "Итоги периода",
        [
            ("Период", _period(summary)),
            ("Заказов", made),
            ("Выполнено", summary["statuses"]["completed"][0]),
            ("Отменено", cancelled),
            ("Сумма продаж, руб.", _roubles(sold)),
            ("Средний заказ, руб.", average.quantize(Decimal("0.01"))),
        ],
    )


def _statuses(summary: Summary) -> Table:
    columns = [Column("Статус", width=2.0), Column("Заказов", "int"), Column("Сумма, руб.", "number", 1.4)]
    rows = [[STATUS_NAMES[status], *_count_and_amount(summary["statuses"][status])] for status in STATUSES]
    return Table("По статусам", columns, rows)


def _count_and_amount(sums: list[int]) -> list[object]:
    return [sums[0], _roubles(sums[1])]


def _products(summary: Summary) -> Table:
    columns = [
        Column("Товар", width=3.6),
        Column("Заказов", "int", 0.9),
        Column("Количество", "int", 1.1),
        Column("Сумма, руб.", "number", 1.4),
    ]
    rows = ([name, made, pieces, _roubles(kopecks)] for name, made, pieces, kopecks in summary["products"])
    return Table("По товарам (без отмененных заказов)", columns, rows)


def _charts(summary: Summary) -> list[Section]:
    counts = [float(summary["statuses"][status][0]) for status in STATUSES]
    charts: list[Section] = []
    if any(counts):
        charts.append(Chart("Заказы по статусам", "pie", [STATUS_NAMES[s] for s in STATUSES], [("Заказы", counts)]))
    if summary["days"]:
        title, bars = _bars(summary["days"])
        series = [("Сумма, руб.", [kopecks / 100 for kopecks in bars.values()])]
        charts.append(Chart(title, "bar", list(bars), series))
    return charts


def _bars(days: dict[str, int]) -> tuple[str, dict[str, int]]:
    """Return the title and the bars: sales by day, month or year, with zeros where nothing was sold."""
    first, last = date.fromisoformat(min(days)), date.fromisoformat(max(days))
    days_between = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    title, pattern = "Продажи по годам", "%Y"
    if len(days_between) <= MAX_DAYS:
        title, pattern = "Продажи по дням", "%d.%m"
    elif len(days_between) <= MAX_MONTHS * 30:
        title, pattern = "Продажи по месяцам", "%m.%Y"
    bars: dict[str, int] = {}
    for day in days_between:
        label = day.strftime(pattern)
        bars[label] = bars.get(label, 0) + days.get(day.isoformat(), 0)
    return title, bars


def _orders(rows: Iterator[Row]) -> Table:
    columns = [
        Column("Создан", "datetime", 1.4),
        Column("Заказ", width=3.4),
        Column("Клиент", width=1.7),
        Column("Статус", width=1.1),
        Column("Штук", "int", 0.7),
        Column("Сумма, руб.", "number", 1.2),
    ]
    lines = ([instant(row[0]), row[1], row[2], STATUS_NAMES[row[3]], row[4], _roubles(row[5])] for row in rows)
    return Table("Заказы", columns, lines)


LAYOUT = Layout(
    1,
    "Отчет по продажам",
    "Заказы за период: по статусам, товарам и дням",
    {"period": "2024-01"},
    check,
    collect,
    compose,
    reads={"orders": ["QueryIndex", "BatchGetItem"], "users": ["BatchGetItem"]},
)
