"""The function table: memory, timeout, rights and event sources. A new function is a line in app.py and an entry here.

Each area has a module with its functions; `MAKERS` lists them all.
"""

from infra.functions import (
    analytics,
    api,
    batches,
    deferred,
    events,
    long_tasks,
    migrations,
    people,
    reports,
    tasks,
    webhooks,
)
from infra.functions.function import Function, Makers

__all__ = ["Function", "functions"]

AREAS = (api, events, tasks, batches, reports, analytics, webhooks, people, deferred, long_tasks, migrations)
MAKERS: Makers = {name: make for area in AREAS for name, make in area.MAKERS.items()}


def functions(deployed: set[str]) -> dict[str, Function]:
    """Return the entries of the functions that app.py deploys."""
    return {name: make() for name, make in MAKERS.items() if name in deployed}
