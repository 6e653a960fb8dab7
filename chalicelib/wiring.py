"""What reacts to what, on one screen: the routes of the API, the listeners of events, the runners of tasks."""

from collections.abc import Callable
from typing import Any

from chalicelib.analytics import routes as analytics
from chalicelib.background_tasks import routes as background_tasks
from chalicelib.background_tasks.service import Runner
from chalicelib.batches import aggregation, bulk, deletion
from chalicelib.batches import routes as batches
from chalicelib.batches.exchange import exporting, importing
from chalicelib.batches.exchange import routes as exchange
from chalicelib.core import health
from chalicelib.core.http import Routes
from chalicelib.events import routes as events
from chalicelib.files import routes as files
from chalicelib.products import routes as products
from chalicelib.reports import batch_mail
from chalicelib.reports import routes as reports
from chalicelib.webhooks import notices
from chalicelib.webhooks import routes as webhooks
from chalicelib.work_centers import routes as work_centers

ROUTES: list[Routes] = [health.api, health.tasks_api, work_centers.api, products.api, batches.api, reports.api]
ROUTES += [background_tasks.api, files.api, analytics.api, events.api, webhooks.api, reports.production_api]
ROUTES += [exchange.api]

Listener = Callable[[dict[str, Any]], Any]

LISTENERS: dict[str, list[Listener]] = {
    "batch.deleted": [lambda data: deletion.purge(data["batch_id"])],
    "webhook.disabled": [notices.disabled],
    "batch.report_mail_requested": [batch_mail.send],
}
"""Event -> what is called with its data. A listener may be called twice for one event."""

RUNNERS: dict[str, Runner] = {
    "products": bulk.run,
    "aggregation": aggregation.run,
    "import": importing.run,
    "export": exporting.run,
}
"""Kind of a background task -> what does it. A runner may be killed and called again."""
