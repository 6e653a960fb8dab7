"""A field that lists are sorted and filtered by is added to batches; old batches get it by a migration."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.changes import PRIORITY, changed, copied
from tests.e2e.production import new_batch, new_center, ok
from tests.e2e.stack import Stack, start
from tests.e2e.upgrading import Recording, record, started_over
from tests.waiting import wait_for

OLD = 12
MORE = ("localstack", ".chalice", "requirements.lock", "docs/production.md")  # beside the code
LIST = "/api/batches"
SORTED = f"{LIST}?limit=100&sort_field=priority&sort_direction="


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the current tree with the new field."""
    folder = copied(tmp_path_factory.mktemp("tree"), *MORE)
    with changed(folder, PRIORITY):
        yield folder


def test_old_batches_are_sorted_and_filtered_by_a_new_field(tree: Path, tmp_path: Path) -> None:
    stack = start(tmp_path)
    try:
        center = new_center(stack)
        made = [new_batch(stack, work_center_id=center) for _ in range(OLD)]
        ok(stack, "POST", f"{LIST}/{made[1]['uuid']}/products", {"unique_code": "PROD-1"})
        recording = record(stack, LIST)
    finally:
        stack.stop()
    with_new_orders(recording)
    with started_over(stack, recording, tree=tree) as stack:
        assert ok(stack, "GET", f"{LIST}/{made[0]['uuid']}") == made[0] | {"priority": None}
        changed = ok(stack, "PATCH", f"{LIST}/{made[0]['uuid']}", {"priority": 3})
        assert changed["priority"] == 3
        newest = new_batch(stack, work_center_id=center, priority=5)
        found = ok(stack, "GET", f"{SORTED}DESC")
        assert [one["priority"] for one in found["items"]] == [5, 3] + [None] * (OLD - 1)
        assert found["total"] == OLD + 1
        for value, batch in ((3, made[0]), (5, newest)):
            page = ok(stack, "GET", f"{LIST}?priority={value}")
            assert ([one["uuid"] for one in page["items"]], page["total"]) == ([batch["uuid"]], 1)
        assert ok(stack, "GET", f"{LIST}?priority=4")["total"] == 0
        assert exported(stack)["priority"] == "5"
        assert '"priority"' in str(stack.call("GET", "/openapi.json").text)


def with_new_orders(recording: Recording) -> None:
    """Expect the same of the new orders: old batches have no value, so the time of their creation decides."""
    by_creation = f"{LIST}?limit=100&sort_field=created_at&sort_direction="
    for direction in ("ASC", "DESC"):
        recording.answers[SORTED + direction] = recording.answers[by_creation + direction]


def exported(stack: Stack) -> dict[str, str]:
    """The last row of an export of all batches."""
    task = ok(stack, "POST", f"{LIST}/export?format=csv")["task_id"]
    done: Any = wait_for(lambda: ended(ok(stack, "GET", f"/api/background_tasks/{task}")), 60, 0.2)
    link = stack.call("GET", done["result"]["download_url"]).headers["Location"]
    lines = requests.get(link, timeout=20).content.decode("utf-8-sig").splitlines()
    return list(csv.DictReader(lines))[-1]


def ended(task: dict[str, Any]) -> dict[str, Any] | None:
    """The task, once it has succeeded."""
    return task if task["status"] == "SUCCESS" else None
