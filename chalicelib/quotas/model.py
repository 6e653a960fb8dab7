"""Rules of quotas: what is counted, the format of the limits, when a day ends."""

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta

from chalicelib.core.actor import Actor
from chalicelib.core.errors import RateLimited
from chalicelib.core.texts import text

DEFAULTS = {
    "emails": 100,
    "sms": 20,
    "callbacks": 500,
    "long_tasks": 200,
    "reports": 200,
    "uploads": 200,
    "background_tasks": 1_000,
}
"""What is counted -> the default limit of a user in a day."""

MAX_LIMIT = 10**9


class Exhausted(RateLimited):
    """A user has reached a limit of the day."""


def parse_limits(text: str) -> dict[str, int]:
    """Return the limits of a text like `emails=100,sms=20`, with defaults for the others; ValueError."""
    limits = dict(DEFAULTS)
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, number = (piece.strip() for piece in part.partition("="))
        if name not in DEFAULTS or not number.isdecimal() or int(number) > MAX_LIMIT:
            raise ValueError(f"DAILY_QUOTAS has {part!r}: one of {', '.join(DEFAULTS)}, `=` and a number are expected")
        limits[name] = int(number)
    return limits


def is_limited(actor: Actor) -> bool:
    """Whether quotas apply to the actor."""
    return "admin" not in actor.roles


def day_of(at: datetime) -> date:
    """Return the day of an instant, in UTC."""
    return at.astimezone(UTC).date()


def end_of(day: date) -> datetime:
    """Return the instant at which a day ends and quotas start again."""
    return datetime.combine(day + timedelta(days=1), time.min, UTC)


def exhausted(names: Iterable[str], limits: Mapping[str, int], at: datetime) -> Exhausted:
    """Return the error for reached limits, with `Retry-After` in seconds."""
    listed = ", ".join(f"{name} — {limits[name]}" for name in names)
    seconds = max(1, math.ceil((end_of(day_of(at)) - at).total_seconds()))
    reason = text("Дневная квота исчерпана ({listed} в сутки), новая с 00:00 UTC", listed=listed)
    return Exhausted(reason, headers={"Retry-After": str(seconds)})
