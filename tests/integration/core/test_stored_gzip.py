"""Files that are stored as gzip are sent as they are."""

import gzip
from pathlib import Path

import pytest

from chalicelib.core import compression
from chalicelib.openapi.pages import ASSETS
from tests.production import ask

FILES = pytest.mark.parametrize("file", sorted(ASSETS.glob("*.gz")), ids=lambda path: path.stem)


class Untouched:
    """Instead of gzip: packs and unpacks nothing."""

    @staticmethod
    def compress(*_args: object, **_named: object) -> bytes:
        raise AssertionError("packed again")

    @staticmethod
    def decompress(*_args: object) -> bytes:
        raise AssertionError("unpacked")


@FILES
def test_who_takes_gzip_gets_the_file_as_it_is_stored(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    monkeypatch.setattr(compression, "gzip", Untouched)
    answer = ask("GET", f"/docs/{file.stem}", headers={"Accept-Encoding": "br, gzip"})
    assert (answer.status, answer.headers["Content-Encoding"], answer.body) == (200, "gzip", file.read_bytes())
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert answer.headers["Content-Type"] in ("text/javascript", "text/css")


@FILES
def test_who_does_not_gets_what_is_inside(file: Path) -> None:
    answer = ask("GET", f"/docs/{file.stem}", headers={"Accept-Encoding": "identity, gzip;q=0"})
    assert answer.body == gzip.decompress(file.read_bytes()) and "Content-Encoding" not in answer.headers
    assert "Accept-Encoding" in answer.headers["Vary"]


@FILES
@pytest.mark.parametrize("accepted", ["gzip", "identity"])
def test_head_says_the_same_without_the_body(file: Path, accepted: str) -> None:
    got, head = (ask(method, f"/docs/{file.stem}", headers={"Accept-Encoding": accepted}) for method in ("GET", "HEAD"))
    assert (head.body, head.headers) == (b"", got.headers)
