"""The requests that start an import: forms, uploads, and what is refused at once."""

import base64
import os
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, unquote

import pytest

from chalicelib.batches.exchange import service
from chalicelib.core import objects
from chalicelib.core.auth import Actor
from chalicelib.core.aws import client
from chalicelib.core.errors import NotFound
from chalicelib.core.settings import settings
from tests.exchange import EXPORT, IMPORT, csv_file, form, row, send, xlsx_rows
from tests.production import UNKNOWN, ask, nothing_written, ok, wrong_fields
from tests.tasks import result_of, run_tasks, task

UPLOADS = f"{IMPORT}/uploads"
TEN_MB = 10 * 1024 * 1024


def upload(content: bytes, name: str = "Партии.csv", user: int = 1) -> str:
    """Get a place, and put a file there as the form would."""
    place = ok("POST", UPLOADS, {"file_name": name})
    metadata = {"name": quote(name), "user": str(user)}
    key = place["fields"]["key"]
    client("s3").put_object(Bucket=settings().files_bucket, Key=key, Body=content, Metadata=metadata)
    return str(place["upload_id"])


def done(query: str, **fields: str) -> tuple[bool, bool]:
    """Whether an import with this query and these fields tells of a batch, and whether there is one."""
    task_id = send(csv_file([row()]), query=query, **fields).json["task_id"]
    run_tasks()
    return result_of(task_id)["created"] == 1, ok("GET", "/api/batches")["total"] == 1


def test_a_task_has_the_parameters_of_the_request() -> None:
    task_id = send(csv_file([row()]), "Партии.CSV", query="?dry_run=true").json["task_id"]
    asked = {"name": "Партии", "format": "csv", "update_existing": False, "dry_run": True}
    assert task(task_id)["params"] == asked
    task_id = ok("POST", f"{EXPORT}?format=xlsx&shift=1", {"is_closed": True})["task_id"]
    assert task(task_id)["params"] == {"format": "xlsx", "filters": {"is_closed": True, "shift": "1"}}
    assert [one["params"] for one in ok("GET", "/api/background_tasks?type=import")["items"]] == [asked]


def test_a_file_arrives_byte_for_byte_up_to_ten_megabytes() -> None:
    content = b"a,b\r\n" * 1_000 + os.urandom(TEN_MB - 5_000)
    task_id = send(content).json["task_id"]
    assert objects.read(f"work/imports/{task_id}/source.csv") == content
    with nothing_written():
        answer = send(content + b"x")
    assert (answer.status, answer.json) == (413, {"detail": "Файл больше 10 МБ"})
    with nothing_written():
        assert send(content + b"x" * 200_000).status == 413


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.xls", b"a"), ("a.csv", b"\0"), ("a.xlsx", b"a"), ("a.csv", b""), ("", b"a"), ("a.csv", xlsx_rows([row()]))],
)
def test_another_type_of_file_is_400(name: str, content: bytes) -> None:
    with nothing_written():
        answer = send(content, name)
    assert answer.status == 400
    assert set(answer.json) == {"detail"}


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"", "multipart/form-data; boundary=x", 400),
        (b"--x\r\n", "multipart/form-data; boundary=x", 400),
        (b"rubbish", "multipart/form-data; boundary=x", 400),
        (b"--x--\r\n", "multipart/form-data; boundary=x", 422),
        (b"--x--\r\n", "multipart/form-data", 400),
        (b"--x--\r\n", 'multipart/form-data; boundary=""', 400),
        (b"a,b", "text/csv", 415),
        (b"{}", "application/json", 422),
        (b"[]", "application/json", 422),
        (b"{", "application/json", 400),
        (b"", "application/json", 422),
    ],
)
def test_a_body_that_is_no_form_with_a_file(body: bytes, content_type: str, status: int) -> None:
    with nothing_written():
        assert ask("POST", IMPORT, body, {"Content-Type": content_type}).status == status


def test_fields_of_the_form_are_validated() -> None:
    body, headers = form(csv_file([row()]), update_existing="perhaps")
    answer = ask("POST", IMPORT, body, headers)
    assert (answer.status, answer.json["errors"][0]["loc"]) == (422, ["body", "update_existing"])
    assert send(csv_file([row()]), query="?dry_run=x").status == 422
    twice = b'--b\r\nContent-Disposition: form-data; name="dry_run"\r\n\r\n1\r\n' * 2 + b"--b--\r\n"
    assert ask("POST", IMPORT, twice, {"Content-Type": "multipart/form-data; boundary=b"}).status == 400


def test_fields_of_the_form_replace_those_of_the_query() -> None:
    assert done("?dry_run=true") == (True, False)
    assert done("?dry_run=true", dry_run="false") == (True, True)


@pytest.mark.parametrize("name", ["Партии.csv", "batches.xlsx"])
def test_an_uploaded_file_can_be_imported_several_times(name: str) -> None:
    content = (csv_file if name.endswith("csv") else xlsx_rows)([row(), row(team="")])
    upload_id = upload(content, name)
    for options in ({"dry_run": True}, {}, {"update_existing": True}):
        answer = ask("POST", IMPORT, {"upload_id": upload_id, **options})
        assert (answer.status, answer.json["message"]) == (202, "Import task started")
        run_tasks()
        result = result_of(answer.json["task_id"])
        assert (result["created"] + result["updated"], result["failed"]) == (1, 1)
    assert ok("GET", "/api/batches")["total"] == 1
    answer = ask("GET", result["errors_url"])
    assert f"{name.partition('.')[0]} — ошибки." in unquote(unquote(answer.headers["Location"]))


