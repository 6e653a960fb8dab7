"""A client of the API in this process, with the calls that tests of reports repeat."""

import hashlib
from typing import Any

import app
from chalicelib.core.aws import client
from chalicelib.core.settings import settings
from tests.http_events import Response, call
from tests.machine import run_executions
from tests.report_files import records

ACCOUNT = "123456789012"
BATCH = {
    "task_description": "Сборка",
    "shift": "1 смена",
    "team": "Бригада №1",
    "batch_number": 22222,
    "batch_date": "2024-01-30",
    "nomenclature": "Болт М8×40",
    "ekn_code": "456789",
    "shift_start": "2024-01-30T08:00:00Z",
    "shift_end": "2024-01-30T20:00:00Z",
}
END = ("completed", "failed", "cancelled")


class ApiClient:
    """Calls the app as API Gateway does."""

    def call(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Response:
        """Send a request."""
        return call(app.app, method, path, body, headers)

    def ok(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request that must succeed; returns the response."""
        answer = self.call(method, path, body)
        assert answer.status < 300, answer.text
        return answer.json if answer.body else None

    def batch(self, products: int = 3, **fields: Any) -> str:
        """Create a batch with products and aggregate the first one; returns the id of the batch."""
        center = fields.pop("center", "WC-001")
        found = self.ok("GET", f"/api/work_centers?identifier={center}")["items"]
        made = found[0] if found else self.ok("POST", "/api/work_centers", {"identifier": center, "name": "Линия"})
        batch = self.ok("POST", "/api/batches", BATCH | {"work_center_id": made["uuid"]} | fields)
        for number in range(products):
            path = f"/api/batches/{batch['uuid']}/products"
            batch = self.ok("POST", path, {"unique_code": f"010460123456{number:06d}"})
        if products:
            self.ok("PATCH", f"/api/products/{batch['products'][0]['uuid']}/aggregate", {})
        return str(batch["uuid"])

    def ask(self, template_id: int, parameters: Any, **fields: Any) -> dict[str, Any]:
        """Create a report; returns the response."""
        body = {"name": "Отчёт", "template_id": template_id, "parameters": parameters, **fields}
        answer = self.call("POST", "/api/v1/reports/", body)
        assert answer.status == 202, answer.text
        accepted: dict[str, Any] = answer.json
        return accepted

    def make(self, template_id: int, parameters: Any, **fields: Any) -> dict[str, Any]:
        """Create a report and run its saga; returns the report after it."""
        accepted = self.ask(template_id, parameters, **fields)
        run_executions()
        return self.report(accepted["id"])

    def table(self, template_id: int, parameters: dict[str, Any], name: str) -> list[list[str]]:
        """Make a report as CSV; returns the headings and rows of one of its tables."""
        report = self.make(template_id, parameters | {"table": name}, format="csv")
        assert report["status"] == "completed", report
        return records(self.download(report))

    def facts(self, template_id: int, parameters: dict[str, Any]) -> dict[str, str]:
        """Make a report as CSV; returns its facts."""
        return {name: value for _, name, value in self.table(template_id, parameters, "facts")[1:]}

    def report(self, number: int) -> dict[str, Any]:
        """Read a report."""
        report: dict[str, Any] = self.ok("GET", f"/api/v1/reports/{number}")
        return report

    def saga(self, report: dict[str, Any]) -> dict[str, Any]:
        """Read the saga of a report."""
        saga: dict[str, Any] = self.ok("GET", f"/api/v1/sagas/{report['saga_id']}")
        return saga

    def log(self, report: dict[str, Any]) -> list[str]:
        """Return the names of the events of its saga."""
        return [entry["event"] for entry in self.ok("GET", f"/api/v1/sagas/{report['saga_id']}/events")["events"]]

    def download(self, report: dict[str, Any]) -> bytes:
        """Return the file, after a check of its size and MD5."""
        answer = self.call("GET", f"/api/v1/reports/{report['id']}/download")
        assert answer.status == 302, answer.text
        key = answer.headers["Location"].partition("?")[0].partition(f"{settings().files_bucket}/")[2]
        content: bytes = client("s3").get_object(Bucket=settings().files_bucket, Key=key)["Body"].read()
        assert hashlib.md5(content).hexdigest() == report["md5_hash"]
        assert len(content) == report["file_size"]
        return content


def objects() -> list[str]:
    """Return the keys of all objects in S3."""
    found = client("s3").list_objects_v2(Bucket=settings().files_bucket).get("Contents", [])
    return [item["Key"] for item in found]


def forget_executions() -> None:
    """Delete all executions of state machines."""
    from moto.stepfunctions.models import stepfunctions_backends

    for machine in stepfunctions_backends[ACCOUNT][settings().aws_region].state_machines:
        machine.executions.clear()


def only_file(report: dict[str, Any]) -> bool:
    """Return whether the file of the report is the only object."""
    return [key.partition("/")[0] for key in objects()] == ["reports"] and f"report_{report['id']}/" in objects()[0]
