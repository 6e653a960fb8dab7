"""Table `analytics`: the dashboard, and the number of products by hour."""

from datetime import datetime

from pydantic import TypeAdapter
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from chalicelib.analytics.model import Hour
from chalicelib.core import clock
from chalicelib.core.dynamo import fetch, put_all, table

_HOURS = TypeAdapter(list[Hour])
DASHBOARD, HOURS = "dashboard", "hours"


@table("analytics")
class DashboardItem(Model):
    """The dashboard; `cached_at` is when it was refreshed."""

    id = UnicodeAttribute(hash_key=True)
    total_batches = NumberAttribute()
    active_batches = NumberAttribute()
    total_products = NumberAttribute()
    aggregated_products = NumberAttribute()
    cached_at = UnicodeAttribute()


@table("analytics")
class HoursItem(Model):
    """The last hours as JSON (`model.Hour`); `counted_at` is when the refresh began."""

    id = UnicodeAttribute(hash_key=True, default=HOURS)
    hours = UnicodeAttribute()
    counted_at = UnicodeAttribute()


def find_hours() -> tuple[list[Hour], datetime] | None:
    """Return the counted hours and when they were counted, or None."""
    item = fetch(HoursItem, HOURS)
    return (_HOURS.validate_json(item.hours), clock.from_text(item.counted_at)) if item else None


def save_hours(hours: list[Hour], at: datetime) -> None:
    """Replace the stored hours."""
    put_all([HoursItem(HOURS, hours=_HOURS.dump_json(hours).decode(), counted_at=clock.to_text(at))])


def find_dashboard() -> DashboardItem | None:
    """Return the dashboard, or None."""
    return fetch(DashboardItem, DASHBOARD)


def save_dashboard(item: DashboardItem) -> None:
    """Replace the stored dashboard."""
    put_all([item])
