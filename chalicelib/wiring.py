"""What reacts to what, on one screen: the routes of the API, the listeners of events, the runners of tasks."""

from collections.abc import Callable
from typing import Any

from chalicelib.analytics import routes as analytics
from chalicelib.background_tasks import routes as background_tasks
from chalicelib.background_tasks.service import Runner
from chalicelib.batches import deletion
from chalicelib.batches import routes as batches
from chalicelib.core import health
from chalicelib.core.http import Routes
from chalicelib.events import routes as events
from chalicelib.files import routes as files
from chalicelib.products import routes as products
from chalicelib.reports import routes as reports
from chalicelib.work_centers import routes as work_centers

ROUTES: list[Routes] = [health.api, health.tasks_api, work_centers.api, products.api, batches.api, reports.api]
ROUTES += [background_tasks.api, files.api, analytics.api, events.api]

Listener = Callable[[dict[str, Any]], Any]

LISTENERS: dict[str, list[Listener]] = {
    "batch.deleted": [lambda data: deletion.purge(data["batch_id"])],
}
"""Event -> what is called with its data. A listener may be called twice for one event."""

RUNNERS: dict[str, Runner] = {}
"""Kind of a background task -> what does it. A runner may be killed and called again."""
