"""Places of a list as a short text."""

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.batches import model


@given(st.sets(st.integers(min_value=0, max_value=5_000)))
def test_packed_positions_are_unpacked(places: set[int]) -> None:
    assert model.unpacked(model.packed(places)) == places


def test_a_hundred_thousand_positions_are_a_short_text() -> None:
    assert model.packed(()) == ""
    assert len(model.packed(range(100_000))) < 100
    assert len(model.packed(range(0, 100_000, 3))) < 20_000
