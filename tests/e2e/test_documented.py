"""Every curl example of the contract of production control, as it stands there; host, ids and numbers are filled in."""

import time
from typing import Any

import openpyxl
import pytest

from tests.e2e.documented import Reader
from tests.e2e.production import new_batch, new_center, ok
from tests.waiting import wait_for

# With a token too it would be the same long tasks again: that the document's area asks for one is tested elsewhere.
pytestmark = pytest.mark.parametrize("reader", ["stack"], indirect=True)

CREATE = """curl -X POST http://localhost:8000/api/batches \\
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
  }'"""
ADD = """curl -X POST http://localhost:8000/api/batches/{batch_id}/products \\
  -H "Content-Type: application/json" \\
  -d '{
    "unique_code": "PROD-001"
  }'"""
CLOSE = """curl -X PATCH http://localhost:8000/api/batches/{batch_id}/close \\
  -H "Content-Type: application/json" \\
  -d '{
    "closed_at": "2025-01-20T20:00:00Z"
  }'"""
EXPORT = """curl -X POST "http://localhost:8000/api/batches/export?format=xlsx" \\
  -H "Content-Type: application/json" \\
  -d '{
    "is_closed": false,
    "batch_date_from": "2025-01-01",
    "batch_date_to": "2025-01-31"
  }'"""
STATUS = "curl http://localhost:8000/api/background_tasks/{task_id}"
IMPORT = """curl -X POST http://localhost:8000/api/batches/import \\
  -F "file=@batches.xlsx" \\
  -F "update_existing=false\""""
REPORT_PDF = (
    'curl -X POST "http://localhost:8000/api/batches/{batch_id}/reports/generate?format=pdf'
    '&user_email=user@example.com"'
)
REPORT_XLSX = 'curl -X POST "http://localhost:8000/api/batches/{batch_id}/reports/generate?format=xlsx"'
AGGREGATE_ALL = """curl -X PATCH http://localhost:8000/api/batches/{batch_id}/aggregate_async \\
  -H "Content-Type: application/json" \\
  -d '{
    "aggregated_at": "2025-01-20T18:00:00Z"
  }'"""
AGGREGATE_SOME = """curl -X PATCH http://localhost:8000/api/batches/{batch_id}/aggregate_async \\
  -H "Content-Type: application/json" \\
  -d '{
    "aggregated_at": "2025-01-20T18:00:00Z",
    "unique_codes": ["PROD-001", "PROD-002"]
  }'"""
SUBSCRIBE = """curl -X POST http://localhost:8000/api/webhooks \\
  -H "Content-Type: application/json" \\
  -d '{
    "url": "https://example.com/webhook",
    "events": ["batch.created", "batch.closed"],
    "secret_key": "my_secret_key",
    "is_active": true,
    "retry_count": 3,
    "timeout": 10
  }'"""
DELIVERIES = "curl http://localhost:8000/api/webhooks/{subscription_id}/deliveries?limit=10&offset=0"
TRY_WEBHOOK = """curl -X POST "http://localhost:8000/api/webhooks/test?secret_key=my_secret_key" \\
  -H "Content-Type: application/json" \\
  -H "X-Webhook-Signature: sha256=..." \\
  -H "X-Webhook-Event: batch.created" \\
  -d '{
    "batch_id": "550e8400-e29b-41d4-a716-446655440000"
  }'"""
COLUMNS = [
    *("batch_number", "batch_date", "nomenclature", "ekn_code", "shift", "team", "task_description"),
    *("shift_start", "shift_end", "work_center_identifier", "work_center_name", "products"),
]


def waits_for(reader: Reader, started: dict[str, Any], message: str) -> dict[str, Any]:
    """The result of the task that a command has started."""
    assert {name: started[name] for name in ("status", "message")} == {"status": "PENDING", "message": message}

    def ended() -> Any:
        task = reader.types(STATUS, 200, task_id=started["task_id"])
        return task if task["status"] in ("SUCCESS", "FAILURE") else None

    task = wait_for(ended, timeout=60)
    assert task["status"] == "SUCCESS", task
    result: dict[str, Any] = task["result"]
    return result


def fresh() -> int:
    """A batch number nobody has."""
    return time.time_ns() // 1_000 % 10**12


