"""Template 1: the orders of a period, by status and by product.

Cancelled orders are shown by status and in the list, and do not count as sales. Amounts are in kopecks until the
document is composed. Days are those of the report's time zone.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, tzinfo
from decimal import Decimal
from itertools import islice
from typing import Any

from chalicelib.core import clock
from chalicelib.core.texts import text
from chalicelib.orders import service as orders
from chalicelib.orders.model import STATUS_NAMES, STATUSES
from chalicelib.reports.layouts import axis
from chalicelib.reports.layouts.layout import Heading, Layout, Row, Sink, Summary, instant, parse, zone_of
from chalicelib.reports.layouts.period import Period, ends_of, shown_period
from chalicelib.reports.render import Chart, Column, Document, Facts, Table
from chalicelib.users import service as users
from chalicelib.users.service import User

MAX_PRODUCTS = 100  # rows of the table by product; the other products are summed up in one row
ORDERS_PER_READ = 100  # orders whose users are read in one request
CHART: dict[axis.Step, str] = {
    "day": "Продажи по дням",
    "month": "Продажи по месяцам",
    "year": "Продажи по годам",
}


class _Sums:
    """The sums of the orders that are added one by one."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
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
            day = clock.from_text(order.created_at).astimezone(self._zone).date()
            self.days[day.isoformat()] += kopecks
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
        """Return the products with the largest amounts: name, orders, pieces, kopecks. A last row without a name has
        the sums of all others, with their number in place of the orders, because an order may have several of them.
        """
        ranked = sorted(self.products.items(), key=lambda item: (-item[1][2], item[0]))
        shown: list[list[Any]] = [[name, *sums] for name, sums in ranked[:MAX_PRODUCTS]]
        if rest := [sums for _, sums in ranked[MAX_PRODUCTS:]]:
            shown.append([None, len(rest), *(sum(sums[at] for sums in rest) for at in (1, 2))])
        return shown


def check(parameters: Mapping[str, Any]) -> None:
    """Raise Invalid for a wrong period."""
    parse(Period, parameters)


def collect(parameters: Mapping[str, Any], sink: Sink, owner: User | None) -> Summary:
    """Collect the orders as rows, and their sums by status, product and day as the summary."""
    first, last = parse(Period, parameters).first_and_last
    zone = zone_of(parameters)
    start, end = ends_of(first, last, zone)
    user_id = owner.id if owner else None
    sink.expect(orders.count_between(start, end, user_id))
    sums, names, found = _Sums(zone), dict[str, str](), orders.between(start, end, user_id)
    while chunk := list(islice(found, ORDERS_PER_READ)):
        names |= users.names({order.user_id for order in chunk} - names.keys())
        for order in chunk:
            pieces, customer = sums.add(order), names.get(order.user_id)
            sink.add([order.created_at, order.uuid, customer, order.status, pieces, int(order.total_kopecks)])
    today = clock.now().astimezone(zone).date()
    return {
        "date_from": first.isoformat(),
        "date_to": last.isoformat(),
        "last_day": max(first, min(last, today)).isoformat(),
        "customer": owner.name if owner else None,
        "statuses": sums.statuses,
        "products": sums.top(),
        "days": dict(sorted(sums.days.items())),
    }


def compose(heading: Heading, summary: Summary, rows: Iterator[Row]) -> Document:
    """Compose the sections: totals, charts, statuses, products, orders."""
    period = shown_period(date.fromisoformat(summary["date_from"]), date.fromisoformat(summary["date_to"]))
    everyone = text("всех пользователей")
    return heading.document(
        text("Отчет по продажам за {period}", period=period),
        [_totals(summary), _by_day(summary), _by_status(summary), _statuses(summary), _products(summary)]
        + [_orders(summary, rows)],
        {text("Период"): period, text("Заказы"): summary["customer"] or everyone},
    )


def _roubles(kopecks: int) -> Decimal:
    return Decimal(kopecks).scaleb(-2)


def _status(status: str) -> str:
    return text(STATUS_NAMES[status]).capitalize()  # type: ignore[index]


