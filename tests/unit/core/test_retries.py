"""The pauses between attempts, by the table of retry settings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core import retries
from chalicelib.core.retries import RetrySetting

SETTINGS = {name: row for name, row in vars(retries).items() if isinstance(row, RetrySetting)}


@pytest.mark.parametrize("name", sorted(SETTINGS))
@given(attempt=st.integers(1, 1_000))
def test_pauses_grow_up_to_the_longest(name: str, attempt: int) -> None:
    row = SETTINGS[name]
    assert row.backoff(1) == row.base_seconds
    assert row.backoff(attempt) <= row.backoff(attempt + 1) <= row.max_seconds
    for factor in row.jitter:
        assert row.backoff(attempt, factor) <= row.max_seconds


@given(attempt=st.integers(1, 40))
def test_a_shortened_pause_stays_random_at_the_longest(attempt: int) -> None:
    row = RetrySetting(0, 0.02, 0.3, (0.2, 1))
    pauses = {row.random_backoff(attempt) for _ in range(20)}
    assert len(pauses) > 1
    assert all(0.2 * row.backoff(attempt) <= pause <= row.backoff(attempt) for pause in pauses)
