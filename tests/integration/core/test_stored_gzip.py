"""Files that are stored as gzip are sent unchanged."""

import gzip
from pathlib import Path

import pytest

from chalicelib.core import compression
from chalicelib.openapi.pages import ASSETS
from tests.production import ask

FILES = pytest.mark.parametrize("file", sorted(ASSETS.glob("*.gz")), ids=lambda path: path.stem)


class Untouched:
    """A replacement for gzip that fails the test."""

    @staticmethod
    def compress(*_args: object, **_named: object) -> bytes:
        raise AssertionError("packed again")

    @staticmethod
    def decompress(*_args: object) -> bytes:
        raise AssertionError("unpacked")


@FILES
def test_client_that_accepts_gzip_gets_the_stored_bytes(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    monkeypatch.setattr(compression, "gzip", Untouched)
    answer = ask("GET", f"/docs/{file.stem}", headers={"Accept-Encoding": "br, gzip"})
    assert (answer.status, answer.headers["Content-Encoding"], answer.body) == (200, "gzip", file.read_bytes())
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert answer.headers["Content-Type"] in ("text/javascript", "text/css")


@FILES
def test_client_without_gzip_gets_the_unpacked_file(file: Path) -> None:
    answer = ask("GET", f"/docs/{file.stem}", headers={"Accept-Encoding": "identity, gzip;q=0"})
    assert answer.body == gzip.decompress(file.read_bytes()) and "Content-Encoding" not in answer.headers
    assert "Accept-Encoding" in answer.headers["Vary"]


@FILES
@pytest.mark.parametrize("accepted", ["gzip", "identity"])
def test_head_has_the_headers_of_get(file: Path, accepted: str) -> None:
    got, head = (ask(method, f"/docs/{file.stem}", headers={"Accept-Encoding": accepted}) for method in ("GET", "HEAD"))
    assert (head.body, head.headers) == (b"", got.headers)
