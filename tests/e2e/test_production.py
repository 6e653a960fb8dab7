"""Work centres, batches and products on the deployed stack: the examples of the contract as they stand, and a story."""

import json
import subprocess
import uuid
from itertools import count
from typing import Any

from tests.e2e.production import events_of, load_products, new_batch, new_center, ok
from tests.e2e.receiver import receiver
from tests.e2e.stack import Stack
from tests.waiting import wait_for

# The commands of production-control.md; ids, numbers, host and port are filled in.
CREATE = """
curl -X POST http://localhost:8000/api/batches \\
  -H "Content-Type: application/json" \\
  -d '{
    "task_description": "Описание задания",
    "shift": "1",
    "team": "Бригада А",
    "batch_number": 1001,
    "batch_date": "2025-01-20",
    "nomenclature": "Номенклатура товара",
    "ekn_code": "EKN-001",
    "shift_start": "2025-01-20T08:00:00Z",
    "shift_end": "2025-01-20T20:00:00Z",
    "work_center_id": "550e8400-e29b-41d4-a716-446655440000"
  }'
"""
ADD = """
curl -X POST http://localhost:8000/api/batches/{batch_id}/products \\
  -H "Content-Type: application/json" \\
  -d '{
    "unique_code": "PROD-001"
  }'
"""
CLOSE = """
curl -X PATCH http://localhost:8000/api/batches/{batch_id}/close \\
  -H "Content-Type: application/json" \\
  -d '{
    "closed_at": "2025-01-20T20:00:00Z"
  }'
"""
_numbers = count(500_000)


def run(stack: Stack, command: str, **filled: str) -> tuple[int, Any]:
    """Run a documented command by bash; its status and JSON."""
    for name, value in filled.items():
        command = command.replace(f"{{{name}}}", value)
    command = command.replace("http://localhost:8000", stack.url).replace("1001", str(next(_numbers)))
    command = command.strip().replace("curl ", "curl -s -w '\\n%{http_code}' ", 1)
    answer = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=True).stdout
    body, _, status = answer.rpartition("\n")
    return int(status), json.loads(body) if body else None


