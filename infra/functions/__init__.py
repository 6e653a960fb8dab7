"""Every function: size, time, what it may do, what starts it. A new function is a line in app.py and an entry here.

One file for each area says how its functions are made; `MAKERS` is all of them.
"""

from infra.functions import analytics, api, batches, deferred, events, long_tasks, people, reports, tasks, webhooks
from infra.functions.function import Function, Makers

__all__ = ["Function", "functions"]

AREAS = (api, events, tasks, batches, reports, analytics, webhooks, people, deferred, long_tasks)
MAKERS: Makers = {name: make for area in AREAS for name, make in area.MAKERS.items()}


def functions(deployed: set[str]) -> dict[str, Function]:
    """The table, for the functions that app.py deploys."""
    return {name: make() for name, make in MAKERS.items() if name in deployed}
