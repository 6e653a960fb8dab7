"""The served console: its page and policy, its files by name, and the answer of `/`."""

import gzip
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

import app
from chalicelib.console import files
from chalicelib.core import aws, objects, pages
from chalicelib.core.settings import settings
from tests.http_events import Response, call, event, lambda_context

SCRIPT, BROTLI = b"console.log('\xd1\x86\xd0\xb5\xd1\x85')" * 100, b"as Brotli"
BUCKET_ORIGIN = "https://files-1a2b.s3.eu-central-1.amazonaws.com"


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Return a monkeypatch for the settings."""
    for name, value in {"AWS_REGION": "eu-central-1", "FILES_BUCKET": "files-1a2b", "PUBLIC_URL": ""}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    settings.cache_clear()
    yield monkeypatch
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def folder(tmp_path: Path, given: pytest.MonkeyPatch) -> Path:
    """Return a built folder as `make console` makes it, served by the local stage."""
    given.setenv("CONSOLE_FOLDER", str(tmp_path))
    built = tmp_path / files.BUILT
    built.mkdir()
    html = f'<meta name="csp-nonce" content="{files.NONCE}"><script type="module" src="console/main-AbCd_123.js">'
    (built / files.INDEX).write_text(html)
    (built / "main-AbCd_123.js.gz").write_bytes(gzip.compress(SCRIPT))
    (built / "main-AbCd_123.js.br").write_bytes(BROTLI)
    (built / "icon.png").write_bytes(b"\x89PNG\xff")
    (built / "fingerprint").write_text("secret")
    (tmp_path / "outside.js").write_text("secret")
    return tmp_path


def get(path: str, **headers: str) -> Response:
    return call(app.app, "GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})


def policy_of(answer: Response) -> dict[str, str]:
    directives = (part.strip().partition(" ") for part in answer.headers["Content-Security-Policy"].split(";"))
    return {name: sources for name, _, sources in directives}


def test_each_page_has_a_new_nonce_in_html_and_policy(folder: Path) -> None:
    answers = [get("/console") for _ in range(2)]
    nonces = [re.findall(r'content="([\w-]{20,})"', answer.text) for answer in answers]
    assert nonces[0] != nonces[1]
    for answer, (nonce,) in zip(answers, nonces, strict=True):
        assert answer.status == 200 and answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert policy_of(answer)["style-src"] == f"'self' 'nonce-{nonce}'"
        assert files.NONCE not in answer.text
        assert answer.headers["Cache-Control"] == "no-cache" and "ETag" not in answer.headers


def test_policy_allows_only_own_files_and_the_files_bucket(folder: Path) -> None:
    policy = policy_of(get("/console"))
    assert {name: sources for name, sources in policy.items() if name != "style-src"} == {
        "default-src": "'none'",
        "frame-src": "blob:",
        "script-src": "'self'",
        "img-src": f"'self' data: blob: {BUCKET_ORIGIN}",
        "connect-src": f"'self' {BUCKET_ORIGIN}",
        "font-src": "'self'",
        "media-src": "'self' data:",
        "manifest-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }


@pytest.mark.parametrize(
    ("stage", "region", "endpoint"),
    [
        ("prod", "eu-central-1", ""),
        ("prod", "us-east-1", ""),
        ("prod", "us-gov-west-1", ""),
        ("prod", "cn-north-1", ""),
        ("local", "us-east-1", "http://127.0.0.1:4566"),
    ],
)
def test_policy_has_the_origin_of_presigned_addresses(
    given: pytest.MonkeyPatch, stage: str, region: str, endpoint: str
) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "STAGE": stage}
    keys |= {"AUTH_REQUIRED": "true", "AWS_REGION": region}
    for name, value in (keys | {"AWS_ENDPOINT_URL": endpoint} if endpoint else keys).items():
        given.setenv(name, value)
    settings.cache_clear()
    aws.client.cache_clear()
    link = objects.link("reports/1.pdf", "Отчет", "pdf", plain="report")
    form, _ = objects.upload_form("imports/1", limit=1000, seconds=60, metadata={})
    aws.client.cache_clear()
    assert {pages.file_origin(settings())} == {"://".join(urlsplit(url)[:2]) for url in (link, form)}


@pytest.mark.parametrize(
    ("accepted", "encoding", "body"),
    [
        ("gzip, deflate, br", "br", BROTLI),
        ("gzip;q=1.0, br;q=0", "gzip", SCRIPT),
        ("gzip", "gzip", SCRIPT),
        ("", None, SCRIPT),
    ],
)
def test_script_is_sent_in_the_best_accepted_encoding(
    folder: Path, accepted: str, encoding: str | None, body: bytes
) -> None:
    answer = get("/console/main-AbCd_123.js", Accept_Encoding=accepted)
    assert (answer.status, answer.headers.get("Content-Encoding")) == (200, encoding)
    assert (gzip.decompress(answer.body) if encoding == "gzip" else answer.body) == body
    assert answer.headers["Content-Type"] == "text/javascript" and "Accept-Encoding" in answer.headers["Vary"]
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_picture_is_sent_unchanged_and_cached_briefly_without_a_hash(folder: Path) -> None:
    answer = get("/console/icon.png", Accept_Encoding="gzip, br")
    assert (answer.status, answer.body, answer.headers["Content-Type"]) == (200, b"\x89PNG\xff", "image/png")
    assert answer.headers["Cache-Control"] == "public, max-age=3600"


@pytest.mark.parametrize(
    "name",
    ["fingerprint", "index.html", "main-AbCd_123.js.gz", "none.js", "..%2Foutside.js", "%2e%2e%2foutside.js", ".."],
)
def test_other_names_are_404(folder: Path, name: str) -> None:
    answer = get(f"/console/{name}")
    assert answer.status == 404 and answer.headers["Cache-Control"] == "no-store"


def test_trailing_slash_is_redirected(folder: Path) -> None:
    answer = get("/console/")
    assert (answer.status, answer.headers["Location"]) == (308, "../console")


def test_local_page_reloads_until_the_console_is_built(folder: Path) -> None:
    (folder / files.BUILT / files.INDEX).unlink()
    building = get("/console")
    (folder / files.FAILED).write_text("npm failed")
    failed = get("/console")
    assert (building.status, failed.status) == (503, 503)
    assert "Консоль собирается" in building.text and "Консоль не собралась" in failed.text
    for answer in (building, failed):
        assert '<meta http-equiv="refresh" content="2">' in answer.text and answer.headers["Retry-After"] == "2"
        (nonce,) = re.findall(r'<style nonce="([\w-]+)">', answer.text)
        assert f"'nonce-{nonce}'" in answer.headers["Content-Security-Policy"]


def test_missing_console_is_404_where_nothing_builds_it(given: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given.setattr(files, "PACKAGED", tmp_path)
    assert get("/console").status == 404


def test_console_is_in_the_package_on_aws(given: pytest.MonkeyPatch, folder: Path) -> None:
    given.setenv("CONSOLE_FOLDER", "")
    settings.cache_clear()
    given.setattr(files, "PACKAGED", folder / files.BUILT)
    assert get("/console").status == get("/console/icon.png").status == 200


def start(outer_path: str, accept: str) -> Response:
    """Call `/` behind a gateway whose address ends in this path."""
    asked: dict[str, Any] = event("GET", "/", headers={"Accept": accept})
    asked["requestContext"]["path"] = outer_path
    reply = app.app(asked, lambda_context())
    return Response(reply["statusCode"], reply["headers"], reply["body"].encode())


BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.mark.parametrize(("outer_path", "base"), [("/", ""), ("/dev", "/dev"), ("/dev/", "/dev"), ("/shop/", "/shop")])
def test_root_redirects_browsers_and_answers_links_to_programs(
    given: pytest.MonkeyPatch, outer_path: str, base: str
) -> None:
    led = start(outer_path, BROWSER)
    assert (led.status, led.headers["Location"]) == (302, f"{base}/console")
    told = start(outer_path, "*/*").json
    links = {name: told[name] for name in ("console", "docs", "openapi", "health")}
    paths = {"console": "/console", "docs": "/docs", "openapi": "/openapi.json", "health": "/health"}
    assert links == {name: base + path for name, path in paths.items()}


def test_root_links_have_the_public_address(given: pytest.MonkeyPatch) -> None:
    given.setenv("PUBLIC_URL", "https://shop.example.com")
    settings.cache_clear()
    assert start("/dev/", BROWSER).headers["Location"] == "https://shop.example.com/console"
    assert start("/dev/", "application/json").json["docs"] == "https://shop.example.com/docs"


def test_emulator_is_the_origin_of_files() -> None:
    emulator = replace(settings(), aws_endpoint_url="http://127.0.0.1:4566/")
    assert pages.file_origin(emulator) == "http://127.0.0.1:4566"
