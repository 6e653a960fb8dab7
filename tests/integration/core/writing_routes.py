"""Every route that writes to a thing: how one is made, a call that succeeds, and another change of the thing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import Context
from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import uuid4

import pytest

from chalicelib.api_keys import store as api_keys
from chalicelib.background_tasks import store as background_tasks
from chalicelib.core import circuits, clock
from chalicelib.core.aws import client
from chalicelib.core.settings import settings
from chalicelib.core.transactions import transaction
from chalicelib.deferred_tasks import store as deferred_tasks
from chalicelib.reports import store as reports
from chalicelib.reports.batch_report import making
from chalicelib.reports.batch_report import service as batch_report
from chalicelib.webhooks import deliveries_store
from tests.http_events import Response
from tests.people import person
from tests.production import ask, batch, batch_with, closed_batch, dump, ok, work_center
from tests.tasks import work_queue

Json = dict[str, Any]
Asked = tuple[str, str, Json | None]  # method, path, body
_numbers = count(1)


@dataclass(frozen=True)
class Things:
    """The paths of a thing and of what is asked of it; `other` changes the thing as another client would."""

    thing: str
    asked: str
    other: Callable[[], object]


@dataclass(frozen=True)
class Route:
    """A writing route. One that `leaves` the representation of its thing alone may be repeated with the same tag."""

    make: Callable[[], Things]
    body: Json | None = None
    leaves: bool = False


@contextmanager
def all_side_effects() -> Iterator[None]:
    """Inside of moto: every call reports to its circuit, queues and mail are there, and the function that makes reports
    on batches answers at once.
    """
    with pytest.MonkeyPatch.context() as patch, work_queue():
        patch.setattr(circuits, "REPORT_INTERVAL_SECONDS", 0.0)
        patch.setattr(batch_report, "_invoke", lambda request: Context().run(making.make, request, lambda: 20_000))
        queue = client("sqs").create_queue(QueueName="shopfloor-test-deliveries")["QueueUrl"]
        patch.setenv("DELIVERIES_QUEUE_URL", queue)
        patch.setenv("MAIL_FROM", "shopfloor@example.com")
        settings.cache_clear()
        yield
    settings.cache_clear()


def request(method: str, path: str, body: Any = None, tag: str | None = None) -> Response:
    """A call of another process, as it were, with every side effect that a call can ask for."""
    headers = {"Idempotency-Key": str(uuid4())} | ({"If-Match": tag} if tag else {})
    return Context().run(ask, method, path, body, headers)


def change(method: str, path: str, body: Any = None) -> Callable[[], object]:
    """A change by another user, which has to succeed."""
    return lambda: Context().run(ok, method, path, body)


def things_in_tables() -> dict[str, list[str]]:
    """What the tables hold, but for sequences, whose numbers may be used up in vain, and answers under a key."""
    found = {name: items for name, items in dump().items() if not name.endswith("-idempotency")}
    found["shopfloor-test-counters"] = [item for item in found["shopfloor-test-counters"] if '"seq#' not in item]
    return found


def fail_delivery(delivery_id: str) -> None:
    """A pending delivery fails for good."""
    item = deliveries_store.take(delivery_id, clock.now())
    assert item and item.due_at
    with transaction() as tx:
        lease, item.due_at = item.due_at, None
        deliveries_store.settle(tx, item, lease, "failed")


def fail_saga(saga_id: str) -> None:
    """A saga fails for good."""
    saga = reports.find_saga(saga_id)
    assert saga
    saga.status = "failed"
    with transaction() as tx:
        reports.save_saga(tx, saga)


def fail_task(number: int) -> None:
    """A task fails for good."""
    task = deferred_tasks.find(number)
    assert task
    before, task.status, task.due_at = task.status, "failed", None
    with transaction() as tx:
        deferred_tasks.save(tx, task, before)


def _made(path: str, body: Json, *place: str) -> str:
    found = ok("POST", path, body)
    for name in place:
        found = found[name]
    return f"{path}/{found}"


SUBSCRIPTION = {"url": "https://example.com/hook", "events": ["batch.created"], "secret_key": "my_secret_key"}
SMS = {"task_type": "send_sms", "payload": {"phone": "+79991234567", "text": "a"}}
TASK = {"execute_at": "2999-01-01T00:00:00Z", **SMS}
SCHEDULE = {"name": "Смена", "cron": "0 8 * * *", "timezone": "UTC", **SMS}
TEMPLATE = {"name": "Мой", "base_template_id": 2, "parameters": {}}
REPORT = {"name": "Отчет", "template_id": 4, "parameters": "{}"}
FILE = {"name": "a.pdf", "content_type": "application/pdf", "size": 10}


def lines(product: str) -> Json:
    """The lines of an order."""
    return {"items": [{"product": product, "quantity": 1, "price": 1}]}


def _batch(made: Json, suffix: str = "") -> Things:
    path = f"/api/batches/{made['uuid']}"
    return Things(path, path + suffix, change("PATCH", path, {"team": "Чужая"}))


def _batch_product() -> Things:
    made = batch_with("A", "B")
    return _batch(made, f"/products/{made['products'][0]['uuid']}")


def _product() -> Things:
    path = f"/api/products/{batch_with('A')['products'][0]['uuid']}"
    return Things(path, f"{path}/aggregate", change("PATCH", f"{path}/aggregate"))


def _work_center() -> Things:
    path = f"/api/work_centers/{work_center()['uuid']}"
    return Things(path, path, change("PATCH", path, {"name": "Чужое"}))


def _background_task() -> Things:
    task_id = ok("POST", "/api/batches/export?format=csv")["task_id"]
    task, path = background_tasks.find(task_id), f"/api/background_tasks/{task_id}"
    assert task
    return Things(path, path, lambda: Context().run(background_tasks.take, task, clock.now()))


def _webhook(suffix: str = "") -> Things:
    path = _made("/api/webhooks", SUBSCRIPTION, "uuid")
    return Things(path, path + suffix, change("PATCH", path, {"timeout": 7}))


def _delivery() -> Things:
    webhook = _webhook().thing
    found = ok("POST", f"{webhook}/test", {"event": "batch.created"})["uuid"]
    fail_delivery(found)
    path = f"{webhook}/deliveries/{found}"
    return Things(path, f"{path}/redeliver", change("POST", f"{path}/redeliver"))


def _report(suffix: str = "") -> Things:
    path = _made("/api/v1/reports", REPORT, "id")
    return Things(path, path + suffix, change("POST", f"{path}/cancel"))


def _saga(status: str, suffix: str = "") -> Things:
    saga_id = ok("POST", "/api/v1/reports", REPORT)["saga_id"]
    path = f"/api/v1/sagas/{saga_id}"
    if status == "failed":
        fail_saga(saga_id)
        return Things(path, path + suffix, change("POST", f"{path}/retry"))
    return Things(path, path, change("DELETE", path))


def _template() -> Things:
    path = _made("/api/v1/templates", TEMPLATE, "id")
    return Things(path, path, change("PUT", path, {**TEMPLATE, "name": "Чужой"}))


def _deferred(status: str = "pending", suffix: str = "") -> Things:
    path = _made("/api/v1/tasks", TASK, "task", "id")
    if status == "failed":
        fail_task(int(path.rpartition("/")[2]))
        return Things(path, path + suffix, change("POST", f"{path}/retry"))
    return Things(path, path, change("PATCH", path, {"payload": {"phone": "+1", "text": "чужой"}}))


def _schedule(suffix: str = "") -> Things:
    path = _made("/api/v1/schedules", SCHEDULE, "schedule", "id")
    return Things(path, path + suffix, change("PATCH", path, {"name": "Чужое"}))


def _site() -> Things:
    path = _made("/api/v1/sites", {"code": f"S-{next(_numbers)}", "name": "Дом"}, "id")
    return Things(path, path, change("PATCH", path, {"name": "Чужой"}))


def _defect(suffix: str = "") -> Things:
    path = _made("/api/v1/defects", {"title": "Трещина", "site_id": _site().thing.rpartition("/")[2]}, "id")
    return Things(path, path + suffix, change("PATCH", path, {"title": "Чужая"}))


def _attachment() -> Things:
    made = _defect()
    added = ok("POST", f"{made.thing}/attachments", FILE)["id"]
    return Things(made.thing, f"{made.thing}/attachments/{added}", made.other)


def _user(suffix: str = "") -> Things:
    path = f"/users/{person(email=f'{next(_numbers)}@example.com').id}"
    return Things(path, path + suffix, change("PUT", path, {"name": "Чужая"}))


def _api_key() -> Things:
    path = _made("/v1/api-keys", {"name": "Станок", "roles": ["engineer"]}, "data", "id")
    item = api_keys.get(path.rpartition("/")[2])
    return Things(path, path, lambda: Context().run(api_keys.record_use, item, clock.now()))


def _order(suffix: str = "") -> Things:
    path = _made("/orders", {"user_id": person().id, **lines("Болт")}, "data", "id")
    return Things(path, path + suffix, change("PUT", path, lines("Чужой")))


def _long_task() -> Things:
    owner = person()
    return Things(
        f"/user/{owner.number}", f"/task/{owner.number}", change("PUT", f"/users/{owner.id}", {"name": "Чужая"})
    )


PATCHED = Route(lambda: _batch(batch()), {"team": "Своя"})
ROUTES: dict[str, Route] = {
    "PATCH /api/work_centers/{work_center_id}": Route(_work_center, {"name": "Свое"}),
    "DELETE /api/work_centers/{work_center_id}": Route(_work_center),
    "PATCH /api/batches/{batch_id}": PATCHED,
    "DELETE /api/batches/{batch_id}": Route(lambda: _batch(closed_batch("A"))),
    "PATCH /api/batches/{batch_id}/close": Route(lambda: _batch(batch_with("A"), "/close")),
    "POST /api/batches/{batch_id}/products": Route(lambda: _batch(batch_with("A"), "/products"), {"unique_code": "B"}),
    "POST /api/batches/{batch_id}/products/bulk": Route(
        lambda: _batch(batch(), "/products/bulk"), {"unique_codes": ["A"]}, leaves=True
    ),
    "DELETE /api/batches/{batch_id}/products/{product_id}": Route(_batch_product),
    "PATCH /api/batches/{batch_id}/aggregate": Route(lambda: _batch(batch_with("A", "B"), "/aggregate"), {}),
    "PATCH /api/batches/{batch_id}/aggregate_async": Route(
        lambda: _batch(batch_with("A"), "/aggregate_async"), {}, leaves=True
    ),
    "POST /api/batches/{batch_id}/reports/generate": Route(
        lambda: _batch(batch_with("A"), "/reports/generate?format=xlsx"), leaves=True
    ),
    "PATCH /api/products/{product_id}/aggregate": Route(_product, {}),
    "DELETE /api/background_tasks/{task_id}": Route(_background_task),
    "PATCH /api/webhooks/{subscription_id}": Route(_webhook, {"timeout": 8}),
    "DELETE /api/webhooks/{subscription_id}": Route(_webhook),
    "POST /api/webhooks/{subscription_id}/rotate_secret": Route(
        lambda: _webhook("/rotate_secret"), {"secret_key": "another_key"}
    ),
    "POST /api/webhooks/{subscription_id}/test": Route(
        lambda: _webhook("/test"), {"event": "batch.created"}, leaves=True
    ),
    "POST /api/webhooks/{subscription_id}/redeliver": Route(
        lambda: _webhook("/redeliver"), {"since": "2020-01-01T00:00:00Z"}, leaves=True
    ),
    "POST /api/webhooks/{subscription_id}/deliveries/{delivery_id}/redeliver": Route(_delivery),
    "POST /api/v1/reports/{report_id}/cancel": Route(lambda: _report("/cancel")),
    "DELETE /api/v1/reports/{report_id}": Route(_report),
    "PUT /api/v1/templates/{template_id}": Route(_template, {**TEMPLATE, "name": "Свой"}),
    "DELETE /api/v1/templates/{template_id}": Route(_template),
    "POST /api/v1/sagas/{saga_id}/retry": Route(lambda: _saga("failed", "/retry")),
    "DELETE /api/v1/sagas/{saga_id}": Route(lambda: _saga("pending")),
    "PATCH /api/v1/tasks/{task_id}": Route(_deferred, {"payload": {"phone": "+1", "text": "свой"}}),
    "DELETE /api/v1/tasks/{task_id}": Route(_deferred),
    "POST /api/v1/tasks/{task_id}/retry": Route(lambda: _deferred("failed", "/retry")),
    "PATCH /api/v1/schedules/{schedule_id}": Route(_schedule, {"name": "Свое"}),
    "DELETE /api/v1/schedules/{schedule_id}": Route(_schedule),
    "POST /api/v1/schedules/{schedule_id}/run": Route(lambda: _schedule("/run")),
    "PATCH /api/v1/sites/{site_id}": Route(_site, {"name": "Свой"}),
    "DELETE /api/v1/sites/{site_id}": Route(_site),
    "PATCH /api/v1/defects/{defect_id}": Route(_defect, {"title": "Своя"}),
    "DELETE /api/v1/defects/{defect_id}": Route(_defect),
    "PUT /api/v1/defects/{defect_id}/status": Route(lambda: _defect("/status"), {"status": "rejected"}),
    "PUT /api/v1/defects/{defect_id}/assignee": Route(lambda: _defect("/assignee")),
    "POST /api/v1/defects/{defect_id}/comments": Route(lambda: _defect("/comments"), {"text": "Свой"}),
    "POST /api/v1/defects/{defect_id}/attachments": Route(lambda: _defect("/attachments"), FILE),
    "DELETE /api/v1/defects/{defect_id}/attachments/{attachment_id}": Route(_attachment),
    "DELETE /v1/api-keys/{key_id}": Route(_api_key),
    "PUT /users/{user_id}": Route(_user, {"name": "Своя"}),
    "POST /users/{user_id}/invitation": Route(lambda: _user("/invitation"), leaves=True),
    "PUT /users/{user_id}/password": Route(lambda: _user("/password"), {"password": "new password"}),
    "DELETE /users/{user_id}": Route(_user),
    "PUT /orders/{order_id}": Route(_order, lines("Свой")),
    "PUT /orders/{order_id}/status": Route(lambda: _order("/status"), {"status": "in_progress"}),
    "DELETE /orders/{order_id}": Route(_order),
    "POST /task/{id}": Route(_long_task, {"task": "Работа"}, leaves=True),
}


def body_of(name: str) -> Json | None:
    """What is sent; an engineer who can be named has to be made first."""
    return {"assignee_id": person("engineer").id} if name.endswith("/assignee") else ROUTES[name].body
