"""Files for users: downloaded for a day or a week, with a readable name, then expired."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from chalicelib.core import clock, objects
from chalicelib.core.transactions import transaction
from chalicelib.files import service
from chalicelib.files.model import Days, File
from infra.storage import resources
from tests.production import UNKNOWN, ask, production, refused
from tests.tasks import work_queue


@pytest.fixture(scope="module", autouse=True)
def shared_tables() -> Iterator[None]:
    with production(), work_queue():
        yield


def made(tmp_path: Path, name: str = "Партии 20.01.2025", days: Days = 1) -> File:
    file = service.new(name, "csv", days, clock.now(), user_id=1)
    path = tmp_path / "file"
    path.write_bytes(b"a,b\n")
    stored = service.put(file, path)
    assert (stored.key, stored.size, stored.md5) == (file.key, 4, hashlib.md5(b"a,b\n").hexdigest())
    with transaction() as tx:
        service.register(tx, file)
    return file


def test_file_is_downloaded_with_its_readable_name(tmp_path: Path) -> None:
    file = made(tmp_path)
    answer = ask("GET", file.download_url)
    assert (answer.status, answer.body) == (302, b"")
    asked = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert urlsplit(answer.headers["Location"]).path.endswith(f"/files/1d/{file.id}.csv")
    assert "Партии 20.01.2025.csv" in unquote(asked["response-content-disposition"][0])
    assert asked["response-content-type"] == ["text/csv; charset=utf-8"]
    assert objects.read(file.key) == b"a,b\n"


@pytest.mark.parametrize("days", [1, 7])
def test_expired_file_gets_410(tmp_path: Path, later: Callable[..., None], days: Days) -> None:
    file = made(tmp_path, days=days)
    later(hours=24 * days - 1)
    assert ask("GET", file.download_url).status == 302
    later(hours=1)
    assert "истек" in refused(410, "GET", file.download_url)


def test_an_unknown_file_is_404_and_a_bad_id_422() -> None:
    refused(404, "GET", f"/api/reports/{UNKNOWN}")
    refused(422, "GET", "/api/reports/report.pdf")


def test_the_bucket_empties_every_prefix_that_files_expire_from(tmp_path: Path) -> None:
    rules = resources("prod")["FilesBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    days = {rule["Prefix"]: rule["ExpirationInDays"] for rule in rules if "ExpirationInDays" in rule}
    assert days == {"work/": 1, "files/1d/": 1, "files/7d/": 7}


def test_characters_that_file_names_cannot_have_are_replaced(tmp_path: Path) -> None:
    file = made(tmp_path, name='Партия "1/2"\r\nX: y')
    location = ask("GET", file.download_url).headers["Location"]
    disposition = parse_qs(urlsplit(location).query)["response-content-disposition"][0]
    assert unquote(disposition).endswith("Партия _1_2___X_ y.csv")
