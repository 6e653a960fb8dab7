"""Where the routes of the API are, and who may call them.

The api function imports a module when one of its paths is first called: a request pays for the package that it is
about, and not for all the others.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from chalicelib import roles
from chalicelib.core.auth import Access, Actor
from chalicelib.core.settings import settings

if TYPE_CHECKING:
    from chalicelib.core.claims import Claims

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


def places(stage: str) -> dict[str, tuple[str, ...]]:
    """The table of a stage: the switch of faults is on the local one only."""
    rows = (line.split() for line in _TABLE.strip().splitlines())
    found = {prefix: tuple(f"chalicelib.{module}" for module in modules) for prefix, *modules in rows}
    if stage == "local":
        found["/faults"] = ("chalicelib.core.faults_routes",)
    everything = dict.fromkeys(module for modules in found.values() for module in modules)
    return {**found, "/openapi.json": tuple(everything)}


PLACES: Mapping[str, tuple[str, ...]] = places(settings().stage)
"""Prefix of paths -> the modules with all routes under it, and others maybe. None is a prefix of another."""


def import_all() -> None:
    """Import all of them: for who needs every list or table known."""
    for module in PLACES["/openapi.json"]:
        import_module(module)


def _account(claims: "Claims") -> Actor:
    from chalicelib.users import tokens

    return tokens.account(claims)


def _api_key(key: str) -> Actor:
    from chalicelib.api_keys import service

    return service.authenticate(key)


ACCESS = Access(_account, roles.allowed(), _api_key)
"""Whose a token or a key is, and who may call what."""
