"""Sums and charts of the sales report."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from chalicelib.orders import store
from chalicelib.orders.model import Item
from chalicelib.reports.layouts import sales
from chalicelib.reports.layouts.period import Period
from chalicelib.reports.layouts.sales import MAX_PRODUCTS


def test_month_is_resolved_to_its_first_and_last_day() -> None:
    first, last = Period.model_validate({"period": "2024-02", "date_from": "2020-01-01"}).first_and_last
    assert (first.isoformat(), last.isoformat()) == ("2024-02-01", "2024-02-29")


def test_products_beyond_the_first_hundred_are_one_row() -> None:
    sums = sales._Sums()
    for number in range(MAX_PRODUCTS + 20):
        item = Item(f"Товар {number:03}", 2, Decimal(number + 1))
        sums.add(store.new(str(number), "u", [item], datetime(2025, 1, 1, tzinfo=UTC)))
    top = sums.top()
    assert top[0] == ["Товар 119", 1, 2, 24_000]
    assert top[-1] == ["Прочие товары: 20", None, 40, 2 * 100 * sum(range(1, 21))]
    assert len(top) == MAX_PRODUCTS + 1


@pytest.mark.parametrize(
    ("days", "title", "first", "bars"),
    [
        (1, "Продажи по дням", "30.01", 1),
        (62, "Продажи по дням", "30.01", 62),
        (63, "Продажи по месяцам", "01.2024", 4),
        (3_000, "Продажи по годам", "2024", 9),
    ],
)
def test_chart_is_by_day_month_or_year_with_readable_bars(days: int, title: str, first: str, bars: int) -> None:
    start = datetime(2024, 1, 30, tzinfo=UTC)
    ends = (start, start + timedelta(days=days - 1))
    shown = sales._bars({day.strftime("%Y-%m-%d"): 100 for day in ends})
    assert (shown[0], next(iter(shown[1])), len(shown[1])) == (title, first, bars)
    assert sum(shown[1].values()) == (100 if days == 1 else 200)
