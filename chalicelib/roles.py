"""Permissions: the roles that may call each endpoint that needs a token, in every API area.

`x`: the role may. `own`: it may, and data of others is not found (reports, tasks, orders) or not shown. `-`: it may
not, 403. An actor with several roles has the permissions of each. Finer rules (who moves a defect to which status, who
sets roles) are in the model of their package. A test calls every endpoint with every role, and compares the table with
the registered endpoints. `make roles` writes it into docs/roles.md.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from chalicelib.core.actor import ROLES

TABLE = """
                                                                    admin manager engineer executive customer user
production control
  GET    /api/work_centers                                          x     x       x        x         -        x
  POST   /api/work_centers                                          x     x       -        -         -        -
  GET    /api/work_centers/{work_center_id}                         x     x       x        x         -        x
  PATCH  /api/work_centers/{work_center_id}                         x     x       -        -         -        -
  DELETE /api/work_centers/{work_center_id}                         x     x       -        -         -        -
  GET    /api/batches                                               x     x       x        x         -        x
  POST   /api/batches                                               x     x       x        -         -        -
  POST   /api/batches/export                                        x     x       x        x         -        -
  POST   /api/batches/import                                        x     x       x        -         -        -
  GET    /api/batches/import/template                               x     x       x        -         -        -
  POST   /api/batches/import/uploads                                x     x       x        -         -        -
  GET    /api/batches/{batch_id}                                    x     x       x        x         -        x
  PATCH  /api/batches/{batch_id}                                    x     x       x        -         -        -
  DELETE /api/batches/{batch_id}                                    x     x       -        -         -        -
  PATCH  /api/batches/{batch_id}/close                              x     x       x        -         -        -
  PATCH  /api/batches/{batch_id}/aggregate                          x     x       x        -         -        -
  PATCH  /api/batches/{batch_id}/aggregate_async                    x     x       x        -         -        -
  GET    /api/batches/{batch_id}/events                             x     x       x        x         -        x
  POST   /api/batches/{batch_id}/products                           x     x       x        -         -        -
  POST   /api/batches/{batch_id}/products/bulk                      x     x       x        -         -        -
  DELETE /api/batches/{batch_id}/products/{product_id}              x     x       x        -         -        -
  POST   /api/batches/{batch_id}/reports/generate                   x     x       x        x         -        -
  GET    /api/products                                              x     x       x        x         -        x
  GET    /api/products/{product_id}                                 x     x       x        x         -        x
  PATCH  /api/products/{product_id}/aggregate                       x     x       x        -         -        -
  GET    /api/trace                                                 x     x       x        x         -        x
  GET    /api/background_tasks                                      x     x       x        x         own      own
  GET    /api/background_tasks/{task_id}                            x     x       x        x         own      own
  DELETE /api/background_tasks/{task_id}                            x     x       x        -         own      own
  GET    /api/reports/{file_id}                                     x     x       x        x         own      own
  GET    /api/analytics/dashboard                                   x     x       x        x         x        x
  GET    /api/analytics/work_centers                                x     x       x        x         -        x
  GET    /api/analytics/shifts                                      x     x       x        x         -        x
  GET    /api/analytics/timeseries                                  x     x       x        x         -        x
  GET    /api/analytics/today                                       x     x       x        x         -        x
  GET    /api/events                                                x     x       x        x         x        x
  GET    /api/events/{name}                                         x     x       x        x         x        x
  GET    /api/webhooks                                              x     x       -        -         -        -
  POST   /api/webhooks                                              x     x       -        -         -        -
  GET    /api/webhooks/failing                                      x     x       -        -         -        -
  GET    /api/webhooks/{subscription_id}                            x     x       -        -         -        -
  PATCH  /api/webhooks/{subscription_id}                            x     x       -        -         -        -
  DELETE /api/webhooks/{subscription_id}                            x     x       -        -         -        -
  POST   /api/webhooks/{subscription_id}/test                       x     x       -        -         -        -
  POST   /api/webhooks/{subscription_id}/rotate_secret              x     x       -        -         -        -
  POST   /api/webhooks/{subscription_id}/redeliver                  x     x       -        -         -        -
  GET    /api/webhooks/{subscription_id}/deliveries                 x     x       -        -         -        -
  GET    /api/webhooks/{subscription_id}/deliveries/{delivery_id}   x     x       -        -         -        -
  POST   /api/webhooks/{subscription_id}/deliveries/{delivery_id}/redeliver x x   -        -         -        -
