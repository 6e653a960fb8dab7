"""The routes of the API, and the access rules of all endpoints."""

from chalicelib import roles
from chalicelib.analytics import routes as analytics
from chalicelib.api_keys import routes as api_keys
from chalicelib.api_keys import service as keys
from chalicelib.background_tasks import routes as background_tasks
from chalicelib.batches import routes as batches
from chalicelib.batches.exchange import routes as exchange
from chalicelib.console import routes as console
from chalicelib.core import health
from chalicelib.core.auth import Access
from chalicelib.core.http import Routes
from chalicelib.defects import routes as defects
from chalicelib.deferred_tasks import routes as deferred_tasks
from chalicelib.deferred_tasks import schedules_routes as schedules
from chalicelib.events import routes as events
from chalicelib.files import routes as files
from chalicelib.long_tasks import routes as long_tasks
from chalicelib.openapi import routes as openapi
from chalicelib.operations import routes as operations
from chalicelib.orders import health_routes as circuits
from chalicelib.orders import routes as orders
from chalicelib.products import routes as products
from chalicelib.quotas import routes as quotas
from chalicelib.reports import routes as reports
from chalicelib.reports.batch_report import routes as batch_report
from chalicelib.sites import routes as sites
from chalicelib.system import routes as system
from chalicelib.today import routes as today
from chalicelib.trace import routes as trace
from chalicelib.users import routes as users
from chalicelib.users import tokens
from chalicelib.webhooks import routes as webhooks
from chalicelib.work_centers import routes as work_centers

_EVERYWHERE: tuple[Routes, ...] = (
    *(work_centers.api, batches.api, exchange.api, batch_report.api, products.api, trace.api, background_tasks.api),
    *(files.api, analytics.api, today.api, events.api, webhooks.api),
    *(reports.api, deferred_tasks.api, schedules.api, operations.api, sites.api, defects.api, system.api),
    *(users.api, quotas.api, api_keys.api, orders.api, orders.users_api, circuits.api, long_tasks.api),
    *(console.api, openapi.api, health.api, health.tasks_api),
)


def routes_of(stage: str) -> tuple[Routes, ...]:
    """Return the routes of a stage. The fault switch exists on the local stage only."""
    if stage != "local":
        return _EVERYWHERE
    from chalicelib.core import faults_routes

    return (*_EVERYWHERE, faults_routes.api)


ACCESS = Access(tokens.account, roles.allowed(), keys.authenticate)
"""How the edge finds the account of a token or key, and which roles may call which endpoint."""
