"""Many products on the deployed stack: the documented commands, and what clients see while it goes on."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.production import at_once, events_of, new_batch, ok
from tests.e2e.stack import Stack
from tests.e2e.test_production import ADD, run
from tests.e2e.test_rights import without
from tests.waiting import wait_for

# The commands of production-control.md; ids, host and port are filled in.
AGGREGATE_ALL = """
curl -X PATCH http://localhost:8000/api/batches/{batch_id}/aggregate_async \\
  -H "Content-Type: application/json" \\
  -d '{
    "aggregated_at": "2025-01-20T18:00:00Z"
  }'
"""
AGGREGATE_CODES = """
curl -X PATCH http://localhost:8000/api/batches/{batch_id}/aggregate_async \\
  -H "Content-Type: application/json" \\
  -d '{
    "aggregated_at": "2025-01-20T18:00:00Z",
    "unique_codes": ["PROD-001", "PROD-002"]
  }'
"""
# Those of the README.
ADD_JSON = """
curl -X POST http://localhost:8000/api/batches/{batch_id}/products/bulk \\
  -H "Content-Type: application/json" \\
  -d '{"unique_codes": ["PROD-001", "PROD-002", "PROD-003"]}'
"""
ADD_CSV = """
curl -X POST "http://localhost:8000/api/batches/{batch_id}/products/bulk?mode=rollback" \\
  -H "Content-Type: text/csv" --data-binary @{file}
