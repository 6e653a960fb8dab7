"""The report on a batch that is made while its user waits, and its email."""

import io
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import openpyxl
import pypdf
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

import app
from chalicelib.core import idempotency, mail, objects
from chalicelib.core.aws import client
from chalicelib.core.deadline import DeadlineExceeded
from chalicelib.reports.batch_report import making, service
from tests.http_events import Response, lambda_context
from tests.integration.reports import sent_email
from tests.integration.reports.api_client import ApiClient
from tests.integration.reports.api_client import objects as stored
from tests.integration.reports.sent_email import SENDER, message_of, verified_sender
from tests.production import UNKNOWN, dump, events_of
from tests.report_files import rows_of


class Lambda:
    """A Lambda client that calls the function in this process."""

    def __init__(self) -> None:
        self.fails: Exception | None = None
        self.crashes = False

    def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 - as boto3 calls it
        """Return a response like that of Lambda."""
        assert FunctionName == "shopfloor-test-batch-report"
        if self.fails:
            raise self.fails
        if self.crashes:
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(b'{"errorMessage": "out of memory"}')}
        result = app.batch_report(json.loads(Payload), lambda_context(26_000))
        return {"Payload": io.BytesIO(json.dumps(result).encode())}


@pytest.fixture
def functions(api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> Lambda:
    made = Lambda()
    monkeypatch.setattr(service, "client", lambda service: made if service == "lambda" else client(service))
    return made


@pytest.fixture
def post(api: ApiClient, functions: Lambda) -> Iterator[list[Any]]:
    """Set up SES with a verified sender; returns the list of sent messages."""
    with verified_sender() as sent:
        yield sent


def generate(api: ApiClient, batch_id: str, query: str = "format=pdf") -> Response:
    return api.call("POST", f"/api/batches/{batch_id}/reports/generate?{query}")


def content_of(answer: Response) -> bytes:
    """Return the content of the file in a response."""
    assert answer.status == 201, answer.text
    file_id = answer.json["download_url"].rpartition("/")[2]
    (key,) = [key for key in stored() if file_id in key]
    assert key == f"files/7d/{answer.json['report_path'].rpartition('/')[2]}"
    return objects.read(key)


LABELS = (
    "Информация о партии", "Номер партии", "Дата партии", "Номенклатура", "Код ЕКН", "Смена", "Бригада",
    "Рабочий центр", "Описание задачи", "Начало смены", "Конец смены", "Статус", "Дата закрытия",
    "Статистика", "Всего продукции", "Агрегировано", "Осталось", "Процент выполнения", "Средняя скорость продуктов/час",
)  # fmt: skip


def test_pdf_has_every_section_and_value_of_the_contract(api: ApiClient, functions: Lambda) -> None:
    answer = generate(api, api.batch())
    assert set(answer.json) == {"report_path", "download_url"}
    pages = pypdf.PdfReader(io.BytesIO(content_of(answer))).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    for words in (*LABELS, "Отчет о партии 22222 от 30.01.2024", "Продукция", "010460123456000002", "33,3"):
        assert words in text
    assert [round(float(side) / 72 * 25.4) for side in pages[0].mediabox[2:]] == [210, 297]


def test_workbook_has_every_section_and_value_of_the_contract(api: ApiClient, functions: Lambda) -> None:
    book = openpyxl.load_workbook(io.BytesIO(content_of(generate(api, api.batch(), "format=xlsx"))))
    cells = {cell.value for row in book.worksheets[0].iter_rows() for cell in row}
    assert set(LABELS) <= cells
    assert book.worksheets[0]._charts
    rows = rows_of(book["Продукция"])
    assert rows[0] == ("ID", "Уникальный код", "Агрегирована", "Дата агрегации")
    assert [(row[1], row[2], row[3] is None) for row in rows[1:]] == [
        ("010460123456000000", "Да", False), ("010460123456000001", "Нет", True), ("010460123456000002", "Нет", True),
    ]  # fmt: skip


SPEED = "Средняя скорость продуктов/час"


def test_average_speed_has_two_decimals_in_every_format(api: ApiClient, functions: Lambda) -> None:
    made = api.batch(30, shift_start="2024-01-30T08:00:00Z", shift_end="2024-01-30T20:00:00Z")
    for product in api.ok("GET", f"/api/products?batch_id={made}&limit=6")["items"][1:]:
        api.ok("PATCH", f"/api/products/{product['uuid']}/aggregate")
    done = sum(one["is_aggregated"] for one in api.ok("GET", f"/api/batches/{made}")["products"])
    assert done == 6  # in twelve hours
    pdf = pypdf.PdfReader(io.BytesIO(content_of(generate(api, made))))
    assert "0,50" in " ".join(" ".join(page.extract_text() for page in pdf.pages).split())
    book = openpyxl.load_workbook(io.BytesIO(content_of(generate(api, made, "format=xlsx"))))
    (cell,) = [row[1] for row in book.worksheets[0].iter_rows() if row[0].value == SPEED]
    assert (cell.value, cell.number_format) == (0.5, "#,##0.00")
    assert api.facts(3, {"batch_id": made})[SPEED] == "0.50"


def test_file_is_downloaded_with_a_readable_name(api: ApiClient, functions: Lambda) -> None:
    answer = generate(api, api.batch())
    link = api.call("GET", answer.json["download_url"])
    assert link.status == 302
    (disposition,) = parse_qs(urlsplit(link.headers["Location"]).query)["response-content-disposition"]
    assert unquote(disposition).endswith("UTF-8''Отчет о партии 22222 от 30.01.2024.pdf")


def test_one_event_is_recorded_for_a_report(api: ApiClient, functions: Lambda) -> None:
    batch_id = api.batch(0)
    answer = generate(api, batch_id, "format=xlsx")
    name, data = events_of(f"batch#{batch_id}")[-1]
    assert name == "batch.report_generated"
    assert (data["batch_id"], data["batch_number"], data["report_type"]) == (batch_id, 22222, "xlsx")
    assert data["file_url"] == answer.json["download_url"]
    assert data["expires_at"] > data["occurred_at"]


def test_wrong_query_gets_422_and_unknown_batch_404(api: ApiClient, functions: Lambda) -> None:
    batch_id = api.batch(0)
    wrong = ["", "format=csv", "format=pdf&user_email=", "format=pdf&user_email=a@b", "format=pdf&format=xlsx"]
    addresses = ("a@b.c%0D%0ABcc:x@y.z", "я@почта.рф", "a b@c.de", "@c.de", f"{'a' * 65}@b.example")
    wrong += [f"format=pdf&user_email={address}" for address in addresses]
    for query in wrong:
        assert generate(api, batch_id, query).status == 422, query
    assert generate(api, UNKNOWN).status == 404
    assert generate(api, UNKNOWN).json == {"detail": "Партия не найдена"}
    assert generate(api, "seven").status == 422
    assert stored() == []


def test_email_without_a_configured_sender_gets_503_and_makes_no_file(api: ApiClient, functions: Lambda) -> None:
    answer = generate(api, api.batch(0), "format=pdf&user_email=a@b.example")
    assert (answer.status, "MailFrom" in answer.json["detail"]) == (503, True)
    assert stored() == []


# -- what can go wrong ----------------------------------------------------------------------------------------------


def test_timeout_of_the_function_gets_504(api: ApiClient, functions: Lambda) -> None:
    functions.fails = ReadTimeoutError(endpoint_url="lambda")
    answer = generate(api, api.batch(0))
    assert (answer.status, "/api/v1/reports" in answer.json["detail"]) == (504, True)


def test_report_over_the_deadline_gets_504_and_writes_nothing(
    api: ApiClient, functions: Lambda, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*_: Any) -> None:
        raise DeadlineExceeded

    batch_id = api.batch(0)
    monkeypatch.setattr(making, "render", slow)
    before = dump()
    assert generate(api, batch_id).status == 504
    assert (dump(), stored()) == (before, [])


def test_crash_of_the_function_gets_500(api: ApiClient, functions: Lambda) -> None:
    functions.crashes = True
    assert generate(api, api.batch(0)).status == 500


@pytest.mark.parametrize("dies_in", ["put", "register"])
def test_run_that_dies_records_no_event(
    api: ApiClient, functions: Lambda, monkeypatch: pytest.MonkeyPatch, dies_in: str
) -> None:
    """At most an object without a record is left, which the lifecycle rule deletes."""
    batch_id = api.batch(0)
    before = dump()

    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(making.files, dies_in, die)
    with pytest.raises(KeyboardInterrupt):
        app.batch_report(request_for(batch_id), lambda_context())
    assert dump() == before
    assert all(key.startswith("files/7d/") for key in stored())


def test_file_that_cannot_be_stored_records_no_event(
    api: ApiClient, functions: Lambda, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch_id = api.batch(0)
    before = dump()

    def refuse(*_: Any) -> None:
        raise ClientError({"Error": {"Code": "SlowDown"}}, "PutObject")

    monkeypatch.setattr(making.files, "put", refuse)
    with pytest.raises(ClientError):
        app.batch_report(request_for(batch_id), lambda_context())
    assert dump() == before


def request_for(batch_id: str) -> dict[str, Any]:
    return {"batch_id": batch_id, "format": "pdf", "user_email": None, "user_id": 1, "user_name": "Администратор"}


# -- the email ------------------------------------------------------------------------------------------------------


def requested(api: ApiClient, format: str = "pdf") -> dict[str, Any]:
    """Request a report with an email; returns the data of the event that requests the email."""
    batch_id = api.batch()
    assert generate(api, batch_id, f"format={format}&user_email=user@example.com").status == 201
    (generated, email) = events_of(f"batch#{batch_id}")[-2:]
    assert (generated[0], email[0]) == ("batch.report_generated", "batch.report_mail_requested")
    return email[1]


def deliver(data: dict[str, Any]) -> dict[str, Any]:
    return sent_email.deliver("batch.report_mail_requested", data)


@pytest.mark.parametrize("format", ["pdf", "xlsx"])
def test_email_has_the_file_attached(api: ApiClient, post: list[Any], format: str) -> None:
    data = requested(api, format)
    assert deliver(data) == {"batchItemFailures": []}
    (sent,) = post
    message = message_of(sent)
    assert (message["To"], message["From"]) == ("user@example.com", SENDER)
    assert message["Subject"] == "Отчет о партии 22222"
    body = message.get_body()
    assert body is not None
    for words in ("Отчет о партии 22222 от 30.01.2024", "Всего продукции: 3", "Агрегировано: 1", "33,3\u00a0%"):
        assert words in body.get_content()
    (attached,) = message.iter_attachments()
    assert attached.get_filename() == f"Отчет о партии 22222 от 30.01.2024.{format}"
    assert attached.get_content() == objects.read(f"files/7d/{data['file_id']}.{format}")


def test_email_has_a_link_to_a_file_that_is_too_large(
    api: ApiClient, post: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "MAX_FILE_BYTES", 100)
    data = requested(api)
    assert deliver(data) == {"batchItemFailures": []}
    message = message_of(post[0])
    assert list(message.iter_attachments()) == []
    body = message.get_body()
    assert body is not None
    assert "слишком велик для письма" in body.get_content()
    assert f"/api/reports/{data['file_id']}" in body.get_content()


def test_repeated_message_sends_one_email(api: ApiClient, post: list[Any]) -> None:
    data = requested(api)
    for _ in range(3):
        assert deliver(data) == {"batchItemFailures": []}
    assert len(post) == 1


def test_email_that_failed_is_sent_when_the_message_is_repeated(
    api: ApiClient, post: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = requested(api)
    client("ses").delete_identity(Identity=SENDER)
    assert len(deliver(data)["batchItemFailures"]) == 1
    client("ses").verify_email_identity(EmailAddress=SENDER)
    assert deliver(data) == {"batchItemFailures": []}
    assert len(post) == 1


def test_one_of_two_concurrent_messages_sends_the_email(api: ApiClient, post: list[Any]) -> None:
    data = requested(api)
    answers: list[dict[str, Any]] = []
    idempotency.once(f"mail#{data['file_id']}", lambda: answers.append(deliver(data)))
    assert len(answers[0]["batchItemFailures"]) == 1
    assert post == []


def test_email_of_a_process_that_died_is_sent_after_its_lease(
    api: ApiClient, post: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = requested(api)

    def die() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(idempotency._Lease, "get_remaining_time_in_millis", staticmethod(lambda: -1000))
    with pytest.raises(KeyboardInterrupt):
        idempotency.once(f"mail#{data['file_id']}", die)
    assert deliver(data) == {"batchItemFailures": []}
    assert len(post) == 1


def test_expired_file_is_not_sent(api: ApiClient, post: list[Any], later: Callable[..., None]) -> None:
    data = requested(api)
    later(days=8)
    assert deliver(data) == {"batchItemFailures": []}
    assert post == []
