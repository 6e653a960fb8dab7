"""Examples from what is stored: ids of things that exist, so that the first "Execute" of a call finds something.

Only where no call needs a token: elsewhere the document, which everybody may read, would show what is stored.
"""

import copy
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from chalicelib.core.answers import answer_of
from chalicelib.core.auth import ADMINISTRATOR
from chalicelib.core.errors import AppError
from chalicelib.core.http import ENDPOINTS, Endpoint

Json = dict[str, Any]
Read = Callable[[str], Any]  # a path with its query -> the JSON of the answer
Pick = Callable[[list[Json]], Any]


@dataclass(frozen=True)
class Find:
    """A value in the items of a list; the path may name other values: `{defect_id}`."""

    path: str
    pick: Pick


def _field(name: str, at: int = 0) -> Pick:
    return lambda items: items[at][name]


def _of_kind(field_name: str, /, **wanted: Any) -> Pick:
    """Return the field of the first item with these values."""
    return lambda items: next(item[field_name] for item in items if wanted.items() <= item.items())


def _to_pack(batch: Json) -> list[Json]:
    """Return the products of a batch that are not aggregated."""
    return [one for one in batch["products"] if not one["is_aggregated"]]


def _of_open(pick: Callable[[Json], Any], at: int = 0) -> Pick:
    """Return what `pick` finds in the open batch at an index, those with two products to pack before the others.

    The batches of the shift that runs would not do: they have no products when the shift has just begun.
    """
    return lambda batches: pick(sorted(batches, key=lambda batch: len(_to_pack(batch)) < 2)[at])


def _own(templates: list[Json]) -> Any:
    return next(template["id"] for template in templates if not template["is_builtin"])


OPEN = "/api/batches?is_closed=false&limit=100"
DEFECTS = "/api/v1/defects?limit=100"
PENDING, FAILED = "/api/v1/tasks?status=pending", "/api/v1/tasks?status=failed"
HOOKS = "/api/webhooks?limit=100"
USERS = "/users?limit=1000"
VALUES: Mapping[str, Find] = {
    "work_center_id": Find("/api/work_centers?limit=100", _of_kind("uuid", identifier="WC-DEMO")),
    "batch_id": Find(OPEN, _of_open(itemgetter("uuid"))),
    "product_id": Find(OPEN, _of_open(lambda batch: _to_pack(batch)[0]["uuid"])),
    "code": Find(OPEN, _of_open(lambda batch: batch["products"][0]["unique_code"])),
    "file_id": Find(
        "/api/background_tasks?type=export&status=SUCCESS",
        lambda tasks: tasks[0]["result"]["download_url"].rpartition("/")[2],
    ),
    "report_id": Find("/api/v1/reports?status=completed", _field("id")),
    "saga_id": Find("/api/v1/reports?status=completed", _field("saga_id")),
    "template_id": Find("/api/v1/templates", _field("id")),
    "schedule_id": Find("/api/v1/schedules", _field("id")),
    "order_id": Find("/orders?status=created", _field("id")),
    "user_id": Find(USERS, _of_kind("id", name="Смирнова Ольга")),
    "key_id": Find("/v1/api-keys", _field("id", -1)),
    "site_id": Find("/api/v1/sites?sort_direction=ASC", _field("id")),
    "defect_id": Find(DEFECTS, _of_kind("id", status="in_progress", location="Этаж 3, у лифта")),
    "attachment_id": Find("/api/v1/defects/{defect_id}/attachments", _field("id")),
    "assignee_id": Find(USERS, _of_kind("id", name="Орлов Дмитрий")),
    "customer_id": Find(USERS, _of_kind("id", name="ООО «Северный дом»")),
    "subscription_id": Find(HOOKS, lambda hooks: next(one["uuid"] for one in hooks if one["health"]["delivered"])),
    "delivery_id": Find("/api/webhooks/{subscription_id}/deliveries", _field("uuid", -1)),
}
"""Name of a parameter or field -> where its value is."""
OWN: Mapping[tuple[str, str], Find] = {
    ("delete_work_center", "work_center_id"): Find(
        "/api/work_centers?limit=100", _of_kind("uuid", identifier="WC-RESERVE")
    ),
    ("aggregate_batch", "batch_id"): Find(OPEN, _of_open(itemgetter("uuid"), 1)),
    ("close_batch", "batch_id"): Find(OPEN, _of_open(itemgetter("uuid"), 2)),
    ("delete_batch", "batch_id"): Find("/api/batches?is_closed=true", _field("uuid", -1)),
    ("remove_product", "product_id"): Find(OPEN, _of_open(lambda batch: _to_pack(batch)[1]["uuid"])),
    ("get_background_task", "task_id"): Find("/api/background_tasks", _field("task_id")),
    ("cancel_background_task", "task_id"): Find("/api/background_tasks", _field("task_id")),
    ("delete_report", "report_id"): Find("/api/v1/reports?status=completed", _field("id", -1)),
    ("retry_saga", "saga_id"): Find("/api/v1/reports?status=failed", _field("saga_id")),
    ("replace_template", "template_id"): Find("/api/v1/templates", _own),
    ("delete_template", "template_id"): Find("/api/v1/templates", _own),
    ("get_deferred_task", "task_id"): Find("/api/v1/tasks", _field("id")),
    ("change_deferred_task", "task_id"): Find(PENDING, _field("id")),
    ("cancel_deferred_task", "task_id"): Find(PENDING, _field("id", -1)),
    ("list_attempts", "task_id"): Find(FAILED, _field("id")),
    ("retry_deferred_task", "task_id"): Find(FAILED, _field("id")),
    ("delete_schedule", "schedule_id"): Find("/api/v1/schedules", _field("id", -1)),
    ("get_person", "id"): Find(USERS, _of_kind("number", name="Смирнова Ольга")),
    ("create_long_task", "id"): Find(USERS, _of_kind("number", name="Смирнова Ольга")),
    ("list_long_tasks", "user_id"): Find(USERS, _of_kind("number", name="Смирнова Ольга")),
    ("get_long_task", "id"): Find("/api/v1/operations?kind=long", lambda items: int(items[0]["id"])),
    ("delete_user", "user_id"): Find(USERS, _of_kind("id", name="Стажёр")),
    ("delete_order", "order_id"): Find("/orders?status=created", _field("id", -1)),
    ("delete_site", "site_id"): Find("/api/v1/sites?limit=100", _of_kind("id", code="ДЕМО-РЕЗЕРВ")),
    ("assign_defect", "defect_id"): Find(DEFECTS, _of_kind("id", status="new")),
    ("assign_defects", "ids"): Find(DEFECTS, lambda items: [one["id"] for one in items if one["status"] == "new"][-2:]),
    ("reset_password", "user_id"): Find(USERS, _of_kind("id", name="Каримов Руслан")),
    ("delete_defect", "defect_id"): Find(DEFECTS, _of_kind("id", status="rejected")),
    ("remove_attachment", "attachment_id"): Find("/api/v1/defects/{defect_id}/attachments", _field("id", -1)),
    ("delete_webhook", "subscription_id"): Find(HOOKS, _of_kind("uuid", is_active=False)),
}
"""The same for the parameters of an operation that needs another one."""


