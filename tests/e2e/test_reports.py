"""The whole story over HTTP: a work centre, a batch with products, a report by the saga, and the file of it."""

import hashlib
import io
import json
from collections.abc import Callable
from typing import Any

import openpyxl
import pypdf
import pytest
import requests

from chalicelib.reports import model
from tests.e2e.stack import Stack
from tests.waiting import wait_for

MAX_WAIT_SECONDS = 60
BATCH = {
    "task_description": "Сборка", "shift": "1 смена", "team": "Бригада №1", "batch_number": 31001,
    "batch_date": "2024-03-30", "nomenclature": "Болт М8×40", "ekn_code": "456789",
    "shift_start": "2024-03-30T08:00:00Z", "shift_end": "2024-03-30T20:00:00Z",
}  # fmt: skip
MARCH = {"date_from": "2024-03-01", "date_to": "2024-03-31"}


@pytest.fixture(scope="module")
def batch(stack: Stack) -> str:
    """A batch with three products, one of them aggregated."""
    center = stack.call("POST", "/api/work_centers", json={"identifier": "WC-R", "name": "Линия 1"}).json()
    made = stack.call("POST", "/api/batches", json=BATCH | {"work_center_id": center["uuid"]}).json()
    for code in ("R-001", "R-002", "=1+1"):
        answer = stack.call("POST", f"/api/batches/{made['uuid']}/products", json={"unique_code": code})
        assert answer.status_code == 200
    product = answer.json()["products"][0]
    assert stack.call("PATCH", f"/api/products/{product['uuid']}/aggregate", json={}).status_code == 200
    return str(made["uuid"])


def ask(stack: Stack, template_id: int, parameters: Any, **fields: Any) -> dict[str, Any]:
    body = {"name": "Отчёт смены", "template_id": template_id, "parameters": parameters, **fields}
    answer = stack.call("POST", "/api/v1/reports/", json=body)
    assert answer.status_code == 202, answer.text
    asked: dict[str, Any] = answer.json()
    return asked


def get(stack: Stack, path: str) -> dict[str, Any]:
    answer = stack.call("GET", path)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def until(stack: Stack, number: int, wanted: str) -> dict[str, Any]:
    """The report once it has that status."""
    wait_for(lambda: get(stack, f"/api/v1/reports/{number}/status")["status"] == wanted, MAX_WAIT_SECONDS, 0.1)
    return get(stack, f"/api/v1/reports/{number}")


def fetch(stack: Stack, report: dict[str, Any]) -> requests.Response:
    """The file as `curl -L` gets it; its size and MD5 are those of the record."""
    link = stack.call("GET", f"/api/v1/reports/{report['id']}/download")
    assert link.status_code == 302
    file = requests.get(link.headers["Location"], timeout=20)
    assert file.status_code == 200
    assert len(file.content) == report["file_size"]
    assert hashlib.md5(file.content).hexdigest() == report["md5_hash"]
    return file


def stored(stack: Stack, asked: dict[str, Any]) -> list[str]:
    """The keys of all files of a report and of the work on it."""
    bucket = stack.outputs()["FilesBucketName"]
    found = stack.client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])
    own = (f"reports/report_{asked['id']}/", f"work/{asked['saga_id']}/")
    return [item["Key"] for item in found if item["Key"].startswith(own)]


def test_a_batch_report_becomes_a_pdf(stack: Stack, batch: str) -> None:
    asked = ask(stack, 3, json.dumps({"batch_id": batch}))
    report = until(stack, asked["id"], "completed")
    file = fetch(stack, report)
    assert file.headers["Content-Type"] == "application/pdf"
    assert "filename*=UTF-8''%D0%9E" in file.headers["Content-Disposition"]
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(file.content)).pages)
    for words in ("Отчет о партии 31001", "Болт М8×40", "WC-R Линия 1", "R-002", "33,3"):
        assert words in text
    saga = get(stack, f"/api/v1/sagas/{asked['saga_id']}")
    assert [step["status"] for step in saga["steps"]] == ["completed"] * 6
    kept = [f"reports/report_{asked['id']}/{saga['steps'][4]['attempts']}.pdf"]
    wait_for(lambda: stored(stack, asked) == kept)  # the files of the work are removed after the completion
    assert stack.call("DELETE", f"/api/v1/reports/{asked['id']}").status_code == 204
    assert stored(stack, asked) == []


