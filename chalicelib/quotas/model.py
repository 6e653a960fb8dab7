"""Rules of quotas: what is counted, how the limits are written, when a day ends."""

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta

from chalicelib.core.actor import Actor
from chalicelib.core.errors import RateLimited

DEFAULTS = {"emails": 100, "sms": 20, "callbacks": 500, "long_tasks": 200, "reports": 200, "uploads": 200}
"""What is counted, and how much of it a user may make in a day."""

LARGEST = 10**9


class Exhausted(RateLimited):
    """A user has made as much today as he may."""


def read(text: str) -> dict[str, int]:
    """Limits from `emails=100,sms=20`; those that are not named have their defaults. ValueError for anything else."""
    limits = dict(DEFAULTS)
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, number = (piece.strip() for piece in part.partition("="))
        if name not in DEFAULTS or not number.isdecimal() or int(number) > LARGEST:
            raise ValueError(f"DAILY_QUOTAS has {part!r}: one of {', '.join(DEFAULTS)}, `=` and a number are expected")
        limits[name] = int(number)
    return limits


def is_bounded(actor: Actor) -> bool:
    """Return whether the daily quota of an actor is limited and counted."""
    return "admin" not in actor.roles


def day_of(at: datetime) -> date:
    """The day that a moment belongs to, in UTC."""
    return at.astimezone(UTC).date()


def end_of(day: date) -> datetime:
    """When a day is over, and there are new quotas."""
    return datetime.combine(day + timedelta(days=1), time.min, UTC)


def exhausted(names: Iterable[str], limits: Mapping[str, int], at: datetime) -> Exhausted:
    """The refusal of what is one too many, with the seconds until there is more."""
    told = ", ".join(f"{name} — {limits[name]}" for name in names)
    seconds = max(1, math.ceil((end_of(day_of(at)) - at).total_seconds()))
    text = f"Дневная квота исчерпана ({told} в сутки), новая с 00:00 UTC"
    return Exhausted(text, headers={"Retry-After": str(seconds)})
