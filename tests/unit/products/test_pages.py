"""A product as a page keeps it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core import clock
from chalicelib.products import pages
from chalicelib.products.schemas import Product
from chalicelib.products.store import new

BATCH = "11111111-2222-4333-8444-555555555555"
MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2999, 1, 1), timezones=st.just(UTC)) | st.integers(0, 10**9).map(
    lambda seconds: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
CODES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=50)


@given(CODES, MOMENTS, st.none() | MOMENTS)
def test_its_text_is_the_json_of_the_product(code: str, created_at: Any, aggregated_at: Any) -> None:
    item = new(BATCH, 7, code, created_at)
    if aggregated_at:
        item.is_aggregated, item.aggregated_at = True, clock.to_text(aggregated_at)
        item.updated_at, item.aggregated_by = clock.to_text(created_at), "a user"
    assert pages.as_json(item) == Product.model_validate(item).model_dump_json()
