"""The routes of the API, and who may call them."""

from chalicelib import roles
from chalicelib.analytics import routes as analytics
from chalicelib.background_tasks import routes as background_tasks
from chalicelib.batches import routes as batches
from chalicelib.batches.exchange import routes as exchange
from chalicelib.core import faults_routes, health
from chalicelib.core.auth import Access
from chalicelib.core.http import Routes
from chalicelib.core.settings import settings
from chalicelib.defects import routes as defects
from chalicelib.deferred_tasks import routes as deferred_tasks
from chalicelib.deferred_tasks import schedules_routes
from chalicelib.events import routes as events
from chalicelib.files import routes as files
from chalicelib.long_tasks import routes as long_tasks
from chalicelib.openapi import routes as openapi
from chalicelib.orders import health_routes
from chalicelib.orders import routes as orders
from chalicelib.products import routes as products
from chalicelib.reports import routes as reports
from chalicelib.sites import routes as sites
from chalicelib.users import routes as users
from chalicelib.users import tokens
from chalicelib.webhooks import routes as webhooks
from chalicelib.work_centers import routes as work_centers

ROUTES: list[Routes] = [health.api, health.tasks_api, work_centers.api, products.api, batches.api, reports.api]
ROUTES += [background_tasks.api, files.api, analytics.api, events.api, webhooks.api, reports.production_api]
ROUTES += [exchange.api, users.api, orders.api, orders.users_api, health_routes.api, sites.api, defects.api]
ROUTES += [deferred_tasks.api, schedules_routes.api, long_tasks.api, openapi.api]
ROUTES += faults_routes.routes(settings().stage)

ACCESS = Access(tokens.account, roles.allowed())
"""Whose a token is, and who may call what."""