"""
AT = "2025-01-20T18:00:00Z"


def result(stack: Stack, started: tuple[int, Any]) -> dict[str, Any]:
    """What a task that was accepted has come to."""
    status, accepted = started
    assert (status, accepted["status"]) == (202, "PENDING"), accepted
    ended = wait_for(lambda: _ended(stack, accepted["task_id"]), timeout=90, every=0.1)
    assert ended["status"] == "SUCCESS", ended
    found: dict[str, Any] = ended["result"]
    return found


def _ended(stack: Stack, task_id: str) -> dict[str, Any] | None:
    task: dict[str, Any] = ok(stack, "GET", f"/api/background_tasks/{task_id}")
    return None if task["status"] in ("PENDING", "PROGRESS") else task


def test_the_documented_commands_run_as_they_stand(stack: Stack, tmp_path: Path) -> None:
    batch_id = new_batch(stack)["uuid"]
    added = result(stack, run(stack, ADD_JSON, batch_id=batch_id))
    assert added == {"success": True, "total": 3, "added": 3, "failed": 0, "errors": []}
    file = tmp_path / "codes.csv"
    file.write_text("\ufeffunique_code\r\nPROD-004\r\nPROD-003\r\n")
    refused = result(stack, run(stack, ADD_CSV, batch_id=batch_id, file=str(file)))
    reason = "Продукт с таким кодом уже есть в партии"
    assert refused == {
        "success": False, "total": 2, "added": 0, "failed": 1, "errors": [{"code": "PROD-003", "reason": reason}],
    }  # fmt: skip
    some = result(stack, run(stack, AGGREGATE_CODES, batch_id=batch_id))
    assert some == {"success": True, "total": 2, "aggregated": 2, "failed": 0, "errors": []}
    rest = result(stack, run(stack, AGGREGATE_ALL, batch_id=batch_id))
    assert rest == {"success": True, "total": 1, "aggregated": 1, "failed": 0, "errors": []}
    products = ok(stack, "GET", f"/api/batches/{batch_id}")["products"]
    assert [(one["unique_code"], one["aggregated_at"]) for one in products] == [
        (f"PROD-00{number}", AT) for number in (1, 2, 3)
    ]


def test_many_products_among_other_clients(stack: Stack) -> None:
    made = new_batch(stack)
    place = f"/api/batches/{made['uuid']}"
    codes = [f"P-{number:04d}" for number in range(400)]
    started = stack.call("POST", f"{place}/products/bulk", json={"unique_codes": codes})
    answers = at_once(lambda n: stack.call("POST", f"{place}/products", json={"unique_code": f"S-{n}"}), range(8))
    assert {answer.status_code for answer in answers} == {200}
    assert result(stack, (started.status_code, started.json()))["added"] == 400
    aggregating = stack.call("PATCH", f"{place}/aggregate_async", json={"aggregated_at": AT})
    singles = products_named(stack, made, "S-")
    statuses = at_once(lambda one: stack.call("DELETE", f"{place}/products/{one['uuid']}").status_code, singles)
    assert set(statuses) <= {200}
    assert result(stack, (aggregating.status_code, aggregating.json()))["success"]
    whole = ok(stack, "GET", place)
    assert (whole["products_total"], len(whole["products"])) == (400, 400)
    assert [one["unique_code"] for one in whole["products"]] == codes
    assert all(one["is_aggregated"] for one in whole["products"])


def products_named(stack: Stack, batch: dict[str, Any], prefix: str) -> list[dict[str, Any]]:
    """The products of a batch whose codes begin so."""
    found = [ok(stack, "GET", f"/api/products?batch_id={batch['uuid']}&unique_code={prefix}{n}") for n in range(8)]
    return [one for page in found for one in page["items"]]


def test_every_product_is_told_once_and_all_of_it_reaches_the_bus(stack: Stack) -> None:
    made = new_batch(stack)
    batch_id, codes = made["uuid"], [f"P-{number:03d}" for number in range(200)]
    result(stack, run(stack, command_of(f"/api/batches/{batch_id}/products/bulk", "POST", codes)))
    result(stack, run(stack, AGGREGATE_ALL, batch_id=batch_id))
    log = wait_for(lambda: _all_sent(stack, batch_id), timeout=60)
    names = [event["name"] for event in log]
    assert (names.count("batch.product_added"), names.count("product.aggregated")) == (200, 200)
    assert names.count("batch.aggregated") == 1
    assert [event["data"]["unique_code"] for event in log if event["name"] == "batch.product_added"] == codes


def command_of(path: str, method: str, codes: list[str]) -> str:
    """A command that sends codes."""
    body = json.dumps({"unique_codes": codes})
    return f"curl -X {method} http://localhost:8000{path} -H 'Content-Type: application/json' -d '{body}'"


def _all_sent(stack: Stack, batch_id: str) -> list[dict[str, Any]] | None:
    log = events_of(stack, f"batch#{batch_id}")
    return log if all(event["sent"] for event in log) else None


@pytest.mark.parametrize(
    ("function", "action"),
    [
        ("work", "states:StartExecution"),
        ("work", "dynamodb:ConditionCheckItem"),
        ("aggregate-plan", "dynamodb:UpdateItem"),
        ("aggregate-chunk", "dynamodb:Query"),
        ("aggregate-chunk", "dynamodb:ConditionCheckItem"),
        ("aggregate-finish", "dynamodb:PutItem"),
    ],
)
def test_a_function_fails_without_a_right(stack: Stack, function: str, action: str) -> None:
    place = f"/api/batches/{new_batch(stack)['uuid']}"
    ok(stack, "POST", f"{place}/products", {"unique_code": "A"})
    before = _denials(stack, function)
    with without(stack, function, action):
        ok(stack, "POST", f"{place}/products/bulk", {"unique_codes": ["B"]})
        ok(stack, "PATCH", f"{place}/aggregate_async")
        wait_for(lambda: _denials(stack, function) > before, timeout=60, every=0.3)


def _denials(stack: Stack, function: str) -> int:
    return sum("AccessDenied" in str(line) for line in stack.log_lines(function))


def test_a_closed_batch_refuses_both_at_once(stack: Stack) -> None:
    place = f"/api/batches/{new_batch(stack)['uuid']}"
    assert run(stack, ADD, batch_id=place.rpartition("/")[2])[0] == 200
    ok(stack, "PATCH", f"{place}/close")
    assert stack.call("POST", f"{place}/products/bulk", json={"unique_codes": ["A"]}).status_code == 409
    assert stack.call("PATCH", f"{place}/aggregate_async").status_code == 409