def test_an_upload_has_at_most_ten_megabytes() -> None:
    place = ok("POST", UPLOADS, {"file_name": "a.xlsx"})
    assert set(place) == {"upload_id", "url", "fields", "expires_at"}
    policy = base64.b64decode(place["fields"]["policy"]).decode()
    assert f'["content-length-range", 1, {TEN_MB}]' in policy
    assert place["fields"]["key"] == f"work/uploads/{place['upload_id']}"


def test_an_upload_that_is_missing_or_of_another_user_is_404() -> None:
    theirs = upload(csv_file([row()]), user=7)
    for upload_id in (UNKNOWN, theirs, ok("POST", UPLOADS, {"file_name": "a.csv"})["upload_id"]):
        with nothing_written():
            answer = ask("POST", IMPORT, {"upload_id": upload_id})
        assert (answer.status, answer.json) == (404, {"detail": "Загруженный файл не найден"})
    with pytest.raises(NotFound):
        user = Actor(8, UNKNOWN, "Иван", None, ("user",))
        service.start_import_of_upload(user, body=service.ImportOfUpload(upload_id=theirs))


@pytest.mark.parametrize("body", [{}, {"file": "batches.csv"}, {"rows": [row()]}])
def test_json_without_a_file_says_how_a_file_is_sent(body: Any) -> None:
    answer = ask("POST", IMPORT, body)
    assert answer.status == 422
    ((place, message),) = [(error["loc"], error["msg"]) for error in answer.json["errors"]]
    assert place == ["body", "upload_id"] and "multipart/form-data" in message


def test_every_import_of_an_upload_reads_what_the_first_one_did() -> None:
    upload_id = upload(csv_file([row()]))
    assert ask("POST", IMPORT, {"upload_id": upload_id, "dry_run": True}).status == 202
    body, metadata = csv_file([row(), row()]), {"name": quote("Другие.csv"), "user": "1"}
    key = f"work/uploads/{upload_id}"  # the form is still good
    client("s3").put_object(Bucket=settings().files_bucket, Key=key, Body=body, Metadata=metadata)
    task_id = ask("POST", IMPORT, {"upload_id": upload_id}).json["task_id"]
    run_tasks()
    assert (result_of(task_id)["total"], ok("GET", "/api/batches")["total"]) == (1, 1)


def test_a_place_to_upload_to_is_not_answered_again_when_its_form_has_expired(later: Callable[..., None]) -> None:
    key = {"Idempotency-Key": "upload-1"}
    first = ask("POST", UPLOADS, {"file_name": "a.csv"}, key)
    later(minutes=58)
    assert ask("POST", UPLOADS, {"file_name": "a.csv"}, key).body == first.body
    later(minutes=2)
    assert ask("POST", UPLOADS, {"file_name": "a.csv"}, key).status == 409


def test_an_upload_is_checked_as_a_form_is() -> None:
    assert ask("POST", IMPORT, {"upload_id": upload(b"\x00\x01")}).status == 400
    assert ask("POST", IMPORT, {"upload_id": upload(b"x" * (TEN_MB + 1))}).status == 413
    assert ask("POST", UPLOADS, {"file_name": "a.exe"}).status == 400
    assert wrong_fields("POST", UPLOADS, {}) == {"body.file_name": "обязательное поле"}
    assert "body.upload_id" in wrong_fields("POST", IMPORT, {"upload_id": "x"})


def test_a_form_that_is_sent_again_with_its_key_starts_one_import() -> None:
    file = csv_file([row()])
    answers: list[Any] = []
    for boundary in ("first", "second"):
        body, headers = form(file, boundary=boundary)
        answers.append(ask("POST", IMPORT, body, headers | {"Idempotency-Key": "k-1"}))
    assert [answer.status for answer in answers] == [202, 202]
    assert answers[0].json == answers[1].json
    body, headers = form(csv_file([row()]))
    assert ask("POST", IMPORT, body, headers | {"Idempotency-Key": "k-1"}).status == 422
    assert run_tasks() == 1


def test_progress_is_that_of_the_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    from chalicelib.background_tasks import runs
    from chalicelib.batches.exchange import importing

    monkeypatch.setattr(importing, "ROWS_PER_CHUNK", 5)
    seen: list[Any] = []
    real = runs.store.save_progress
    monkeypatch.setattr(
        runs.store, "save_progress", lambda it, *rest: seen.append((it.current, it.total)) or real(it, *rest)
    )
    task_id = send(csv_file([row() for _ in range(20)])).json["task_id"]
    assert task(task_id)["status"] == "PENDING"
    run_tasks()
    assert seen[0] == (0, 20)
    assert [current for current, total in seen] == sorted(current for current, _ in seen)
    assert {5, 10, 15, 20} <= {current for current, total in seen if total == 20}


def test_an_import_can_be_cancelled_between_two_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    from chalicelib.batches.exchange import importing

    monkeypatch.setattr(importing, "ROWS_PER_CHUNK", 2)
    real = importing.Applier.apply

    def apply(self: Any, rows: Any) -> Any:
        ask("DELETE", f"/api/background_tasks/{self.task_id}")
        return real(self, rows)

    monkeypatch.setattr(importing.Applier, "apply", apply)
    task_id = send(csv_file([row() for _ in range(6)])).json["task_id"]
    run_tasks()
    assert task(task_id)["result"] == {"error": "Задача отменена"}
    assert ok("GET", "/api/batches")["total"] == 2


def test_an_import_out_of_time_continues_in_another_call() -> None:
    task_id = send(csv_file([row(products=["A"]) for _ in range(5)] + [row(team="")])).json["task_id"]
    assert run_tasks(remaining_ms=1_000) >= 2
    assert (result_of(task_id)["created"], result_of(task_id)["failed"]) == (5, 1)