def request(stack: Stack, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """An endpoint that the contract shows as a request and a body, by curl too."""
    sent = f" -H 'Content-Type: application/json' -d '{json.dumps(body, ensure_ascii=False)}'" if body else ""
    return run(stack, f"curl -X {method} 'http://localhost:8000{path}'{sent}")


def test_the_commands_of_the_contract_run_as_they_stand(stack: Stack) -> None:
    place = new_center(stack)
    status, made = run(stack, CREATE.replace("550e8400-e29b-41d4-a716-446655440000", place))
    assert (status, made["team"], made["products"]) == (201, "Бригада А", [])
    status, filled = run(stack, ADD, batch_id=made["uuid"])
    assert (status, filled["products"][0]["unique_code"]) == (200, "PROD-001")
    status, closed = run(stack, CLOSE, batch_id=made["uuid"])
    assert (status, closed["is_closed"], closed["closed_at"]) == (200, True, "2025-01-20T20:00:00Z")


def test_the_documented_requests_answer_as_shown(stack: Stack) -> None:
    name = str(uuid.uuid4())
    status, center = request(stack, "POST", "/api/work_centers", {"identifier": name, "name": "Цех №1"})
    assert status == 201
    place = f"/api/work_centers/{center['uuid']}"
    changes = {"identifier": f"{name}-2", "name": "Обновленное имя"}
    assert request(stack, "PATCH", place, changes)[1]["name"] == "Обновленное имя"
    assert request(stack, "GET", f"/api/work_centers?identifier={name}-2")[1]["total"] == 1
    assert request(stack, "GET", place)[0] == 200

    made = run(stack, CREATE.replace("550e8400-e29b-41d4-a716-446655440000", center["uuid"]))[1]
    batch = f"/api/batches/{made['uuid']}"
    product = run(stack, ADD, batch_id=made["uuid"])[1]["products"][0]
    at = {"aggregated_at": "2025-01-20T18:00:00Z"}
    status, aggregated = request(stack, "PATCH", f"/api/products/{product['uuid']}/aggregate", at)
    assert (status, aggregated["aggregated_at"]) == (200, "2025-01-20T18:00:00Z")
    status, whole = request(stack, "PATCH", f"{batch}/aggregate", at)
    assert (status, whole["products"]) == (202, [aggregated])
    assert request(stack, "GET", f"/api/products/{product['uuid']}") == (200, aggregated)
    page = request(stack, "GET", f"/api/products?batch_id={made['uuid']}&sort_field=created_at&sort_direction=DESC")[1]
    assert (page["items"], page["total"], page["limit"], page["offset"]) == ([aggregated], 1, 25, 0)

    query = f"/api/batches?limit=10&offset=0&work_center_id={center['uuid']}"
    assert request(stack, "GET", query)[1]["items"] == [whole]
    status, changed = request(stack, "PATCH", batch, {"shift": "2", "team": "Бригада Б", "is_closed": False})
    assert (status, changed["shift"], changed["team"]) == (200, "2", "Бригада Б")
    status, emptied = request(stack, "DELETE", f"{batch}/products/{product['uuid']}")
    assert (status, emptied["products"]) == (200, [])
    assert request(stack, "DELETE", batch)[0] == 409
    assert run(stack, CLOSE, batch_id=made["uuid"])[0] == 200
    assert request(stack, "DELETE", batch) == (204, None)
    assert request(stack, "DELETE", place) == (204, None)


def test_events_reach_the_bus_in_the_order_they_happened(stack: Stack) -> None:
    queue, messages = _listen(stack)
    added, aggregated = ["batch.product_added"] * 5, ["product.aggregated"] * 5
    names = ["batch.created", *added, *aggregated, "batch.aggregated", "batch.closed", "batch.opened"]
    with receiver() as outside:  # what nobody subscribes to is not put on the bus
        wanted = {"url": outside.url("/"), "events": sorted(set(names)), "secret_key": "my_secret_key"}
        subscription = ok(stack, "POST", "/api/webhooks", wanted)
        _change_a_batch_and_read_the_bus(stack, queue, messages, names)
        stack.call("DELETE", f"/api/webhooks/{subscription['uuid']}")


def _change_a_batch_and_read_the_bus(stack: Stack, queue: str, messages: list[Any], names: list[str]) -> None:
    made = new_batch(stack)
    place = f"/api/batches/{made['uuid']}"
    for number in range(5):
        ok(stack, "POST", f"{place}/products", {"unique_code": f"A-{number}"})
    ok(stack, "PATCH", f"{place}/aggregate")
    ok(stack, "PATCH", f"{place}/close")
    ok(stack, "PATCH", place, {"is_closed": False})

    def arrived() -> list[tuple[str, dict[str, Any]]]:
        answer = stack.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        for message in answer.get("Messages", []):
            messages.append(json.loads(message["Body"]))
            stack.client("sqs").delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        events = [(one["detail-type"], event) for one in messages for event in one["detail"]["events"]]
        mine = {event["id"]: (name, event) for name, event in events if event["data"].get("batch_id") == made["uuid"]}
        return list(mine.values()) if len(mine) >= len(names) else []

    mine = wait_for(arrived, timeout=30)
    log = events_of(stack, f"batch#{made['uuid']}")
    assert [event["name"] for event in log] == names
    assert [name for name, _ in sorted(mine, key=lambda one: one[1]["timestamp"])] == names
    wait_for(lambda: all(event["sent"] for event in events_of(stack, f"batch#{made['uuid']}")))


def test_the_products_of_a_large_deleted_batch_are_purged_behind_the_scenes(stack: Stack) -> None:
    made = new_batch(stack)
    load_products(stack, made["uuid"], 1_050)
    ok(stack, "PATCH", f"/api/batches/{made['uuid']}/close")
    product = ok(stack, "GET", f"/api/products?batch_id={made['uuid']}&limit=1")["items"][0]["uuid"]
    ok(stack, "DELETE", f"/api/batches/{made['uuid']}")
    for thing in (f"/api/batches/{made['uuid']}", f"/api/products/{product}"):
        assert stack.call("GET", thing).status_code == 404
    for query in (f"batch_id={made['uuid']}", "unique_code=N-1049"):
        page = ok(stack, "GET", f"/api/products?{query}")
        assert made["uuid"] not in {item["batch_id"] for item in page["items"]}
    assert ok(stack, "GET", f"/api/products?batch_id={made['uuid']}")["total"] == 0
    key = {"pk": {"S": "purges"}, "sk": {"S": made["uuid"]}}
    table = {"TableName": f"{stack.name}-products", "Key": key}
    wait_for(lambda: "Item" not in stack.client("dynamodb").get_item(**table), timeout=60, every=0.5)


def test_a_batch_of_more_products_than_an_answer_holds(stack: Stack) -> None:
    made = new_batch(stack)
    load_products(stack, made["uuid"], 1_200)
    whole = ok(stack, "POST", f"/api/batches/{made['uuid']}/products", {"unique_code": "last"})
    assert (len(whole["products"]), whole["products_total"]) == (1_000, 1_201)
    listed = ok(stack, "GET", f"/api/batches?work_center_id={made['work_center_id']}")["items"][0]
    assert (len(listed["products"]), listed["products_total"]) == (100, 1_201)
    page = ok(stack, "GET", f"/api/products?batch_id={made['uuid']}&offset=1190&limit=100&sort_direction=asc")
    assert [product["unique_code"] for product in page["items"]] == [*(f"N-{n}" for n in range(1190, 1200)), "last"]
    done = ok(stack, "PATCH", f"/api/batches/{made['uuid']}/aggregate")
    assert all(product["is_aggregated"] for product in done["products"])
    assert ok(stack, "GET", f"/api/products?batch_id={made['uuid']}&is_aggregated=true&limit=1")["total"] == 1_201


def _listen(stack: Stack) -> tuple[str, list[dict[str, Any]]]:
    """A queue that gets everything on the bus."""
    name = f"listener-{uuid.uuid4()}"
    queue = stack.client("sqs").create_queue(QueueName=name)["QueueUrl"]
    wanted = {"QueueUrl": queue, "AttributeNames": ["QueueArn"]}
    arn = stack.client("sqs").get_queue_attributes(**wanted)["Attributes"]["QueueArn"]
    rule = {"Name": name, "EventBusName": f"{stack.name}-bus"}
    stack.client("events").put_rule(**rule, EventPattern=json.dumps({"source": ["shopfloor"]}))
    target = {"Rule": name, "EventBusName": rule["EventBusName"], "Targets": [{"Id": "queue", "Arn": arn}]}
    stack.client("events").put_targets(**target)
    return queue, []
