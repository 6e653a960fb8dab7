"""Charts over time have a bar for each moment of their period, also for those without anything."""

from datetime import date, timedelta

import pytest

from chalicelib.core import texts
from chalicelib.reports.layouts import axis, batch
from chalicelib.reports.render import Chart
from chalicelib.reports.render.pdf_chart import MAX_COLUMNS

TITLES: dict[axis.Step, str] = {"hour": "По часам", "day": "По дням", "month": "По месяцам", "year": "По годам"}


def chart(first: str, last: str) -> Chart:
    """Return the chart of one piece at the first and one at the last moment, hours or days."""
    amounts, titles = {first: 1.0, last: 1.0}, {step: title for step, title in TITLES.items() if step != "hour"}
    made = axis.chart(TITLES if "T" in first else titles, "шт.", [("Продукция", amounts)], first, last)
    assert made
    assert made.time and made.unit == "шт."
    assert sum(made.series[0][1]) == len(amounts)
    assert len(made.series[0][1]) == len(made.labels) == len(set(made.labels)) <= MAX_COLUMNS
    return made


def day(number: int) -> str:
    return (date(2024, 1, 30) + timedelta(days=number)).isoformat()


@pytest.mark.parametrize(
    ("first", "last", "title", "labels", "bars"),
    [
        ("2024-01-30T22", "2024-01-30T23", "По часам, 30.01.2024", ["22:00", "23:00"], 2),
        ("2024-01-30T22", "2024-01-31T00", "По часам", ["30.01 22:00", "30.01 23:00"], 3),
        ("2024-01-30T08", "2024-02-01T07", "По часам", ["30.01 08:00"], 48),
        ("2024-01-30T08", "2024-02-01T08", "По дням", ["30.01", "31.01"], 3),
        (day(0), day(0), "По дням", ["30.01"], 1),
        (day(0), day(61), "По дням", ["30.01", "31.01", "01.02"], 62),
        (day(0), day(62), "По месяцам", ["01.2024", "02.2024"], 4),
        (day(0), day(3_000), "По годам", ["2024", "2025"], 9),
    ],
)
def test_the_step_is_the_shortest_with_readable_bars(
    first: str, last: str, title: str, labels: list[str], bars: int
) -> None:
    made = chart(first, last)
    assert (made.title, list(made.labels[: len(labels)]), len(made.labels)) == (title, labels, bars)


def test_moments_without_anything_are_zeros() -> None:
    amounts = {"2024-01-30": 5.0, "2024-02-02": 7.0}
    made = axis.chart({"day": "По дням"}, "шт.", [("Продукция", amounts)], "2024-01-29", "2024-02-03")
    assert made
    assert made.series == [("Продукция", [0.0, 5.0, 0.0, 0.0, 7.0, 0.0])]


def test_a_period_without_anything_has_no_chart() -> None:
    assert axis.chart(TITLES, "шт.", [("Продукция", {})], day(0), day(3)) is None


def test_labels_are_written_as_in_the_language() -> None:
    with texts.language("en"):
        assert list(chart(day(0), day(2)).labels) == ["Jan 30", "Jan 31", "Feb 1"]
        assert chart(day(0), day(62)).labels[0] == "Jan 2024"


def axis_of(shift: list[str], hours: dict[str, float]) -> tuple[str, str]:
    return batch._axis({"shift": shift}, hours)


def test_the_chart_of_a_batch_shows_the_whole_shift_unless_it_is_far_away() -> None:
    shift = ["2026-11-05T08", "2026-11-05T20"]
    assert axis_of(shift, {"2026-11-05T10": 1.0}) == ("2026-11-05T08", "2026-11-05T20")
    assert axis_of(shift, {"2026-11-05T22": 1.0, "2026-11-05T06": 1.0}) == ("2026-11-05T06", "2026-11-05T22")
    assert axis_of(shift, {"2026-12-05T10": 1.0}) == ("2026-12-05T10", "2026-12-05T10")
