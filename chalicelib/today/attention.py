"""What needs action: for each kind a count up to `MAX_COUNTED`, and the newest `MAX_SHOWN`."""

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

MAX_SHOWN, MAX_COUNTED = 5, 1_000


def failed_imports() -> FailedImports:
    """Return the failed imports of the last 24 hours, the retention of their tasks."""
    total, complete, found = background_tasks.in_trouble("import", MAX_SHOWN, MAX_COUNTED)
    return FailedImports(total=total, at_least=not complete, items=[_import(task) for task in found])


def _import(task: background_tasks.Task) -> FailedImport:
    result: dict[str, Any] = task.result or {}
    fields = {name: result.get(name) for name in ("total", "failed", "error", "errors_url")}
    about = {"task_id": task.id, "status": task.status, "finished_at": task.finished_at}
    return FailedImport.model_validate(fields | about)


def overdue_defects() -> OverdueDefects:
    """Return the overdue defects."""
    total, complete, found = defects.latest_overdue(MAX_SHOWN, MAX_COUNTED)
    items = [OverdueDefect.model_validate(defect) for defect in found]
    return OverdueDefects(total=total, at_least=not complete, items=items)


def troubled_webhooks() -> TroubledWebhooks:
    """Return the subscriptions that are disabled or fail."""
    found = webhooks.in_trouble()
    off = [item for item in found if item.disabled_at]
    items = [TroubledWebhook.model_validate(item) for item in found[:MAX_SHOWN]]
    return TroubledWebhooks(disabled=len(off), failing=len(found) - len(off), items=items)


def failed_tasks(actor: Actor) -> FailedTasks:
    """Return the failed deferred tasks."""
    page = deferred_tasks.list_page(actor, query=DeferredTaskQuery(status="failed", limit=MAX_SHOWN))
    items = [FailedTask.model_validate(task) for task in page.tasks]
    return FailedTasks(total=page.total, at_least=False, items=items)
