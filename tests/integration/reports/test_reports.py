"""Reports over HTTP: create, make, download, list and delete; and rejected requests."""

import io
import json
from typing import Any
from zipfile import ZipFile

import pypdf
import pytest
from openpyxl import load_workbook

from chalicelib.reports.layouts import BUILT_IN
from tests.integration.reports.api_client import ApiClient, objects, only_file
from tests.machine import run_executions
from tests.people import person, signed_in
from tests.report_files import records

JANUARY = {"date_from": "2024-01-01", "date_to": "2024-01-31"}


def test_a_report_is_accepted_made_and_fetched(api: ApiClient) -> None:
    batch = api.batch()
    accepted = api.ask(3, {"batch_id": batch})
    assert set(accepted) == {"id", "status", "message", "saga_id"}
    assert (accepted["id"], accepted["status"]) == (1, "pending")
    assert accepted["message"] == "Отчет создан и поставлен в очередь на генерацию"
    assert api.ok("GET", "/api/v1/reports/1/status") == {"id": 1, "status": "pending", "progress": 0}
    assert api.call("GET", "/api/v1/reports/1/download").status == 409
    assert api.call("GET", "/api/v1/reports/1/download").json == {"error": "отчет еще не готов"}

    run_executions()
    report = api.report(1)
    assert report["status"] == "completed"
    assert report["file_path"] == "/reports/report_1.pdf"
    expected = {"id": 1, "status": "completed", "file_path": "/reports/report_1.pdf"}
    assert api.ok("GET", "/api/v1/reports/1/status") == expected
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(api.download(report))).pages)
    for words in ("Информация о партии", "22222", "Болт М8×40", "Продукция", "010460123456000002", "Статистика"):
        assert words in text
    assert only_file(report)


@pytest.mark.parametrize("format", ["pdf", "xlsx", "csv"])
@pytest.mark.parametrize("inside", [True, False])
def test_format_is_read_from_the_body_or_from_the_parameters(api: ApiClient, format: str, inside: bool) -> None:
    api.batch(1)
    parameters = JANUARY | {"format": format} if inside else JANUARY
    report = api.make(2, parameters, **({} if inside else {"format": format}))
    assert (report["format"], report["file_path"]) == (format, f"/reports/report_1.{format}")
    content = api.download(report)
    if format == "xlsx":
        assert "xl/workbook.xml" in ZipFile(io.BytesIO(content)).namelist()
    else:
        assert content.startswith(b"%PDF-" if format == "pdf" else "\ufeff".encode())


def test_a_shift_report_adds_up_by_work_centre_and_shift(api: ApiClient) -> None:
    api.batch(3, batch_number=1)
    api.batch(1, batch_number=2)
    api.batch(2, batch_number=3, shift="2 смена", center="WC-002")
    api.batch(1, batch_number=4, batch_date="2024-02-01")
    assert api.table(2, JANUARY, "shifts")[1:] == [
        ["WC-001 Линия", "1 смена", "2", "0", "4", "2", "0.5"],
        ["WC-002 Линия", "2 смена", "1", "0", "2", "1", "0.5"],
    ]
    assert api.facts(2, JANUARY)["Партий"] == "3"
    assert [row[:2] for row in api.table(2, JANUARY, "batches")[1:]] == [["2024-01-30", str(n)] for n in (1, 2, 3)]


def test_a_shift_report_may_be_of_one_work_centre(api: ApiClient) -> None:
    api.batch(1, batch_number=1)
    api.batch(2, batch_number=2, center="WC-002")
    center = api.ok("GET", "/api/work_centers?identifier=WC-002")["items"][0]["uuid"]
    parameters = JANUARY | {"work_center_id": center}
    assert api.facts(2, parameters)["Партий"] == "1"
    assert [row[1] for row in api.table(2, parameters, "batches")[1:]] == ["2"]
    book = load_workbook(io.BytesIO(api.download(api.make(2, parameters, format="xlsx"))))
    for sheet in book:
        head = " ".join(str(cell.value) for row in sheet.iter_rows(max_row=5, max_col=1) for cell in row)
        assert "Период: 01.01.2024–31.01.2024" in head and "Рабочий центр: WC-002 Линия" in head
    for unknown in ("00000000-0000-4000-8000-00000000dead", "WC-002"):
        assert api.make(2, JANUARY | {"work_center_id": unknown})["status"] == "failed"


def test_batches_of_a_day_stand_by_work_centre_shift_and_number(api: ApiClient) -> None:
    for number, center, shift in ((3, "WC-002", "1"), (2, "WC-001", "2"), (4, "WC-001", "1"), (1, "WC-001", "1")):
        api.batch(0, batch_number=number, center=center, shift=shift)
    heading, *rows = records(api.download(api.make(2, JANUARY, format="csv")))
    assert [row[heading.index("Номер партии")] for row in rows] == ["1", "4", "2", "3"]


