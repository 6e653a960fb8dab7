"""What the tables hold, without what differs from run to run: times, ids of events, shards of counters."""

import re
from collections import Counter
from typing import Any

from chalicelib.core.dynamo import table_name
from tests.production import events_of, ok
from tests.tables import tables

VOLATILE = re.compile(r"^(s_|lshard$|listed$|v$|version$|last_write$)|_at$|^(products_seq|work_center_id)$")

COUNTED = ("products", "background_tasks")


def items(table: str) -> list[dict[str, Any]]:
    """All items of a table, numbers and texts as texts."""
    found = tables().items()[table_name(table)]
    return [{name: next(iter(value.values())) for name, value in one.items()} for one in found]


def facts(batch: dict[str, Any], task_id: str) -> dict[str, Any]:
    """Everything that must be the same however often a task was disturbed."""
    found = items("products")
    products = sorted((one for one in found if "unique_code" in one), key=lambda one: one["sk"])
    pointers = [one for one in found if one["sk"] == "pointer"]
    shown = ok("GET", f"/api/batches/{batch['uuid']}")["products"]
    counters = Counter[str]()
    for one in items("counters"):
        counters[one["key"].rpartition("#")[0].replace(batch["uuid"], "it")] += int(one.get("n", 0))
    (task,) = (one for one in items("background_tasks") if one["task_id"] == task_id)
    return {
        "products": [(one["unique_code"], one["is_aggregated"], one.get("aggregated_at")) for one in products],
        "done_by_the_task": [one.get("aggregated_by") == task_id for one in products],
        "pointers": Counter(one.get("added_by") == task_id for one in pointers),
        "pointing": sorted(one["number"] for one in pointers) == sorted(one["number"] for one in products),
        "shown": [(one["unique_code"], one["is_aggregated"]) for one in shown],
        "counters": {name: count for name, count in counters.items() if count and name.startswith(COUNTED)},
        "totals": [(one.get("products"), one.get("aggregated")) for one in items("batch_totals")],
        "batch": [{name: value for name, value in one.items() if not VOLATILE.search(name)} for one in _batches(batch)],
        "events": [(name, _plain(data)) for name, data in events_of(f"batch#{batch['uuid']}")],
        "task": (task["status"], task["result"]),
        "files": len(items("files")),
    }


def _batches(batch: dict[str, Any]) -> list[dict[str, Any]]:
    return [one | {"uuid": "it", "batch_number": 0} for one in items("batches") if one["uuid"] == batch["uuid"]]


def _plain(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name in ("unique_code", "count", "aggregated_at")}
