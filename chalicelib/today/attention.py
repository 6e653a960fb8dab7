"""What needs action: a count that goes no further than `MOST`, and the newest `SHOWN`."""

from typing import Any

from chalicelib.background_tasks import service as background_tasks
from chalicelib.core.actor import Actor
from chalicelib.defects import service as defects
from chalicelib.deferred_tasks import service as deferred_tasks
from chalicelib.deferred_tasks.schemas import DeferredTaskQuery
from chalicelib.today.schemas import (
    FailedImport,
    FailedImports,
    FailedTask,
    FailedTasks,
    OverdueDefect,
    OverdueDefects,
    TroubledWebhook,
    TroubledWebhooks,
)
from chalicelib.webhooks import service as webhooks

SHOWN, MOST = 5, 1_000


def failed_imports() -> FailedImports:
    """The imports that failed while their tasks are kept: 24 hours."""
    total, complete, found = background_tasks.in_trouble("import", SHOWN, MOST)
    return FailedImports(total=total, at_least=not complete, items=[_import(task) for task in found])


def _import(task: background_tasks.Task) -> FailedImport:
    result: dict[str, Any] = task.result or {}
    fields = {name: result.get(name) for name in ("total", "failed", "error", "errors_url")}
    about = {"task_id": task.id, "status": task.status, "finished_at": task.finished_at}
    return FailedImport.model_validate(fields | about)


def overdue_defects() -> OverdueDefects:
    """The defects that are not fixed in time."""
    total, complete, found = defects.latest_overdue(SHOWN, MOST)
    items = [OverdueDefect.model_validate(defect) for defect in found]
    return OverdueDefects(total=total, at_least=not complete, items=items)


def troubled_webhooks() -> TroubledWebhooks:
    """The subscriptions that get nothing."""
    found = webhooks.in_trouble()
    off = [item for item in found if item.disabled_at]
    items = [TroubledWebhook.model_validate(item) for item in found[:SHOWN]]
    return TroubledWebhooks(disabled=len(off), failing=len(found) - len(off), items=items)


def failed_tasks(actor: Actor) -> FailedTasks:
    """The deferred tasks that failed for good."""
    page = deferred_tasks.list_page(actor, query=DeferredTaskQuery(status="failed", limit=SHOWN))
    items = [FailedTask.model_validate(task) for task in page.tasks]
    return FailedTasks(total=page.total, at_least=False, items=items)
