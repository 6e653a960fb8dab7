"""What reacts to what, on one screen: routes, access, listeners of events, runners of tasks, parts of the sweep."""

from collections.abc import Callable
from typing import Any

from chalicelib import roles
from chalicelib.analytics import routes as analytics
from chalicelib.background_tasks import routes as background_tasks
from chalicelib.background_tasks import service as background_tasks_service
from chalicelib.background_tasks.service import Runner
from chalicelib.batches import aggregation, bulk, deletion
from chalicelib.batches import routes as batches
from chalicelib.batches.exchange import exporting, importing
from chalicelib.batches.exchange import routes as exchange
from chalicelib.core import faults_routes, health
from chalicelib.core.auth import Access
from chalicelib.core.http import Routes
from chalicelib.core.settings import settings
from chalicelib.core.sweeps import Sweep
from chalicelib.defects import follow_up, overdue
from chalicelib.defects import routes as defects
from chalicelib.deferred_tasks import routes as deferred_tasks
from chalicelib.deferred_tasks import schedules, schedules_routes
from chalicelib.deferred_tasks import service as deferred_tasks_service
from chalicelib.deferred_tasks import types as deferred_types
from chalicelib.events import relay as outbox
from chalicelib.events import routes as events
from chalicelib.files import routes as files
from chalicelib.long_tasks import routes as long_tasks
from chalicelib.long_tasks import service as long_tasks_service
from chalicelib.orders import deletion as user_deletion
from chalicelib.orders import health_routes
from chalicelib.orders import routes as orders
from chalicelib.products import routes as products
from chalicelib.reports import batch_mail, sagas
from chalicelib.reports import deferred as deferred_reports
from chalicelib.reports import routes as reports
from chalicelib.sites import routes as sites
from chalicelib.users import routes as users
from chalicelib.users import tokens
from chalicelib.webhooks import notices, sweep
from chalicelib.webhooks import routes as webhooks
from chalicelib.work_centers import routes as work_centers

ROUTES: list[Routes] = [health.api, health.tasks_api, work_centers.api, products.api, batches.api, reports.api]
ROUTES += [background_tasks.api, files.api, analytics.api, events.api, webhooks.api, reports.production_api]
ROUTES += [exchange.api, users.api, orders.api, orders.users_api, health_routes.api, sites.api, defects.api]
ROUTES += [deferred_tasks.api, schedules_routes.api, long_tasks.api]
ROUTES += faults_routes.routes(settings().stage)

ACCESS = Access(tokens.account, roles.allowed())
"""Whose a token is, and who may call what."""

Listener = Callable[[dict[str, Any]], Any]

LISTENERS: dict[str, list[Listener]] = {
    "batch.deleted": [lambda data: deletion.purge(data["batch_id"])],
    "webhook.disabled": [notices.disabled],
    "batch.report_mail_requested": [batch_mail.send],
    "user.deleted": [lambda data: user_deletion.purge(data["id"])],
    "defect.deleted": [follow_up.purge],
    "defect.attachment_removed": [follow_up.remove_file],
    "site.updated": [follow_up.follow_customer],
}
"""Event -> what is called with its data. A listener may be called twice for one event."""

RUNNERS: dict[str, Runner] = {
    "products": bulk.run,
    "aggregation": aggregation.run,
    "import": importing.run,
    "export": exporting.run,
}
"""Kind of a background task -> what does it. A runner may be killed and called again."""

UNDOERS: dict[str, Runner] = {"products": bulk.undo, "aggregation": aggregation.undo}
"""Kind of a background task -> what tidies up after one that was cancelled. It may be killed and called again."""

TASK_TYPES = (deferred_types, deferred_reports)
"""The modules with the functions of deferred tasks. A function may be killed and called again."""

SWEEPS: dict[str, Sweep] = {
    "published": outbox.sweep,
    "sagas": sagas.sweep,
    "tasks": background_tasks_service.sweep,
    "late_deliveries": sweep.announce_late,
    "old_deliveries": sweep.remove_old,
    "deferred_tasks": deferred_tasks_service.sweep,
    "schedules": schedules.sweep,
    "long_tasks": long_tasks_service.sweep,
    "overdue_defects": overdue.sweep,
}
"""What is looked after every minute. A part may run twice at the same time."""
