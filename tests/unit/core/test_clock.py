"""Instants as the tables keep them."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core import clock

ZONES = st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30)), timezone(timedelta(hours=-11))])


@given(st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=ZONES))
def test_a_text_has_fixed_width_and_is_that_instant(moment: datetime) -> None:
    text = clock.to_text(moment)
    assert (len(text), text[-1], clock.from_text(text)) == (27, "Z", moment)


def test_texts_are_those_that_the_tables_have() -> None:
    assert clock.to_text(datetime(2025, 1, 15, 10, 30, tzinfo=UTC)) == "2025-01-15T10:30:00.000000Z"
    moscow = timezone(timedelta(hours=3))
    assert clock.to_text(datetime(2025, 1, 15, 1, 30, 0, 7, moscow)) == "2025-01-14T22:30:00.000007Z"