def test_a_batch_is_created_gets_a_product_and_is_closed(reader: Reader) -> None:
    command = CREATE.replace("550e8400-e29b-41d4-a716-446655440000", new_center(reader.stack))
    made = reader.types(command.replace("1001", str(fresh())), 201)
    assert made["products"] == []
    added = reader.types(ADD, 200, batch_id=made["uuid"])
    assert [product["unique_code"] for product in added["products"]] == ["PROD-001"]
    closed = reader.types(CLOSE, 200, batch_id=made["uuid"])
    assert (closed["is_closed"], closed["closed_at"]) == (True, "2025-01-20T20:00:00Z")


def test_batches_are_exported_and_the_task_is_watched(reader: Reader) -> None:
    made = new_batch(reader.stack, batch_date="2025-01-20")
    result = waits_for(reader, reader.types(EXPORT, 202), "Export task started")
    assert result["download_url"] == f"/api/reports/{result['file_id']}"
    file = reader.stack.call("GET", result["download_url"])
    assert file.status_code == 302
    path = reader.folder / "export.xlsx"
    path.write_bytes(reader.downloads(result["download_url"]))
    rows = list(openpyxl.load_workbook(path, read_only=True).active.iter_rows(values_only=True))
    assert made["batch_number"] in [row[rows[0].index("batch_number")] for row in rows[1:]]
    assert len(rows) - 1 == result["total"]


def test_batches_are_imported(reader: Reader) -> None:
    book = openpyxl.Workbook()
    book.active.append(COLUMNS)
    numbers = [fresh(), fresh() + 1]
    for number in numbers:
        day, start, end = "20.01.2025", "2025-01-20T08:00:00Z", "2025-01-20T20:00:00Z"
        row = [number, day, "Болт", "EKN-001", "1", "Бригада А", "Сборка", start, end, "WC-001", "Цех №1"]
        book.active.append([*row, '["PROD-001", "PROD-002"]'])
    book.save(reader.folder / "batches.xlsx")
    result = waits_for(reader, reader.types(IMPORT, 202), "Import task started")
    counts = {name: result[name] for name in ("success", "total", "created", "updated", "failed", "errors")}
    assert counts == {"success": True, "total": 2, "created": 2, "updated": 0, "failed": 0, "errors": []}
    found = ok(reader.stack, "GET", f"/api/batches?batch_number={numbers[0]}")["items"][0]
    assert [product["unique_code"] for product in found["products"]] == ["PROD-001", "PROD-002"]


def test_reports_about_a_batch_are_generated(reader: Reader) -> None:
    made = new_batch(reader.stack)
    for command, format, start in ((REPORT_PDF, "pdf", b"%PDF-"), (REPORT_XLSX, "xlsx", b"PK")):
        answer = reader.types(command, 201, batch_id=made["uuid"])
        file_id = answer["download_url"].removeprefix("/api/reports/")
        assert answer == {"report_path": f"/reports/{file_id}.{format}", "download_url": f"/api/reports/{file_id}"}
        assert reader.downloads(f"/api/reports/{file_id}").startswith(start)


def test_a_batch_is_aggregated_asynchronously(reader: Reader) -> None:
    for command, aggregated in ((AGGREGATE_SOME, 2), (AGGREGATE_ALL, 3)):
        made = new_batch(reader.stack)
        for number in (1, 2, 3):
            ok(reader.stack, "POST", f"/api/batches/{made['uuid']}/products", {"unique_code": f"PROD-00{number}"})
        started = reader.types(command, 202, batch_id=made["uuid"])
        result = waits_for(reader, started, "Aggregation task started")
        assert result == {"success": True, "total": aggregated, "aggregated": aggregated, "failed": 0, "errors": []}
        products = ok(reader.stack, "GET", f"/api/batches/{made['uuid']}")["products"]
        assert [product["aggregated_at"] for product in products if product["is_aggregated"]] == [
            "2025-01-20T18:00:00Z"
        ] * aggregated


def test_a_webhook_is_subscribed_its_deliveries_listed_and_the_endpoint_tried(reader: Reader) -> None:
    made = reader.types(SUBSCRIBE, 201)
    assert "secret_key" not in made
    listed = reader.types(DELIVERIES, 200, subscription_id=made["uuid"])
    assert (listed["items"], listed["total"], listed["limit"], listed["offset"]) == ([], 0, 10, 0)
    tried = reader.types(TRY_WEBHOOK, 200)
    assert (tried["status"], tried["event"], tried["signature_valid"]) == ("received", "batch.created", False)
    assert tried["payload"] == {"batch_id": "550e8400-e29b-41d4-a716-446655440000"}
    assert reader.stack.call("DELETE", f"/api/webhooks/{made['uuid']}").status_code == 204
