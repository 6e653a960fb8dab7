"""The plant of the demo at any time of a week."""

from datetime import UTC, datetime, timedelta

from localstack.demo.plant import CENTERS, runs

MONDAY = datetime(2026, 11, 30, tzinfo=UTC)


def test_each_shift_that_runs_has_made_packed_and_unpacked_products_from_its_first_minute_on() -> None:
    for minutes in range(0, 7 * 24 * 60, 3):
        now = MONDAY + timedelta(minutes=minutes)
        running = [run for run in runs(now.date(), now) if run.start <= now < run.end]
        assert {run.center for run in running} == set(CENTERS)
        for run in running:
            assert 1 <= run.packed <= run.made - 2, (now, run)
            assert run.start <= run.packed_at <= now
            assert run.closed_at is None
