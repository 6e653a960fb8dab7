"""The list of everything that runs or waits, on the deployed stack."""

from datetime import UTC, datetime
from typing import Any

from tests.e2e.due import plan
from tests.e2e.production import ok
from tests.e2e.stack import Stack
from tests.waiting import wait_for

PATH = "/api/v1/operations"
MAX_WAIT_SECONDS = 60


def test_work_of_every_kind_is_followed_to_its_end_and_what_failed_is_made_again(stack: Stack) -> None:
    since = {"created_from": datetime.now(UTC).isoformat()}

    def listed(**query: str) -> dict[str, dict[str, Any]]:
        answer = stack.call("GET", PATH, params={**since, "limit": "100", **query})
        assert answer.status_code == 200, answer.text
        return {f"{one['kind']} {one['id']}": one for one in answer.json()["items"]}

    user = ok(stack, "POST", "/user", {"name": "Анна"})["id"]
    export = ok(stack, "POST", "/api/batches/export?format=csv")["task_id"]
    task = plan(stack, "nobody_prints", {}, 1)
    daily = {"name": "Смена", "rate": "1 day", "task_type": "publish_event", "payload": {"name": "shift.begins"}}
    schedule = ok(stack, "POST", "/api/v1/schedules", daily)["schedule"]["id"]
    ok(stack, "POST", f"/task/{user}", {"task": f"fetch {stack.url}/api/v1/health"})
    saga = ok(stack, "POST", "/api/v1/reports", {"name": "Все", "template_id": 4, "parameters": {}})["saga_id"]
    failed = f"deferred {task['id']}"
    expected = {f"background {export}": "done", failed: "failed", f"schedule {schedule}": "waiting"}
    expected[f"saga {saga}"] = "done"

    def ended() -> dict[str, dict[str, Any]] | None:
        now = listed()
        (long,) = [one["status"] for name, one in now.items() if name.startswith("long ")]
        all_ended = all(now[name]["status"] == status for name, status in expected.items())
        return now if long == "done" and all_ended else None

    now = wait_for(ended, MAX_WAIT_SECONDS, 0.5)
    assert now[f"saga {saga}"]["progress"] == {"done": 6, "total": 6, "percent": 100}
    assert ok(stack, "GET", now[failed]["links"]["attempts"]["href"])["total"] == 1
    assert set(listed(status="failed", kind="deferred")) == {failed}

    body = {"kind": "deferred", "type": "nobody_prints", "dry_run": True}
    preview = ok(stack, "POST", f"{PATH}/replay", body)
    assert [one["id"] for one in preview["items"]] == [str(task["id"])] and preview["replayed"] == 0
    assert ok(stack, "POST", f"{PATH}/replay", body | {"dry_run": False})["replayed"] == 1

    def again() -> bool:
        return listed(kind="deferred")[failed]["attempts"] == 2

    wait_for(again, MAX_WAIT_SECONDS, 0.5)
    ok(stack, "DELETE", f"/api/v1/schedules/{schedule}")
