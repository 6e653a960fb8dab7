"""The report on a batch over HTTP: the files, the event, the email, and thousands of products."""

import io
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import openpyxl
import pypdf
import pytest
import requests

from tests.e2e.production import events_of, load_products, new_batch, ok
from tests.e2e.stack import Stack
from tests.production import UNKNOWN
from tests.report_files import rows_of
from tests.waiting import wait_for


def generate(stack: Stack, batch_id: str, query: str) -> requests.Response:
    return stack.call("POST", f"/api/batches/{batch_id}/reports/generate?{query}")


def fetch(stack: Stack, answer: requests.Response) -> requests.Response:
    """The file as `curl -L` gets it."""
    assert answer.status_code == 201, answer.text
    link = stack.call("GET", answer.json()["download_url"])
    assert link.status_code == 302
    return requests.get(link.headers["Location"], timeout=20)


def emails(stack: Stack, to: str) -> list[EmailMessage]:
    """The mail to a user, as the local stack keeps it."""
    files = sorted((stack.state / "mail").glob(f"* {to}.eml"))
    messages = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
    return [message for message in messages if isinstance(message, EmailMessage)]


def subjects(stack: Stack) -> list[str]:
    """What the emulator itself tells of all mail."""
    kept = requests.get(f"{stack.aws_url}/_ministack/ses/messages", timeout=10).json()["messages"]
    return [message["Subject"] for account in kept.values() for message in account]


@pytest.fixture(scope="module")
def batch(stack: Stack) -> dict[str, Any]:
    """A batch with three products, two of them aggregated, closed."""
    made = new_batch(stack, nomenclature="Болт М8×40", team="Бригада №7")
    for code in ("R-001", "R-002", "=R-003"):
        shown = ok(stack, "POST", f"/api/batches/{made['uuid']}/products", {"unique_code": code})
    for product in shown["products"][:2]:
        ok(stack, "PATCH", f"/api/products/{product['uuid']}/aggregate", {"aggregated_at": "2025-01-20T09:30:00Z"})
    closed: dict[str, Any] = ok(stack, "PATCH", f"/api/batches/{made['uuid']}/close", {})
    return closed


def test_a_pdf(stack: Stack, batch: dict[str, Any]) -> None:
    file = fetch(stack, generate(stack, batch["uuid"], "format=pdf"))
    assert file.headers["Content-Type"] == "application/pdf"
    assert "filename*=UTF-8''%D0%9E%D1%82%D1%87%D0%B5%D1%82" in file.headers["Content-Disposition"]
    text = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(file.content)).pages)
    expected = ("Информация о партии", "Продукция", "Статистика", "Болт М8×40", "Бригада №7", "Закрыта", "=R-003")
    for words in (*expected, "66,7"):
        assert words in text


def test_a_workbook(stack: Stack, batch: dict[str, Any]) -> None:
    file = fetch(stack, generate(stack, batch["uuid"], "format=xlsx"))
    book = openpyxl.load_workbook(io.BytesIO(file.content))
    facts = {row[0].value: row[1].value for row in book.worksheets[0].iter_rows(max_col=2)}
    assert facts["Номер партии"] == batch["batch_number"]
    assert (facts["Всего продукции"], facts["Агрегировано"], facts["Осталось"]) == (3, 2, 1)
    assert facts["Средняя скорость продуктов/час"] == 0.17
    assert [row[1:3] for row in rows_of(book["Продукция"])[1:]] == [("R-001", "Да"), ("R-002", "Да"), ("=R-003", "Нет")]


def test_the_event_is_on_the_bus(stack: Stack, batch: dict[str, Any]) -> None:
    answer = generate(stack, batch["uuid"], "format=xlsx").json()

    def sent() -> list[Any]:
        events = events_of(stack, f"batch#{batch['uuid']}")
        return [event for event in events if event["data"].get("file_url") == answer["download_url"] and event["sent"]]

    (event,) = wait_for(sent)
    assert (event["name"], event["data"]["report_type"]) == ("batch.report_generated", "xlsx")


def test_the_email_arrives_once_with_the_file(stack: Stack, batch: dict[str, Any]) -> None:
    answer = generate(stack, batch["uuid"], "format=pdf&user_email=mailbox@example.com")
    content = fetch(stack, answer).content
    (message,) = wait_for(lambda: emails(stack, "mailbox@example.com"))
    assert message["Subject"] == f"Отчет о партии {batch['batch_number']}"
    assert subjects(stack).count(message["Subject"]) == 1
    body = message.get_body()
    assert body is not None and "Агрегировано: 2" in body.get_content()
    (attached,) = message.iter_attachments()
    assert attached.get_filename() == f"Отчет о партии {batch['batch_number']} от 20.01.2025.pdf"
    assert attached.get_content() == content


def test_what_is_asked_wrongly(stack: Stack, batch: dict[str, Any]) -> None:
    assert generate(stack, UNKNOWN, "format=pdf").status_code == 404
    for query in ("", "format=docx", "format=pdf&user_email=nobody"):
        assert generate(stack, batch["uuid"], query).status_code == 422


def test_three_thousand_products_are_reported_while_the_user_waits(stack: Stack) -> None:
    made = new_batch(stack)
    load_products(stack, made["uuid"], 3_000)
    for format in ("pdf", "xlsx"):
        content = fetch(stack, generate(stack, made["uuid"], f"format={format}")).content
        if format == "xlsx":
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
            codes = (row[1] for row in book["Продукция"].iter_rows(values_only=True))
            assert sum(1 for code in codes if str(code).startswith("N-")) == 3_000
        else:
            last = pypdf.PdfReader(io.BytesIO(content)).pages[-3:]
            assert "N-2999" in "".join(page.extract_text() for page in last)