def _made(summary: Summary) -> tuple[int, int]:
    """Return number and kopecks of all orders, the cancelled ones too."""
    counts, amounts = zip(*summary["statuses"].values(), strict=True)
    return sum(counts), sum(amounts)


def _totals(summary: Summary) -> Facts:
    made, kopecks = _made(summary)
    cancelled, lost = summary["statuses"]["cancelled"]
    average = Decimal(kopecks - lost) / (made - cancelled) / 100 if made > cancelled else Decimal(0)
    return Facts(
        text("Итоги периода"),
        [
            (text("Заказов"), made),
            (text("Выполнено"), summary["statuses"]["completed"][0]),
            (text("Отменено"), cancelled),
            (text("Сумма продаж, руб."), _roubles(kopecks - lost)),
            (text("Средний заказ, руб."), average.quantize(Decimal("0.01"))),
        ],
    )


def _by_day(summary: Summary) -> Chart | None:
    amounts = {day: kopecks / 100 for day, kopecks in summary["days"].items()}
    last = summary.get("last_day", summary["date_to"])  # missing in data that an older version collected
    series = [(text("Сумма продаж, руб."), amounts)]
    return axis.chart(CHART, text("руб."), series, summary["date_from"], max([last, *amounts]))


def _by_status(summary: Summary) -> Chart | None:
    counts = [float(summary["statuses"][status][0]) for status in STATUSES]
    labels = [_status(status) for status in STATUSES]
    if not any(counts):
        return None
    return Chart(text("Заказы по статусам"), "pie", labels, [(text("Заказы"), counts)], text("шт."))


def _statuses(summary: Summary) -> Table:
    columns = [
        Column(text("Статус")),
        Column(text("Заказов"), "int"),
        Column(text("Сумма, руб."), "number"),
    ]
    rows = [[_status(status), made, _roubles(kopecks)] for status, (made, kopecks) in summary["statuses"].items()]
    made, kopecks = _made(summary)
    return Table(
        text("Суммы по статусам"), columns, rows, [text("Итого"), made, _roubles(kopecks)], name="statuses", brief=True
    )


def _products(summary: Summary) -> Table:
    columns = [
        Column(text("Товар")),
        Column(text("Заказов"), "int"),
        Column(text("Количество"), "int"),
        Column(text("Сумма, руб."), "number"),
    ]
    found: list[list[Any]] = summary["products"]
    rows = [_product(*row) for row in found]
    pieces, kopecks = (sum(row[at] for row in found) for at in (2, 3))
    totals = [text("Итого"), None, pieces, _roubles(kopecks)]
    return Table(text("По товарам"), columns, rows, totals, text("Без отмененных заказов"), name="products", brief=True)


def _product(name: str | None, made: int | None, pieces: int, kopecks: int) -> list[object]:
    if name is None:
        return [text("Прочие товары: {count}", count=made), None, pieces, _roubles(kopecks)]
    return [name, made, pieces, _roubles(kopecks)]


def _orders(summary: Summary, rows: Iterator[Row]) -> Table:
    columns = [
        Column(text("Создан"), "datetime"),
        Column(text("Заказ"), "uuid"),
        Column(text("Клиент")),
        Column(text("Статус")),
        Column(text("Штук"), "int"),
        Column(text("Сумма, руб."), "number"),
    ]
    lines = ([instant(row[0]), row[1], row[2], _status(row[3]), row[4], _roubles(row[5])] for row in rows)
    totals = [text("Итого"), None, None, None, None, _roubles(_made(summary)[1])]
    return Table(text("Список заказов"), columns, lines, totals, text("Вместе с отмененными"), name="orders")


LAYOUT = Layout(
    1,
    "Отчет по продажам",
    "Заказы за период: по статусам, товарам и дням",
    {"period": "2024-01"},
    check,
    collect,
    compose,
    tables=("orders", "products", "statuses"),
    reads={"orders": ["QueryIndex", "BatchGetItem"], "users": ["BatchGetItem"]},
)
