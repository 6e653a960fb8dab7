"""The demo data, loaded through the API like anybody else's; by the administrator where a token is needed."""

import http.client
import json
import socket
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from time import monotonic, sleep
from typing import Any
from urllib.parse import urlsplit

from localstack.config import CREDENTIALS, REGION, STAGE

PATIENCE = 20.0
WORK_CENTER = {"identifier": "WC-DEMO", "name": "Цех №1"}
PRODUCTS = 6
REPORT = "Демонстрационный отчет о партии"


class DemoFailed(Exception):
    """The API did not answer as it should."""


@dataclass(frozen=True)
class Api:
    """The API, and the token to call it with, where one is needed."""

    url: str
    token: str | None = None

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """One request with JSON; returns the status and the parsed answer."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=35)
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            content = answer.read()
            return answer.status, json.loads(content) if content else None
        finally:
            connection.close()

    def ask(self, method: str, path: str, expected: int, body: Any = None) -> Any:
        """One request that has to be answered with that status; returns the answer."""
        status, answer = self.call(method, path, body)
        if status != expected:
            raise DemoFailed(f"{method} {path} answered {status}: {answer}")
        return answer


def wait_for_port(host: str, port: int) -> None:
    """Return when somebody listens."""
    deadline = monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection((host, port), timeout=1).close()
            return
        except OSError:
            if monotonic() > deadline:
                raise
            sleep(0.02)


def is_healthy(api_url: str) -> bool:
    """Whether the API answers."""
    try:
        return Api(api_url).call("GET", "/api/healthcheck/service")[0] == 200
    except (OSError, ValueError):
        return False


def healthcheck(api_url: str) -> None:
    """The first request: it starts the function."""
    status, answer = Api(api_url).call("GET", "/api/healthcheck/service")
    if status != 200:
        raise DemoFailed(f"the API does not answer: {status} {answer}")


def load(api: Api) -> str:
    """A work centre, its batches of one day, and a report about one of them; returns where to fetch the report.

    A second start finds what the first one made.
    """
    found = api.ask("GET", f"/api/work_centers?identifier={WORK_CENTER['identifier']}", 200)["items"]
    center = found[0] if found else api.ask("POST", "/api/work_centers", 201, WORK_CENTER)
    batches = api.ask("GET", f"/api/batches?work_center_id={center['uuid']}&limit=100", 200)["items"]
    batch = batches[-1] if batches else _make_batch(api, center["uuid"])
    reports = api.ask("GET", "/api/v1/reports/?status=completed&limit=100", 200)["reports"]
    made = [report["id"] for report in reports if report["name"] == REPORT]
    report_id = made[0] if made else _ask_for_report(api, batch["uuid"])
    if not batches:  # while the report is made
        for shift in (2, 3):
            api.ask("POST", "/api/batches", 201, _batch(shift, center["uuid"]))
    _wait_for_report(api, report_id)
    return f"{api.url}/api/v1/reports/{report_id}/download"


def refresh_dashboard(aws_url: str) -> None:
    """Have the dashboard counted now; the schedule would do it within five minutes."""
    status, told = invoke(aws_url, "refresh-analytics", {}, "Event")
    if status != 202:
        raise DemoFailed(f"the dashboard was not refreshed: {status} {told!r}")


def invoke(aws_url: str, function: str, event: Any, kind: str = "RequestResponse") -> tuple[int, bytes]:
    """Call a function of the stack, without loading boto3; returns the status and what the function told."""
    connection = http.client.HTTPConnection(urlsplit(aws_url).netloc, timeout=35)
    try:
        path = f"/2015-03-31/functions/shopfloor-{STAGE}-{function}/invocations"
        scope = f"{CREDENTIALS['AWS_ACCESS_KEY_ID']}/20250101/{REGION}/lambda/aws4_request"
        signed = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"
        connection.request("POST", path, json.dumps(event), {"Authorization": signed, "X-Amz-Invocation-Type": kind})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def _make_batch(api: Api, work_center_id: str) -> Any:
    """The batch of the first shift, with products, some of them aggregated."""
    batch = api.ask("POST", "/api/batches", 201, _batch(1, work_center_id))
    for number in range(1, PRODUCTS + 1):
        code = {"unique_code": f"PROD-{number:03d}"}
        products = api.ask("POST", f"/api/batches/{batch['uuid']}/products", 200, code)["products"]
    for product in products[: PRODUCTS // 2]:
        api.ask("PATCH", f"/api/products/{product['uuid']}/aggregate", 200, {})
    return batch


def _batch(shift: int, work_center_id: str) -> dict[str, Any]:
    start = datetime.combine(date.today(), time(8 * (shift - 1)), UTC)
    return {
        "task_description": "Изготовление болтов по чертежу 12.004",
        "shift": str(shift),
        "team": f"Бригада {'АБВ'[shift - 1]}",
        "batch_number": 1000 + shift,
        "batch_date": date.today().isoformat(),
        "nomenclature": "Болт М8х40 ГОСТ 7798-70",
        "ekn_code": "EKN-001",
        "shift_start": start.isoformat(),
        "shift_end": (start + timedelta(hours=8)).isoformat(),
        "work_center_id": work_center_id,
    }


def _ask_for_report(api: Api, batch_id: str) -> int:
    """Start the saga that makes the report."""
    asked = {"name": REPORT, "template_id": 3, "parameters": {"batch_id": batch_id}}
    return int(api.ask("POST", "/api/v1/reports/", 202, asked)["id"])


def _wait_for_report(api: Api, report_id: int) -> None:
    """Return when the saga is done."""
    deadline = monotonic() + 2 * PATIENCE
    while monotonic() < deadline:
        status = api.ask("GET", f"/api/v1/reports/{report_id}/status", 200)
        if status["status"] == "completed":
            return
        if status["status"] not in ("pending", "processing"):
            raise DemoFailed(f"the report of the demo ended as {status}")
        sleep(0.25)
    raise DemoFailed(f"the report of the demo is not ready: {status}; see `make logs`")

