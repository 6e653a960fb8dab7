"""Charts over time: a bar for each hour, day, month or year of a period, also for those without anything.

Amounts are kept by local hours (`2025-01-31T08`) or days (`2025-01-31`), whose beginnings are days, months and years.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Literal

from chalicelib.core import texts
from chalicelib.core.texts import text
from chalicelib.reports.render import Chart
from chalicelib.reports.render.values import day_text

Step = Literal["hour", "day", "month", "year"]
LENGTH: Mapping[Step, int] = {"hour": 13, "day": 10, "month": 7, "year": 4}  # of the beginning of an instant
MOST: Mapping[Step, int] = {"hour": 48, "day": 62, "month": 48}  # bars; with more of them the step is longer
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

Amounts = Mapping[str, float]


def chart(
    titles: Mapping[Step, str], unit: str, series: Sequence[tuple[str, Amounts]], first: str, last: str
) -> Chart | None:
    """Return the chart of a period from the hour or day `first` to `last`; None when there is nothing in it.

    `titles` has a title for each step that the chart may have.
    """
    if not any(amount for _, amounts in series for amount in amounts.values()):
        return None
    step = next(step for step in titles if fits(step, first, last))
    keys = list(_keys(step, first, last))
    sums = [(name, _sums(amounts, step)) for name, amounts in series]
    bars = [(name, [found.get(key, 0.0) for key in keys]) for name, found in sums]
    title = text(titles[step])
    if step == "hour" and first[:10] == last[:10]:
        return Chart(
            f"{title}, {day_text(date.fromisoformat(first[:10]))}",
            "bar",
            [f"{key[11:]}:00" for key in keys],
            bars,
            unit,
            time=True,
        )
    return Chart(title, "bar", [_label(key, step) for key in keys], bars, unit, time=True)


def fits(step: Step, first: str, last: str) -> bool:
    """Return whether a period has few enough hours, days or months for a bar each; years always are."""
    return step == "year" or _count(step, first, last) <= MOST[step]


def _sums(amounts: Amounts, step: Step) -> dict[str, float]:
    found: dict[str, float] = {}
    for key, amount in amounts.items():
        start = key[: LENGTH[step]]
        found[start] = found.get(start, 0.0) + amount
    return found


def _count(step: Step, first: str, last: str) -> int:
    if step == "month":
        return 12 * (int(last[:4]) - int(first[:4])) + int(last[5:7]) - int(first[5:7]) + 1
    period = datetime.fromisoformat(last) - datetime.fromisoformat(first)
    return period // timedelta(hours=1) + 1 if step == "hour" else period.days + 1


def _keys(step: Step, first: str, last: str) -> Iterator[str]:
    length = LENGTH[step]
    moment, seen = datetime.fromisoformat(first), ""
    while (key := moment.isoformat()[:length]) <= last[:length]:
        if key != seen:
            yield key
        seen = key
        moment += timedelta(hours=1) if step == "hour" else timedelta(days=1)


def _label(key: str, step: Step) -> str:
    if step == "year":
        return key
    is_english = texts.current() == texts.ENGLISH
    month = MONTHS[int(key[5:7]) - 1] if is_english else key[5:7]
    if step == "month":
        return f"{month} {key[:4]}" if is_english else f"{month}.{key[:4]}"
    day = f"{month} {int(key[8:10])}" if is_english else f"{key[8:10]}.{month}"
    return f"{day} {key[11:]}:00" if step == "hour" else day
