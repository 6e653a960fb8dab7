"""Sums and charts of the sales report."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from chalicelib.orders import store
from chalicelib.orders.model import Item
from chalicelib.reports.layouts import sales
from chalicelib.reports.layouts.period import Period
from chalicelib.reports.layouts.sales import MAX_PRODUCTS


def test_month_is_resolved_to_its_first_and_last_day() -> None:
    first, last = Period.model_validate({"period": "2024-02", "date_from": "2020-01-01"}).first_and_last
    assert (first.isoformat(), last.isoformat()) == ("2024-02-01", "2024-02-29")


def test_products_beyond_the_first_hundred_are_one_row() -> None:
    sums = sales._Sums(UTC)
    for number in range(MAX_PRODUCTS + 20):
        item = Item(f"Товар {number:03}", 2, Decimal(number + 1))
        sums.add(store.new(str(number), "u", [item], datetime(2025, 1, 1, tzinfo=UTC)))
    top = sums.top()
    assert top[0] == ["Товар 119", 1, 2, 24_000]
    assert top[-1] == [None, 20, 40, 2 * 100 * sum(range(1, 21))]
    assert len(top) == MAX_PRODUCTS + 1


def test_sales_of_an_evening_are_of_the_day_in_the_zone_of_the_report() -> None:
    item, evening = Item("Товар", 1, Decimal(1)), datetime(2025, 1, 1, 21, 30, tzinfo=UTC)
    for zone, day in ((UTC, "2025-01-01"), (ZoneInfo("Europe/Moscow"), "2025-01-02")):
        sums = sales._Sums(zone)
        sums.add(store.new("1", "u", [item], evening))
        assert dict(sums.days) == {day: 100}