def test_a_shift_report_becomes_a_workbook(stack: Stack, batch: str) -> None:
    asked = ask(stack, 2, MARCH | {"format": "xlsx"})
    file = fetch(stack, until(stack, asked["id"], "completed"))
    assert file.headers["Content-Type"].endswith("spreadsheetml.sheet")
    book = openpyxl.load_workbook(io.BytesIO(file.content))
    cells = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {"WC-R Линия 1", "1 смена", 31001} <= set(cells)
    stack.call("DELETE", f"/api/v1/reports/{asked['id']}")


def test_a_formula_in_a_code_stays_a_text(stack: Stack, batch: str) -> None:
    asked = ask(stack, 3, {"batch_id": batch}, format="xlsx")
    file = fetch(stack, until(stack, asked["id"], "completed"))
    book = openpyxl.load_workbook(io.BytesIO(file.content))
    found = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value == "=1+1"]
    assert [cell.data_type for cell in found] == ["s"]
    stack.call("DELETE", f"/api/v1/reports/{asked['id']}")


def test_an_unknown_template_fails_and_leaves_nothing(stack: Stack) -> None:
    asked = ask(stack, 77, "{}")
    report = until(stack, asked["id"], "failed")
    assert "77" in report["error"]
    assert get(stack, f"/api/v1/sagas/{asked['saga_id']}")["status"] == "failed"
    assert stack.call("POST", f"/api/v1/sagas/{asked['saga_id']}/retry").status_code == 202
    until(stack, asked["id"], "failed")


@pytest.mark.parametrize("seen", ["Validate User", "Collect Data", "Generate Report"])
def test_a_report_is_cancelled_midway_and_made_after_all(stack: Stack, batch: str, seen: str) -> None:
    asked = cancelled_at(stack, seen)
    saga = f"/api/v1/sagas/{asked['saga_id']}"
    assert get(stack, f"/api/v1/reports/{asked['id']}")["status"] == "cancelled"
    wait_for(_has_status(stack, saga, "cancelled"), MAX_WAIT_SECONDS)
    assert [key for key in stored(stack, asked) if key.startswith("reports/")] == []

    assert stack.call("POST", f"{saga}/retry").status_code == 202
    report = until(stack, asked["id"], "completed")
    assert "31001" in fetch(stack, report).content.decode()
    assert stack.call("DELETE", saga).status_code == 409
    stack.call("DELETE", f"/api/v1/reports/{asked['id']}")


def test_the_same_key_is_one_report(stack: Stack) -> None:
    body = {"name": "Один", "template_id": 2, "parameters": json.dumps(MARCH)}
    answers = [stack.call("POST", "/api/v1/reports/", json=body, headers={"Idempotency-Key": "one"}) for _ in range(2)]
    assert answers[0].content == answers[1].content
    assert [answer.status_code for answer in answers] == [202, 202]
    assert stack.call("DELETE", f"/api/v1/reports/{answers[0].json()['id']}").status_code == 204


def cancelled_at(stack: Stack, step: str) -> dict[str, Any]:
    """A report cancelled when its saga was seen in that step; one that was quicker is asked for again."""
    order = list(model.STEP_NAMES)
    for _ in range(20):
        asked = ask(stack, 2, MARCH, format="csv")
        saga = f"/api/v1/sagas/{asked['saga_id']}"
        wait_for(lambda path=saga: order.index(_current(stack, path)) >= order.index(step), MAX_WAIT_SECONDS, 0.005)
        answer = stack.call("DELETE", saga)
        if answer.status_code == 200:
            assert answer.json()["status"] == "compensating"
            return asked
        assert answer.status_code == 409
        stack.call("DELETE", f"/api/v1/reports/{asked['id']}")
    raise AssertionError(f"the saga was never caught in {step}")


def _current(stack: Stack, saga: str) -> str:
    """The step that runs, or is next; the last one when all are done."""
    return get(stack, f"{saga}/progress")["current_step"] or model.STEP_NAMES[-1]


def _has_status(stack: Stack, path: str, status: str) -> Callable[[], bool]:
    return lambda: get(stack, path)["status"] == status