@pytest.mark.parametrize("template_id", [1, 2, 3, 4])
def test_a_csv_has_each_table_of_its_report(api: ApiClient, template_id: int) -> None:
    parameters = JANUARY | {"batch_id": api.batch(1)}
    first, *others = [api.table(template_id, parameters, name) for name in BUILT_IN[template_id].tables]
    assert records(api.download(api.make(template_id, parameters, format="csv"))) == first
    headings = [tuple(table[0]) for table in (first, *others)]
    assert len(set(headings)) == len(headings)
    for table in (first, *others):
        assert {len(row) for row in table} == {len(table[0])}


@pytest.mark.parametrize("parameters", ['{"period": "2024-01",  "department": "sales"}', {"б": [1, None]}])
def test_parameters_are_stored_as_a_string(api: ApiClient, parameters: Any) -> None:
    report = api.report(api.ask(1, parameters)["id"])
    if isinstance(parameters, str):
        assert report["parameters"] == parameters
    assert json.loads(report["parameters"]) == (json.loads(parameters) if isinstance(parameters, str) else parameters)


@pytest.mark.parametrize(
    ("template_id", "parameters", "reason"),
    [
        (99, {}, "Шаблон 99 не найден"),
        (4, {"period": "2024"}, "period: "),
        (3, {}, "batch_id: обязательное поле"),
        (3, {"batch_id": "не uuid"}, "batch_id: "),
        (3, {"batch_id": "7a1e4dd2-0000-4000-8000-000000000000"}, "Партия не найдена"),
        (2, {"date_from": "2024-01-01"}, "date_to: обязательное поле"),
        (2, {"date_from": "2024-02-01", "date_to": "2024-01-01"}, "date_from: "),
        (2, {"date_from": 1, "date_to": "31.01.2024"}, "date_to: "),
        (2, JANUARY | {"format": "csv", "table": "orders"}, "table: допустимые значения: batches, shifts, facts"),
    ],
)
def test_report_that_cannot_be_made_fails_with_the_reason(
    api: ApiClient, template_id: int, parameters: Any, reason: str
) -> None:
    report = api.make(template_id, parameters)
    assert report["status"] == "failed"
    assert reason in report["error"]
    status = api.ok("GET", f"/api/v1/reports/{report['id']}/status")
    assert status == {"id": report["id"], "status": "failed", "error": report["error"]}
    saga = api.saga(report)
    assert [step["status"] for step in saga["steps"]] == ["completed", "failed", *["pending"] * 4]
    assert (saga["status"], saga["steps"][1]["error"], saga["error"]) == ("failed", report["error"], report["error"])
    assert objects() == []
    assert api.call("GET", f"/api/v1/reports/{report['id']}/download").status == 409
    warnings = [f"{one['field']}: {one['message']}" for one in api.ask(template_id, parameters)["warnings"]]
    assert warnings and any(reason in one for one in warnings)


def test_report_that_can_be_made_is_accepted_without_a_warning(api: ApiClient) -> None:
    parameters = JANUARY | {"batch_id": api.batch()}
    for template_id in BUILT_IN:
        assert "warnings" not in api.ask(template_id, parameters)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"template_id": 1}, "name"),
        ({"name": "x"}, "template_id"),
        ({"name": " ", "template_id": 1}, "name"),
        ({"name": "x" * 201, "template_id": 1}, "name"),
        ({"name": "x", "template_id": "один"}, "template_id"),
        ({"name": "x", "template_id": 0}, "template_id"),
        ({"name": "x", "template_id": 1, "parameters": "{"}, "parameters"),
        ({"name": "x", "template_id": 1, "parameters": ""}, "parameters"),
        ({"name": "x", "template_id": 1, "parameters": "[1]"}, "parameters"),
        ({"name": "x", "template_id": 1, "parameters": '{"a": NaN}'}, "parameters"),
        ({"name": "x", "template_id": 1, "parameters": '{"a": "\\ud800"}'}, "parameters"),
        ({"name": "x", "template_id": 1, "parameters": 5}, "parameters"),
        ({"name": "x", "template_id": 1, "parameters": {"a": "я" * 20_000}}, "parameters"),
        ({"name": "x", "template_id": 1, "format": "docx"}, "format"),
        ({"name": "x", "template_id": 1, "parameters": {"format": ["pdf"]}}, "format"),
        ({"name": "x", "template_id": 1, "description": 5}, "description"),
    ],
)
def test_a_bad_request_names_the_field_and_writes_nothing(api: ApiClient, body: Any, field: str) -> None:
    answer = api.call("POST", "/api/v1/reports/", body)
    assert answer.status == 400
    assert set(answer.json) == {"error"}
    assert answer.json["error"].startswith(f"{field}: ")
    assert api.ok("GET", "/api/v1/reports/")["total"] == 0


