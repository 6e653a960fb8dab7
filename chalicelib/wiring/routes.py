"""The modules with the routes of the API, and the access rules of all endpoints.

The function `api` imports the modules of a path prefix with the first call of one of its paths, so an instance loads
only the packages that it works with.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from chalicelib import roles
from chalicelib.core.auth import Access, Actor
from chalicelib.core.settings import settings

if TYPE_CHECKING:
    from chalicelib.core.token_claims import Claims

_TABLE = """
/api/healthcheck          core.health
/api/work_centers         work_centers.routes batches.routes
/api/batches              batches.routes batches.exchange.routes reports.batch_report.routes
/api/products             products.routes batches.routes
/api/trace                trace.routes
/api/background_tasks     background_tasks.routes
/api/reports              files.routes
/api/analytics            analytics.routes today.routes
/api/events               events.routes
/api/webhooks             webhooks.routes
/api/v1/health            core.health
/api/v1/reports           reports.routes
/api/v1/sagas             reports.routes
/api/v1/templates         reports.routes
/api/v1/tasks             deferred_tasks.routes
/api/v1/schedules         deferred_tasks.schedules_routes
/api/v1/operations        operations.routes
/api/v1/sites             sites.routes defects.routes
/api/v1/defects           defects.routes
/api/v1/system            system.routes
/users                    users.routes orders.routes
/v1/users                 users.routes
/v1/quotas                quotas.routes
/v1/api-keys              api_keys.routes
/orders                   orders.routes
/health                   orders.health_routes
/status                   orders.health_routes
/user                     long_tasks.routes
/task                     long_tasks.routes
/tasks                    long_tasks.routes
/                         console.routes
/console                  console.routes
/docs                     openapi.routes
/redoc                    openapi.routes
"""


def route_modules(stage: str) -> dict[str, tuple[str, ...]]:
    """Return the table of a stage: path prefix -> names of modules. The fault switch exists on the local stage only."""
    rows = (line.split() for line in _TABLE.strip().splitlines())
    found = {prefix: tuple(f"chalicelib.{module}" for module in modules) for prefix, *modules in rows}
    if stage == "local":
        found["/faults"] = ("chalicelib.core.faults_routes",)
    all_modules = dict.fromkeys(module for modules in found.values() for module in modules)
    return {**found, "/openapi.json": tuple(all_modules)}


ROUTE_MODULES: Mapping[str, tuple[str, ...]] = route_modules(settings().stage)
"""Path prefix -> the modules that have all routes under it, and may have others. No prefix is a prefix of another."""


def import_all() -> None:
    """Import all route modules, so that all lists and tables are registered."""
    for module in ROUTE_MODULES["/openapi.json"]:
        import_module(module)


def _account(claims: "Claims") -> Actor:
    from chalicelib.users import tokens

    return tokens.account(claims)


def _api_key(key: str) -> Actor:
    from chalicelib.api_keys import service

    return service.authenticate(key)


ACCESS = Access(_account, roles.allowed(), _api_key)
"""How the edge finds the account of a token or key, and which roles may call which endpoint."""
