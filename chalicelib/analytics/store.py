"""Table `analytics`: the dashboard."""

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from chalicelib.core.dynamo import fetch, put_all, table

DASHBOARD = "dashboard"


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


def find() -> DashboardItem | None:
    """The dashboard, if there is one."""
    return fetch(DashboardItem, DASHBOARD)


def save(item: DashboardItem) -> None:
    """Write the dashboard over the one before."""
    put_all([item])
