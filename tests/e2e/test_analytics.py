"""Analytics on the deployed stack: the dashboard, figures, and a recount beside many writers."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from localstack.config import ROOT
from tests.e2e.production import new_batch, new_center, ok
from tests.e2e.stack import Stack
from tests.waiting import wait_for

DASHBOARD = "/api/analytics/dashboard"
DAY = "2025-01-20"
WRITERS = 4


@pytest.fixture(scope="module", autouse=True)
def exact(stack: Stack) -> None:
    """What other tests have written by hand is counted."""
    recount(stack)


def refresh(stack: Stack) -> dict[str, Any]:
    """The dashboard, refreshed as the schedule does it."""
    answer = stack.client("lambda").invoke(FunctionName=f"{stack.name}-refresh-analytics", Payload=b"{}")
    assert "FunctionError" not in answer
    shown: dict[str, Any] = ok(stack, "GET", DASHBOARD)
    return shown


def recount(stack: Stack) -> "subprocess.CompletedProcess[str]":
    """`make recount`, of this stack."""
    command = [sys.executable, "-m", "infra.recount", "--stage", "local", "--endpoint", stack.aws_url]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)


def total(stack: Stack, path: str) -> int:
    """The total of a list."""
    return int(ok(stack, "GET", path)["total"])


def figures(stack: Stack, path: str, center: str) -> Any:
    return ok(stack, "GET", f"/api/analytics/{path}?date_from={DAY}&date_to={DAY}&work_center_id={center}")


def test_the_dashboard_is_there_from_the_deployment_on_and_follows_the_lists(stack: Stack) -> None:
    wait_for(lambda: stack.call("GET", DASHBOARD).status_code == 200)
    batch = new_batch(stack)
    ok(stack, "POST", f"/api/batches/{batch['uuid']}/products", {"unique_code": "A-1"})
    shown = refresh(stack)
    assert shown["total_batches"] == total(stack, "/api/batches")
    assert shown["active_batches"] == total(stack, "/api/batches?is_closed=false")
    assert shown["total_products"] == total(stack, "/api/products")
    assert shown["aggregated_products"] == total(stack, "/api/products?is_aggregated=true")


def test_it_is_refreshed_by_a_schedule(stack: Stack) -> None:
    rules = stack.client("events").list_rules()["Rules"]
    (rule,) = [rule for rule in rules if rule.get("ScheduleExpression") == "rate(5 minutes)"]
    (target,) = stack.client("events").list_targets_by_rule(Rule=rule["Name"])["Targets"]
    assert target["Arn"].endswith(":function:shopfloor-local-refresh-analytics")


def test_figures_of_one_work_center(stack: Stack) -> None:
    center = new_center(stack)
    first, second = (new_batch(stack, work_center_id=center, shift=shift)["uuid"] for shift in ("1", "2"))
    for code in ("A-1", "A-2"):
        ok(stack, "POST", f"/api/batches/{first}/products", {"unique_code": code})
    ok(stack, "PATCH", f"/api/batches/{first}/aggregate", {})
    ok(stack, "PATCH", f"/api/batches/{second}/close", {})
    expected = {
        "total_batches": 2, "active_batches": 1, "closed_batches": 1, "total_products": 2, "aggregated_products": 2,
        "aggregation_rate": 100.0,
    }  # fmt: skip
    for path in ("work_centers", "shifts", "timeseries"):
        assert figures(stack, path, center)["total"] == expected
    (shown,) = figures(stack, "work_centers", center)["items"]
    assert (shown["work_center_id"], shown["name"]) == (center, "Цех №1")
    ok(stack, "DELETE", f"/api/work_centers/{center}?cascade=true")
    assert figures(stack, "work_centers", center)["items"] == []


def test_a_recount_beside_writers_changes_nothing_and_is_exact_afterwards(stack: Stack) -> None:
    center = new_center(stack)
    batches = [new_batch(stack, work_center_id=center)["uuid"] for _ in range(WRITERS)]

    def write(batch_id: str) -> int:
        made = 0
        while not counted.done():
            place = f"/api/batches/{batch_id}"
            ok(stack, "POST", f"{place}/products", {"unique_code": f"W-{made}"})
            ok(stack, "PATCH", place, {"shift": str(made % 3 + 1)})
            made += 1
        return made

    with ThreadPoolExecutor(WRITERS + 1) as pool:
        counted = pool.submit(recount, stack)
        made = list(pool.map(write, batches))
    beside = counted.result()
    assert "corrected" not in beside.stdout, beside.stdout
    assert all(made), "each of them has written beside the recount"
    afterwards = recount(stack)
    assert afterwards.stdout.splitlines()[-1] == "exact", afterwards.stdout
    shown = figures(stack, "work_centers", center)["total"]
    assert (shown["total_batches"], shown["total_products"]) == (WRITERS, sum(made))
    assert total(stack, f"/api/products?batch_id={batches[0]}") == made[0]


def test_damage_is_repaired_and_told(stack: Stack) -> None:
    before = total(stack, "/api/products")
    damage = {"UpdateExpression": "ADD n :much", "ExpressionAttributeValues": {":much": {"N": "500"}}}
    place = {"TableName": f"{stack.name}-counters", "Key": {"key": {"S": "products#0"}}}
    stack.client("dynamodb").update_item(**place, **damage)
    assert total(stack, "/api/products") == before + 500
    told = recount(stack)
    assert (told.returncode, told.stdout.splitlines()[-1]) == (0, "repaired")
    (row,) = [line.split() for line in told.stdout.splitlines() if line.endswith("corrected")]
    assert row == ["list", "products", "products", str(before + 500), str(before), "corrected"]
    assert total(stack, "/api/products") == before
