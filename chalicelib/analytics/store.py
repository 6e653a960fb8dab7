"""Table `analytics`: the dashboard, and the products of each hour."""

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
    """What the dashboard shows; `cached_at` is when it was counted."""

    class Meta:
        pass

    id = UnicodeAttribute(hash_key=True)
    total_batches = NumberAttribute()
    active_batches = NumberAttribute()
    total_products = NumberAttribute()
    aggregated_products = NumberAttribute()
    cached_at = UnicodeAttribute()


@table("analytics")
class HoursItem(Model):
    """The products of the last hours as JSON, see `model.Hour`; `counted_at` is when the count began."""

    class Meta:
        pass

    id = UnicodeAttribute(hash_key=True, default=HOURS)
    hours = UnicodeAttribute()
    counted_at = UnicodeAttribute()


def find_hours() -> tuple[list[Hour], datetime] | None:
    """The hours that are counted, and when."""
    item = fetch(HoursItem, HOURS)
    return (_HOURS.validate_json(item.hours), clock.from_text(item.counted_at)) if item else None


def save_hours(hours: list[Hour], at: datetime) -> None:
    """Write the hours over those before."""
    put_all([HoursItem(HOURS, hours=_HOURS.dump_json(hours).decode(), counted_at=clock.to_text(at))])


def find() -> DashboardItem | None:
    """The dashboard, if there is one."""
    return fetch(DashboardItem, DASHBOARD)


def save(item: DashboardItem) -> None:
    """Write the dashboard over the one before."""
    put_all([item])