reports
  GET    /api/v1/reports                                            x     x       x        x         own      own
  POST   /api/v1/reports                                            x     x       x        x         own      own
  GET    /api/v1/reports/{report_id}                                x     x       x        x         own      own
  DELETE /api/v1/reports/{report_id}                                x     x       x        x         own      own
  POST   /api/v1/reports/{report_id}/cancel                         x     x       x        x         own      own
  GET    /api/v1/reports/{report_id}/status                         x     x       x        x         own      own
  GET    /api/v1/reports/{report_id}/download                       x     x       x        x         own      own
  GET    /api/v1/sagas                                              x     x       x        x         own      own
  GET    /api/v1/sagas/{saga_id}                                    x     x       x        x         own      own
  DELETE /api/v1/sagas/{saga_id}                                    x     x       x        x         own      own
  GET    /api/v1/sagas/{saga_id}/events                             x     x       x        x         own      own
  GET    /api/v1/sagas/{saga_id}/progress                           x     x       x        x         own      own
  POST   /api/v1/sagas/{saga_id}/retry                              x     x       x        x         own      own
  GET    /api/v1/templates                                          x     x       x        x         x        x
  POST   /api/v1/templates                                          x     x       -        -         -        -
  GET    /api/v1/templates/{template_id}                            x     x       x        x         x        x
  PUT    /api/v1/templates/{template_id}                            x     x       -        -         -        -
  DELETE /api/v1/templates/{template_id}                            x     x       -        -         -        -
deferred tasks
  GET    /api/v1/tasks                                              x     x       x        x         own      own
  POST   /api/v1/tasks                                              x     x       x        -         -        own
  POST   /api/v1/tasks/retry                                        x     x       -        -         -        -
  GET    /api/v1/tasks/{task_id}                                    x     x       x        x         own      own
  PATCH  /api/v1/tasks/{task_id}                                    x     x       x        -         own      own
  DELETE /api/v1/tasks/{task_id}                                    x     x       x        -         own      own
  GET    /api/v1/tasks/{task_id}/attempts                           x     x       x        x         own      own
  POST   /api/v1/tasks/{task_id}/retry                              x     x       x        -         own      own
  GET    /api/v1/schedules                                          x     x       x        x         -        -
  POST   /api/v1/schedules                                          x     x       -        -         -        -
  GET    /api/v1/schedules/{schedule_id}                            x     x       x        x         -        -
  PATCH  /api/v1/schedules/{schedule_id}                            x     x       -        -         -        -
  DELETE /api/v1/schedules/{schedule_id}                            x     x       -        -         -        -
  POST   /api/v1/schedules/{schedule_id}/run                        x     x       -        -         -        -
operations
  GET    /api/v1/operations                                         x     x       x        x         own      own
  POST   /api/v1/operations/replay                                  x     x       -        -         -        -
users and orders
  GET    /users                                                     x     x       -        x         -        -
  POST   /users                                                     x     x       -        -         -        -
  GET    /users/{user_id}                                           x     x       x        x         own      own
  PUT    /users/{user_id}                                           x     own     own      own       own      own
  DELETE /users/{user_id}                                           x     -       -        -         -        -
  GET    /users/{user_id}/details                                   x     x       -        x         own      own
  PUT    /users/{user_id}/password                                  x     -       -        -         -        -
  POST   /users/{user_id}/invitation                                x     x       -        -         -        -
  GET    /v1/users/profile                                          x     x       x        x         x        x
  PUT    /v1/users/profile                                          x     x       x        x         x        x
  PUT    /v1/users/password                                         x     x       x        x         x        x
  GET    /v1/quotas                                                 x     -       -        -         -        -
  GET    /v1/quotas/me                                              x     x       x        x         x        x
  GET    /v1/api-keys                                               x     -       -        -         -        -
  POST   /v1/api-keys                                               x     -       -        -         -        -
  GET    /v1/api-keys/{key_id}                                      x     -       -        -         -        -
  DELETE /v1/api-keys/{key_id}                                      x     -       -        -         -        -
  GET    /orders                                                    x     x       x        x         own      own
  POST   /orders                                                    x     x       x        -         own      own
  GET    /orders/my-stats                                           x     x       x        x         x        x
  GET    /orders/{order_id}                                         x     x       x        x         own      own
  PUT    /orders/{order_id}                                         x     x       -        -         own      own
  PUT    /orders/{order_id}/status                                  x     x       -        -         own      own
  DELETE /orders/{order_id}                                         x     x       -        -         own      own
long tasks
  POST   /user                                                      x     x       -        -         -        -
  GET    /user/{id}                                                 x     x       x        x         own      own
  POST   /task/{id}                                                 x     x       x        -         own      own
  GET    /task/{id}                                                 x     x       x        x         own      own
  GET    /tasks/{user_id}                                           x     x       x        x         own      own
