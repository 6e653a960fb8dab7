"""Sheets of batches for tests: rows, files, and imports and exports by api function and worker."""

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from itertools import count, zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import openpyxl

from chalicelib.batches.exchange import sheets
from chalicelib.core import csv_text, objects
from tests.http_events import Response
from tests.production import ask, ok
from tests.tasks import result_of, run_tasks

_numbers = count(70_000)
IMPORT, EXPORT = "/api/batches/import", "/api/batches/export"

Row = dict[str, str]


def row(**fields: Any) -> Row:
    """Return a row with a new number; products may be a list of codes."""
    if isinstance(fields.get("products"), list):
        fields["products"] = json.dumps(fields["products"], ensure_ascii=False)
    return {
        "batch_number": str(next(_numbers)),
        "batch_date": "2025-01-20",
        "nomenclature": "Болт М8×40",
        "ekn_code": "EKN-001",
        "shift": "1",
        "team": "Бригада А",
        "task_description": "Изготовить болты",
        "shift_start": "2025-01-20T08:00:00Z",
        "shift_end": "2025-01-20T20:00:00Z",
        "work_center_identifier": "WC-1",
        "work_center_name": "Цех №1",
    } | {name: str(value) for name, value in fields.items()}


def columns_of(rows: Sequence[Mapping[str, str]]) -> list[str]:
    """Return all columns of the rows."""
    return list(dict.fromkeys(name for one in rows for name in one))


def csv_file(rows: Sequence[Mapping[str, str]], delimiter: str = ",", encoding: str = "utf-8-sig") -> bytes:
    """Return a csv file with the guards of an export; lists of products need none."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns_of(rows), delimiter=delimiter, restval="")
    writer.writeheader()
    writer.writerows({name: _guarded(name, cell) for name, cell in one.items()} for one in rows)
    return text.getvalue().encode(encoding)


def _guarded(name: str, cell: str) -> str:
    return cell if name.startswith("products") else csv_text.escape_formula(cell)


def xlsx_file(rows: Iterable[Sequence[Any]]) -> bytes:
    """Return a workbook as another program writes it."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Лист1")
    for one in rows:
        sheet.append(list(one))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def xlsx_rows(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Return a workbook of rows by column."""
    names = columns_of(rows)
    return xlsx_file([names, *([one.get(name) for name in names] for one in rows)])


def zipped(parts: Mapping[str, bytes]) -> bytes:
    """Return a zip archive."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def form(file: bytes | None, name: str = "batches.csv", boundary: str = "X-b0undary", **fields: str) -> Any:
    """Return body and headers of a form."""
    parts = [f'Content-Disposition: form-data; name="{key}"\r\n\r\n{value}'.encode() for key, value in fields.items()]
    if file is not None:
        about = f'Content-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: text/csv\r\n\r\n'
        parts.append(about.encode() + file)
    body = b"".join(b"--" + boundary.encode() + b"\r\n" + part + b"\r\n" for part in parts)
    return body + f"--{boundary}--\r\n".encode(), {"Content-Type": f"multipart/form-data; boundary={boundary}"}


def send(file: bytes | None, name: str = "batches.csv", query: str = "", **fields: str) -> Response:
    """Send a form and return the response."""
    return ask("POST", IMPORT + query, *form(file, name, **fields))


def imported(file: bytes, name: str = "batches.csv", query: str = "", **fields: str) -> dict[str, Any]:
    """Import a file and return the result."""
    answer = send(file, name, query, **fields)
    assert answer.status == 202, answer.text
    assert answer.json == {"task_id": answer.json["task_id"], "status": "PENDING", "message": "Import task started"}
    run_tasks()
    return result_of(answer.json["task_id"])


def exported(format: str = "csv", query: str = "", body: Any = None) -> bytes:
    """Export batches and return the file."""
    answer = ok("POST", f"{EXPORT}?format={format}{query}", body)
    assert answer == {"task_id": answer["task_id"], "status": "PENDING", "message": "Export task started"}
    run_tasks()
    return file_of(result_of(answer["task_id"]), format)


def file_of(result: dict[str, Any], format: str) -> bytes:
    """Return the file of the result of an export."""
    assert result["download_url"] == f"/api/reports/{result['file_id']}"
    return download(result["download_url"], format)


def download(url: str, format: str) -> bytes:
    """Return the content of a download_url."""
    assert ask("GET", url).status == 302
    return objects.read(f"files/1d/{url.rpartition('/')[2]}.{format}")


def read(content: bytes, format: Any = "csv") -> list[Row]:
    """Return the rows of a file as the import reads them."""
    with TemporaryDirectory() as folder:
        source = Path(folder) / "source"
        source.write_bytes(content)
        sheet = sheets.read(source, format, Path(folder))
        return [dict(zip_longest(sheet.header, cells, fillvalue="")) for cells in sheet.rows()]
