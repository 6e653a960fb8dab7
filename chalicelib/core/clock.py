"""Instants of the service: aware, UTC, microseconds; in tables as texts that sort as the instants."""

from datetime import UTC, date, datetime, tzinfo

from chalicelib.core.settings import settings


def now() -> datetime:
    """Return the current instant."""
    return datetime.now(UTC)


def site_zone() -> tzinfo:
    """Return the time zone of the site."""
    name = settings().time_zone
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo  # where it is UTC, no function has to load it

    return ZoneInfo(name)


def site_today() -> date:
    """Return the current day at the site."""
    return now().astimezone(site_zone()).date()


def to_text(moment: datetime) -> str:
    """Return `2025-01-15T10:30:00.000000Z`: UTC, of fixed width, so that texts sort as instants."""
    utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return utc.isoformat(timespec="microseconds")[:-6] + "Z"  # instead of +00:00; strftime takes five times as long


def from_text(text: str) -> datetime:
    """Return the instant of a text of `to_text`."""
    return datetime.fromisoformat(text)


def to_json(moment: datetime) -> str:
    """Return an instant in JSON: UTC with `Z`, with a fraction only if it is not zero, as pydantic writes it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