def test_reports_are_listed_by_status_and_page(api: ApiClient) -> None:
    for _ in range(3):
        api.ask(1, {})
    api.make(2, JANUARY)
    listed = api.ok("GET", "/api/v1/reports/?status=failed&page=2&limit=2")
    assert (listed["total"], listed["page"], listed["limit"], len(listed["reports"])) == (3, 2, 2, 1)
    assert [report["id"] for report in api.ok("GET", "/api/v1/reports")["reports"]] == [4, 3, 2, 1]
    assert api.ok("GET", "/api/v1/reports?status=pending")["total"] == 0
    assert api.ok("GET", "/api/v1/reports?limit=1000")["limit"] == 100
    for query in ("page=x", "limit=-1", "page=-1", "status=done"):
        assert api.call("GET", f"/api/v1/reports/?{query}").status == 400


def test_the_same_key_gets_the_same_answer_byte_for_byte(api: ApiClient) -> None:
    body = {"name": "Отчёт", "template_id": 2, "parameters": json.dumps(JANUARY)}
    first = api.call("POST", "/api/v1/reports/", body, {"Idempotency-Key": "k1"})
    again = api.call("POST", "/api/v1/reports/", body, {"Idempotency-Key": "k1"})
    assert (first.status, first.body) == (again.status, again.body)
    assert api.ok("GET", "/api/v1/reports/")["total"] == 1
    assert api.call("POST", "/api/v1/reports/", body | {"name": "Б"}, {"Idempotency-Key": "k1"}).status == 422


def test_deleting_a_report_deletes_its_file_and_its_saga(api: ApiClient) -> None:
    report = api.make(2, JANUARY)
    assert api.call("DELETE", "/api/v1/reports/1").status == 204
    assert objects() == []
    for path in ("/api/v1/reports/1", "/api/v1/reports/1/status", "/api/v1/reports/1/download"):
        assert api.call("GET", path).status == 404
    assert api.call("GET", f"/api/v1/sagas/{report['saga_id']}").status == 404
    assert api.call("POST", f"/api/v1/sagas/{report['saga_id']}/retry").status == 404
    assert api.ok("GET", "/api/v1/reports/")["total"] == api.ok("GET", "/api/v1/sagas")["total"] == 0
    assert api.call("DELETE", "/api/v1/reports/1").status == 404


def test_user_sees_own_reports_only(api: ApiClient) -> None:
    mine = signed_in(person("user"))
    theirs = api.ask(2, JANUARY)
    answer = api.call("POST", "/api/v1/reports", {"name": "Мой", "template_id": 2, "parameters": JANUARY}, mine)
    assert answer.status == 202
    assert [report["id"] for report in api.call("GET", "/api/v1/reports", None, mine).json["reports"]] == [2]
    for path in (f"/api/v1/reports/{theirs['id']}", f"/api/v1/sagas/{theirs['saga_id']}"):
        assert api.call("GET", path, None, mine).status == 404
        assert api.call("DELETE", path, None, mine).status == 404
    run_executions()
    assert api.report(2)["status"] == "completed"
    manager = signed_in(person("manager"))
    assert api.call("GET", "/api/v1/reports/1/status", None, manager).status == 200


def ask_as(api: ApiClient, roles: tuple[str, ...], template_id: int, parameters: Any) -> dict[str, Any]:
    """Return the report of a user with these roles, after its saga has ended."""
    body = {"name": "Мой", "template_id": template_id, "parameters": parameters}
    answer = api.call("POST", "/api/v1/reports", body, signed_in(person(*roles)))
    assert answer.status == 202, answer.text
    run_executions()
    return api.report(answer.json["id"])


@pytest.mark.parametrize("template_id", [2, 3, "mine"])
def test_a_customer_gets_no_report_on_production(api: ApiClient, template_id: Any) -> None:
    if template_id == "mine":
        mine = {"name": "Смена", "base_template_id": 2, "parameters": JANUARY}
        template_id = api.ok("POST", "/api/v1/templates", mine)["id"]
    report = ask_as(api, ("customer",), template_id, JANUARY | {"batch_id": api.batch()})
    assert (report["status"], report["error"]) == ("failed", "Отчет о производстве недоступен для роли customer")


def test_customer_with_another_role_gets_a_report_on_production(api: ApiClient) -> None:
    assert ask_as(api, ("customer", "user"), 2, JANUARY)["status"] == "completed"
