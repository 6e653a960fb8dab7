"""Import and export on the deployed stack: files over HTTP, workers behind the queue, rights enforced."""

import hashlib
import os
from itertools import count
from typing import Any

import pytest
import requests

from tests.e2e.production import events_of, ok
from tests.e2e.stack import Stack
from tests.exchange import EXPORT, IMPORT, csv_file, read, row, xlsx_rows
from tests.waiting import wait_for

TYPE = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
_numbers = count(4_000_000)


def new_row(**fields: Any) -> dict[str, str]:
    """A row under a number that no other test of this stack has."""
    return row(**{"batch_number": next(_numbers), "work_center_identifier": "WC-E2E", **fields})


def result_of(stack: Stack, answer: requests.Response) -> dict[str, Any]:
    """The result of the task that an answer names, when it has ended well."""
    assert answer.status_code == 202, answer.text
    place = f"/api/background_tasks/{answer.json()['task_id']}"
    ended = ("SUCCESS", "FAILURE")
    task = wait_for(lambda: (found := ok(stack, "GET", place))["status"] in ended and found, timeout=60)
    assert task["status"] == "SUCCESS", task
    result: dict[str, Any] = task["result"]
    return result


def send(stack: Stack, content: bytes, name: str, **fields: str) -> requests.Response:
    """The answer to a form."""
    return stack.call("POST", IMPORT, files={"file": (name, content, TYPE[name.rpartition(".")[2]])}, data=fields)


def download(stack: Stack, url: str) -> bytes:
    """What lies behind a download_url."""
    answer = stack.call("GET", url)
    assert answer.status_code == 302
    file = requests.get(answer.headers["Location"], timeout=30)
    assert file.status_code == 200
    assert "filename*=UTF-8''" in file.headers["Content-Disposition"]
    return file.content


@pytest.mark.parametrize("format", ["xlsx", "csv"])
def test_failed_rows_come_back_are_corrected_and_sent_again(stack: Stack, format: str) -> None:
    make = xlsx_rows if format == "xlsx" else csv_file
    rows = [new_row(products=["A", "B"]), new_row(shift_end="x", products=["C"]), new_row(is_closed="да")]
    answer = send(stack, make(rows), f"Партии.{format}")
    assert answer.json() | {"task_id": ""} == {"task_id": "", "status": "PENDING", "message": "Import task started"}
    result = result_of(stack, answer)
    assert (result["success"], result["total"], result["created"], result["failed"]) == (False, 3, 2, 1)
    assert [(error["row"], error["column"]) for error in result["errors"]] == [(2, "shift_end")]
    failed = read(download(stack, result["errors_url"]), format)
    assert [one["batch_number"] for one in failed] == [rows[1]["batch_number"]]
    corrected = make([one | {"shift_end": "20.01.2025 20:00"} for one in failed])
    assert result_of(stack, send(stack, corrected, f"Партии — ошибки.{format}"))["created"] == 1
    (made,) = ok(stack, "GET", f"/api/batches?batch_number={rows[1]['batch_number']}")["items"]
    assert [product["unique_code"] for product in made["products"]] == ["C"]
    names = [event["name"] for event in events_of(stack, f"batch#{made['uuid']}")]
    assert names == ["batch.created", "batch.product_added"]


@pytest.mark.parametrize("format", ["xlsx", "csv"])
def test_the_way_out_and_in_and_out_again_changes_nothing(stack: Stack, format: str) -> None:
    day = {"xlsx": "2031-01-20", "csv": "2031-01-21"}[format]
    rows = [new_row(batch_date=day, team="=1+1", products=["A"]), new_row(batch_date=day, is_closed="1")]
    result_of(stack, send(stack, csv_file(rows), "a.csv"))

    def export() -> bytes:
        result = result_of(stack, stack.call("POST", f"{EXPORT}?format={format}", json={"batch_date": day}))
        assert (result["total"], result["download_url"]) == (2, f"/api/reports/{result['file_id']}")
        return download(stack, result["download_url"])

    before = export()
    again = result_of(stack, send(stack, before, f"a.{format}", update_existing="true"))
    assert (again["success"], again["updated"]) == (True, 2)
    assert read(export(), format) == read(before, format)
    if format == "csv":
        assert export() == before
        assert b',"\'=1+1",' in before


def test_a_file_of_almost_ten_megabytes_arrives_byte_for_byte(stack: Stack) -> None:
    content = b"a,b\r\n" * 1_000 + os.urandom(9_900_000)
    answer = send(stack, content, "a.csv")
    assert answer.status_code == 202, answer.text
    bucket = stack.outputs()["FilesBucketName"]
    key = f"work/imports/{answer.json()['task_id']}/source.csv"
    stored = stack.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    assert hashlib.sha256(stored).digest() == hashlib.sha256(content).digest()
    for size in (10 * 1024 * 1024 + 1, 11 * 1024 * 1024):
        assert send(stack, b"a" * size, "a.csv").status_code == 413


def test_a_large_file_goes_past_the_gateway(stack: Stack) -> None:
    content = csv_file([new_row(), new_row()])
    place = ok(stack, "POST", f"{IMPORT}/uploads", {"file_name": "Партии.csv"})
    large = {"file": b"a" * (10 * 1024 * 1024 + 1)}
    too_much = requests.post(place["url"], data=place["fields"], files=large, timeout=30)
    assert 400 <= too_much.status_code < 500
    start = {"upload_id": place["upload_id"]}
    assert stack.call("POST", IMPORT, json=start).status_code == 404
    put = requests.post(place["url"], data=place["fields"], files={"file": content}, timeout=30)
    assert put.status_code < 300, put.text
    dry = result_of(stack, stack.call("POST", IMPORT, json={**start, "dry_run": True}))
    wet = result_of(stack, stack.call("POST", IMPORT, json=start))
    assert dry == wet
    assert (wet["success"], wet["created"]) == (True, 2)


def test_an_unreadable_file_says_why(stack: Stack) -> None:
    task = send(stack, xlsx_rows([new_row()])[:-100], "a.xlsx").json()["task_id"]
    place = f"/api/background_tasks/{task}"
    failed = wait_for(lambda: (found := ok(stack, "GET", place))["status"] == "FAILURE" and found, timeout=30)
    assert failed["result"] == {"error": "Файл поврежден или не является книгой xlsx"}
