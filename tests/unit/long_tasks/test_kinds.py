"""Which text means which work, and `fetch` against a real server."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from chalicelib.core.settings import settings
from chalicelib.long_tasks import kinds
from chalicelib.long_tasks.model import Failure, Task
from tests.stages import deploy_to_prod

BODY = "содержимое".encode() * 20_000


def task(text: str) -> Task:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Task(1, 1, text, at, at, started_at=at)


@pytest.fixture
def page() -> Iterator[str]:
    """The URL of something that is there."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802 - as http.server calls it
            self.send_response(404 if self.path == "/nothing" else 200)
            self.send_header("Content-Length", str(len(BODY)))
            self.end_headers()
            self.wfile.write(BODY)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(("path", "status"), [("/file", 200), ("/nothing", 404)])
def test_fetch_tells_status_size_and_hash_of_the_whole_body(page: str, path: str, status: int) -> None:
    expected = f"status={status} size={len(BODY)} sha256={hashlib.sha256(BODY).hexdigest()}"
    assert kinds.run(task(f"Fetch  {page}{path}")) == expected


def test_fetch_of_too_much_fails(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "FETCH_BYTES", 1000)
    with pytest.raises(Failure, match="больше 1000 байт"):
        kinds.run(task(f"fetch {page}/file"))


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://127.0.0.1:1/", "Нет соединения"),
        ("http://nobody.invalid/", "Имя узла не найдено"),
        ("file:///etc/passwd", "Адрес не разрешен"),
        ("данные", "Адрес не разрешен"),
    ],
)
def test_fetch_that_gets_no_answer_fails_with_the_reason(url: str, reason: str) -> None:
    with pytest.raises(Failure, match=reason):
        kinds.run(task(f"fetch {url}"))


@pytest.mark.parametrize("url", ["https://127.0.0.1/", "https://169.254.169.254/latest", "http://example.com/"])
def test_a_deployed_stage_fetches_from_the_public_internet_only(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    deploy_to_prod(monkeypatch)
    try:
        with pytest.raises(Failure, match="Адрес не разрешен"):
            kinds.run(task(f"fetch {url}"))
    finally:
        monkeypatch.undo()
        settings.cache_clear()


@pytest.mark.parametrize("text", ["Обработка данных", "fetch", "fetch data from there", "prefetch http://a.b/"])
def test_any_other_text_waits_as_long_as_the_settings_say(text: str) -> None:
    waits = {kinds.wait_for(task(text)) for _ in range(100)}
    assert waits == {timedelta(seconds=seconds) for seconds in (3, 4, 5)}
    assert kinds.run(task(text)).isdigit()


def test_fetch_does_not_wait() -> None:
    assert kinds.wait_for(task("fetch http://example.com/")) == timedelta()