def with_stored(document: Json, read: Read | None = None) -> Json:
    """Return the document with examples of what is stored; other examples stay as they are."""
    values = _Values(read or read_here)
    document = {**document, "paths": copy.deepcopy(document["paths"])}
    for methods in document["paths"].values():
        for operation in methods.values():
            _fill(operation, values)
    return document


@dataclass
class _Values:
    """What was found, each list read once."""

    read: Read
    lists: dict[str, list[Json]] = field(default_factory=dict)

    def of(self, operation: str, name: str) -> Any:
        """Return the value of a parameter or field of an operation; None if nothing is stored that fits."""
        find = OWN.get((operation, name)) or VALUES.get(name)
        return self._found(find) if find else None

    def _found(self, find: Find) -> Any:
        names = re.findall(r"\{(\w+)\}", find.path)
        path = find.path.format_map({name: self.of("", name) for name in names})
        try:
            return find.pick(self._items(path))
        except (LookupError, StopIteration, TypeError, AttributeError, AppError, ValueError):
            return None

    def _items(self, path: str) -> list[Json]:
        if path not in self.lists:
            answer = self.read(path)
            lists = [answer] if isinstance(answer, list) else [one for one in answer.values() if isinstance(one, list)]
            self.lists[path] = lists[0]
        return self.lists[path]


def _fill(operation: Json, values: _Values) -> None:
    """Put the values into the examples of an operation's parameters and bodies."""
    name = operation["operationId"]
    for parameter in operation["parameters"]:
        if "example" in parameter:
            found = values.of(name, parameter["name"])
            parameter["example"] = parameter["example"] if found is None else found
    for content in operation.get("requestBody", {}).get("content", {}).values():
        content["example"] = _filled(content["example"], name, values)


def _filled(example: Any, operation: str, values: _Values) -> Any:
    if isinstance(example, list):
        return [_filled(inner, operation, values) for inner in example]
    if not isinstance(example, dict):
        return example
    filled = {}
    for key, inner in example.items():
        found = values.of(operation, key) if key.endswith("_id") or (operation, key) in OWN else None
        filled[key] = _filled(inner, operation, values) if found is None else found
    return filled


def read_here(path: str) -> Any:
    """Return what GET of a path answers to the built-in administrator, without a call over the network."""
    path, _, query = path.partition("?")
    endpoint, values = _endpoint_of(path)
    arguments: Json = {name: endpoint.path_types[name](text) for name, text in values.items()}
    if "actor" in endpoint.parameters:
        arguments["actor"] = ADMINISTRATOR
    if endpoint.query is not None:
        arguments["query"] = endpoint.query.model_validate(dict(pair.split("=") for pair in query.split("&") if pair))
    return json.loads(answer_of(endpoint.handler(**arguments), endpoint.status).body)


def _endpoint_of(path: str) -> tuple[Endpoint, Mapping[str, str]]:
    for endpoint in ENDPOINTS:
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", endpoint.path)
        found = re.fullmatch(pattern, path)
        if found and endpoint.method == "GET":
            return endpoint, found.groupdict()
    raise LookupError(path)
