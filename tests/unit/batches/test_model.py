"""Rules of batches, without tables."""

from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.batches import model
from chalicelib.core.errors import Conflict, Invalid

START = datetime(2025, 1, 20, 8, tzinfo=UTC)


def test_a_shift_ends_after_it_starts() -> None:
    model.check_shift(START, START + timedelta(microseconds=1))
    for end in (START, START - timedelta(hours=1)):
        with pytest.raises(Invalid) as error:
            model.check_shift(START, end)
        assert error.value.fields[0]["loc"] == ["body", "shift_end"]


@pytest.mark.parametrize(("total", "aggregated", "closable"), [(0, 0, False), (2, 1, False), (2, 2, True)])
def test_where_it_is_required_only_an_aggregated_batch_closes(total: int, aggregated: int, closable: bool) -> None:
    model.check_closable(total, aggregated, requires_aggregation=False)
    if closable:
        model.check_closable(total, aggregated, requires_aggregation=True)
        return
    with pytest.raises(Conflict, match="^Невозможно закрыть партию"):
        model.check_closable(total, aggregated, requires_aggregation=True)


def test_number_and_date_make_the_claim() -> None:
    day = date(2025, 1, 20)
    claims = {model.number_claim(number, day + timedelta(days=d)) for number in (1, 11) for d in (0, 1)}
    assert len(claims) == 4


def test_a_refused_large_aggregation_names_the_asynchronous_endpoint() -> None:
    assert "/api/batches/b1/aggregate_async" in model.too_many_to_aggregate(6_000, 5_000, "b1").message