construction
  GET    /api/v1/sites                                              x     x       x        x         own      -
  POST   /api/v1/sites                                              x     x       -        -         -        -
  GET    /api/v1/sites/{site_id}                                    x     x       x        x         own      -
  PATCH  /api/v1/sites/{site_id}                                    x     x       -        -         -        -
  DELETE /api/v1/sites/{site_id}                                    x     x       -        -         -        -
  GET    /api/v1/sites/{site_id}/progress                           x     x       x        x         own      -
  GET    /api/v1/defects                                            x     x       x        x         own      -
  POST   /api/v1/defects                                            x     x       x        -         -        -
  POST   /api/v1/defects/assign                                     x     x       -        -         -        -
  GET    /api/v1/defects/{defect_id}                                x     x       x        x         own      -
  PATCH  /api/v1/defects/{defect_id}                                x     x       x        -         -        -
  DELETE /api/v1/defects/{defect_id}                                x     x       -        -         -        -
  PUT    /api/v1/defects/{defect_id}/status                         x     x       x        -         -        -
  PUT    /api/v1/defects/{defect_id}/assignee                       x     x       -        -         -        -
  GET    /api/v1/defects/{defect_id}/history                        x     x       x        x         own      -
  GET    /api/v1/defects/{defect_id}/comments                       x     x       x        x         own      -
  POST   /api/v1/defects/{defect_id}/comments                       x     x       x        x         own      -
  GET    /api/v1/defects/{defect_id}/attachments                    x     x       x        x         own      -
  POST   /api/v1/defects/{defect_id}/attachments                    x     x       x        -         -        -
  GET    /api/v1/defects/{defect_id}/attachments/{attachment_id}    x     x       x        x         own      -
  DELETE /api/v1/defects/{defect_id}/attachments/{attachment_id}    x     x       x        -         -        -
system
  GET    /api/v1/system                                             x     -       -        -         -        -
  GET    /api/v1/system/dead-letters/{queue}                        x     -       -        -         -        -
  POST   /api/v1/system/dead-letters/{queue}/replay                 x     -       -        -         -        -
local stage only
  PUT    /faults/{dependency}                                       x     -       -        -         -        -
"""


@cache
def rows() -> dict[str, dict[str, str]]:
    """Return the table: `GET /users` -> role -> `x`, `own` or `-`."""
    found: dict[str, dict[str, str]] = {}
    for line in TABLE.splitlines():
        method, *rest = line.split() or [""]
        if method.isupper():
            path, *cells = rest
            found[f"{method} {path}"] = dict(zip(ROLES, cells, strict=True))
    return found


def sees_all(roles: Iterable[str], endpoint: str) -> bool:
    """Return whether an endpoint shows an actor with these roles the data of others too."""
    cells = rows()[endpoint]
    return any(cells[role] == "x" for role in roles)


def allowed() -> Mapping[str, frozenset[str]]:
    """Return the roles that may call each endpoint."""
    return {name: frozenset(role for role, cell in cells.items() if cell != "-") for name, cells in rows().items()}


INTRODUCTION = """# Roles

Printed from `chalicelib/roles.py` by `make roles`: edit the table there.

- **yes**: the role may. **own**: it may, and data of other users is 404 or left out of the list. **-**: 403.
- A user with several roles has the permissions of each. A user with no role but `user` and `customer` sees only
  own data.
- Without a token or an API key: 401, but for health, status, registration, login and the receiver that tests webhooks.
- An import creates the missing work centres that its rows name; the permission to import is enough for that.
- Finer rules (who moves a defect to which status, who sets roles) are in the guides, and the error names them.
- An API key has roles and permissions of its own, and owns what it creates. It has no password and no profile to
  change: 409.
- While `AUTH_REQUIRED` is off, a call without a token acts as the built-in administrator.
"""
SHOWN = {"x": "yes", "own": "own", "-": "-"}


def document() -> str:
    """Return the table as a page of the documentation."""
    return INTRODUCTION + "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    for line in TABLE.splitlines()[2:]:
        method, *rest = line.split()
        if method.isupper():
            path, *cells = rest
            yield f"| {method} {path} | {' | '.join(SHOWN[cell] for cell in cells)} |"
            continue
        yield f"\n## {line.capitalize()}\n"
        yield f"| | {' | '.join(ROLES)} |"
        yield "|---" * (1 + len(ROLES)) + "|"


if __name__ == "__main__":
    sys.stdout.write(document())
