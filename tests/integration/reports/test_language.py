"""A report speaks the language that was asked for: its file, its email, and the reasons why it could not be made."""

import io
from typing import Any

import pypdf
import pytest

from tests.integration.reports.api_client import ApiClient
from tests.machine import run_executions

ENGLISH = {"Accept-Language": "en-GB, en;q=0.9"}
MONTH = {"period": "2024-01"}


def made(api: ApiClient, headers: dict[str, str], **body: Any) -> dict[str, Any]:
    """Order a report and return it when it has ended."""
    accepted = api.call("POST", "/api/v1/reports/", {"name": "Report", "template_id": 1, **body}, headers).json
    run_executions()
    return api.report(accepted["id"])


@pytest.mark.parametrize(
    ("headers", "body", "language"),
    [
        ({}, {"parameters": MONTH}, "ru"),
        (ENGLISH, {"parameters": MONTH}, "en"),
        ({}, {"parameters": MONTH, "language": "en"}, "en"),
        (ENGLISH, {"parameters": MONTH | {"language": "ru"}}, "ru"),
    ],
)
def test_the_file_is_in_the_language_of_the_request_or_of_the_parameter(
    api: ApiClient, headers: dict[str, str], body: dict[str, Any], language: str
) -> None:
    report = made(api, headers, **body)
    assert (report["status"], report["language"]) == ("completed", language)
    file = pypdf.PdfReader(io.BytesIO(api.download(report)))
    shown = file.pages[0].extract_text()
    titles = {"en": "Sales report for 2024-01-01–2024-01-31", "ru": "Отчет по продажам за 01.01.2024–31.01.2024"}
    assert titles[language] in shown and file.trailer["/Root"]["/Lang"] == language


def test_the_reason_of_a_failure_is_in_the_language_of_the_request(api: ApiClient) -> None:
    report = made(api, ENGLISH, parameters={"period": "2024-13"})
    assert (report["status"], report["error"]) == ("failed", "period: a month is expected as YYYY-MM")
    assert made(api, {}, template_id=999)["error"] == "Шаблон 999 не найден"


def test_a_template_may_name_the_language_and_the_zone(api: ApiClient) -> None:
    defaults = MONTH | {"language": "en", "time_zone": "Asia/Yekaterinburg"}
    body = {"name": "Sales", "base_template_id": 1, "parameters": defaults}
    report = made(api, {}, template_id=api.ok("POST", "/api/v1/templates", body)["id"])
    shown = pypdf.PdfReader(io.BytesIO(api.download(report))).pages[0].extract_text()
    assert report["language"] == "en"
    assert "Time zone: Asia/Yekaterinburg (UTC+05:00)" in " ".join(shown.split())


@pytest.mark.parametrize("name", ["language", "time_zone"])
def test_an_unknown_language_or_zone_is_refused(api: ApiClient, name: str) -> None:
    body = {"name": "Report", "template_id": 1, "parameters": MONTH | {name: "xx"}}
    answer = api.call("POST", "/api/v1/reports/", body)
    if name == "language":
        assert answer.status == 400 and "language: допустимые значения: ru, en" in answer.text
    else:
        assert made(api, {}, **body)["error"].startswith("time_zone: ожидается часовой пояс IANA")
