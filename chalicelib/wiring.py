"""What reacts to what, on one screen: the routes of the API, and the listeners of events."""

from collections.abc import Callable
from typing import Any

from chalicelib.analytics import routes as analytics
from chalicelib.batches import deletion
from chalicelib.batches import routes as batches
from chalicelib.core import health
from chalicelib.core.http import Routes
from chalicelib.events import routes as events
from chalicelib.products import routes as products
from chalicelib.reports import routes as reports
from chalicelib.work_centers import routes as work_centers

ROUTES: list[Routes] = [health.api, health.tasks_api, work_centers.api, products.api, batches.api, reports.api]
ROUTES += [analytics.api, events.api]

Listener = Callable[[dict[str, Any]], Any]

LISTENERS: dict[str, list[Listener]] = {
    "batch.deleted": [lambda data: deletion.purge(data["batch_id"])],
}
"""Event -> what is called with its data. A listener may be called twice for one event."""
