"""Calls to the outside, against real sockets: what comes back, and what cannot hold us up."""

import socket
import ssl
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from chalicelib.core import clock, outgoing
from chalicelib.core.outgoing import MAX_BODY_CHARACTERS, Failed, download, request
from chalicelib.core.replies import MAX_INTERIM
from tests.unit.core.scripted_servers import Talk, answering, drip, ok, server


def test_an_answer_has_status_body_and_time() -> None:
    got: list[bytes] = []
    with server(answering(ok("готово".encode(), b"201 Created"), got)) as port:
        answer = request("POST", f"http://localhost:{port}/hook?a=1", {"X-A": "b"}, b'{"a": 1}', 60)
    assert (answer.status, answer.body_start) == (201, "готово")
    assert 0 <= answer.ms < 60_000
    head, _, body = got[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /hook?a=1 HTTP/1.1"
    assert {f"Host: localhost:{port}", "X-A: b", "Content-Length: 8", "Connection: close"} <= set(lines)
    assert body == b'{"a": 1}'


@pytest.mark.parametrize("status", [b"302 Found", b"307 Temporary Redirect", b"404 Not Found", b"503 Down"])
def test_every_status_is_an_answer_and_redirects_are_not_followed(status: bytes) -> None:
    got: list[bytes] = []
    with server(answering(ok(b"", status, b"Location: /elsewhere"), got)) as port:
        assert request("POST", f"http://127.0.0.1:{port}/", {}, b"", 60).status == int(status[:3])
    assert len(got) == 1


EARLY_HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n"
INTERIM = {
    "early hints": EARLY_HINTS,
    "processing": b"HTTP/1.1 102 Processing\r\n\r\n",
    "continue": b"HTTP/1.1 100 Continue\r\n\r\n",
    "unknown": b"HTTP/1.1 199 Soon\r\nContent-Length: 2\r\n\r\n",
    "several kinds": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n" + EARLY_HINTS,
    "as many as are allowed": EARLY_HINTS * MAX_INTERIM,
}


@pytest.mark.parametrize("name", INTERIM)
def test_interim_responses_are_not_the_answer(name: str) -> None:
    got: list[bytes] = []
    with server(answering(INTERIM[name] + ok(b"done", b"201 Created"), got)) as port:
        answer = request("POST", f"http://127.0.0.1:{port}/", {}, b"{}", 60)
    assert (answer.status, answer.body_start, len(got)) == (201, "done", 1)
    assert downloaded(INTERIM[name] + ok(b"whole")) == (200, 5, b"whole")


@pytest.mark.parametrize(
    ("status", "value", "seconds"),
    [
        (503, "30", 30), (429, " 120 ", 120), (429, "Fri, 31 Dec 1999 23:59:59 GMT", 0), (503, "soon", 0),
        (503, "-1", 0), (503, "", 0), (500, "30", 0), (200, "30", 0), (503, "1.5", 0), (503, "9" * 40, 999_999_999),
    ],
)  # fmt: skip
def test_a_response_may_ask_to_wait(status: int, value: str, seconds: float) -> None:
    reply = f"HTTP/1.1 {status} X\r\nRetry-After: {value}\r\nContent-Length: 0\r\n\r\n".encode()
    with server(answering(reply)) as port:
        assert request("GET", f"http://127.0.0.1:{port}/", {}, b"", 60).retry_after == seconds


def test_a_response_may_name_the_instant_until_which_to_wait(still_clock: None) -> None:
    until = format_datetime(clock.now() + timedelta(seconds=100), usegmt=True)
    with server(answering(f"HTTP/1.1 503 X\r\nRetry-After: {until}\r\nContent-Length: 0\r\n\r\n".encode())) as port:
        assert 98 < request("GET", f"http://127.0.0.1:{port}/", {}, b"", 60).retry_after <= 100


@pytest.mark.parametrize("interim", [EARLY_HINTS, INTERIM["continue"]])
def test_interim_responses_without_end_are_no_answer(interim: bytes) -> None:
    with server(answering(interim * (MAX_INTERIM + 1) + ok())) as port, pytest.raises(Failed) as failed:
        request("GET", f"http://127.0.0.1:{port}/", {}, b"", 60)
    assert failed.value.kind == "protocol"


def test_an_unrequested_switch_of_protocols_is_the_response() -> None:
    with server(answering(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n")) as port:
        assert request("GET", f"http://127.0.0.1:{port}/", {}, b"", 60).status == 101


def test_only_the_beginning_of_a_body_is_read() -> None:
    with server(answering(ok("я".encode() * 1_000_000))) as port:
        assert request("GET", f"http://127.0.0.1:{port}/", {}, b"", 60).body_start == "я" * 1000


@pytest.mark.parametrize(
    ("data", "start"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", "half"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nZZ", "half"),
        (b"HTTP/1.1 200 OK\r\n\r\n\xff\xfe", "\ufffd\ufffd"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", ""),
    ],
)
def test_a_body_that_breaks_off_does_not_matter(data: bytes, start: str) -> None:
    with server(answering(data)) as port:
        assert request("GET", f"http://127.0.0.1:{port}/", {}, b"", 60).body_start == start


def downloaded(data: bytes, most: int = 10**6, timeout: float = 60) -> tuple[int, int, bytes]:
    """Status, size and body of an answer that is downloaded."""
    pieces: list[bytes] = []
    with server(answering(data)) as port:
        got = download(f"http://127.0.0.1:{port}/", {}, timeout, most=most, into=pieces.append)
    assert max(map(len, pieces), default=0) <= outgoing.CHUNK_BYTES
    return got.status, got.size, b"".join(pieces)


def test_a_whole_body_is_downloaded_piece_by_piece() -> None:
    body = bytes(range(256)) * 1000
    assert downloaded(ok(body)) == (200, len(body), body)
    assert downloaded(ok(b"", b"404 Not Found")) == (404, 0, b"")
    chunks = b"2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
    assert downloaded(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks) == (200, 3, b"abc")
    assert downloaded(ok(b"abc"), most=3) == (200, 3, b"abc")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", "protocol"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nZZ", "protocol"),
        (ok(b"abcd"), "size"),
    ],
)
def test_half_a_body_and_too_much_of_it_are_no_download(data: bytes, kind: str) -> None:
    with pytest.raises(Failed) as failed:
        downloaded(data, most=3 if kind == "size" else 100)
    assert failed.value.kind == kind


def test_a_download_that_drips_ends_in_time() -> None:
    slow = drip(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"a")
    with server(slow) as port, pytest.raises(Failed) as failed:
        download(f"http://127.0.0.1:{port}/", {}, 0.3, most=10**6, into=len)
    assert failed.value.kind == "timeout"


@pytest.mark.slow
def test_an_endless_head_is_a_timeout_of_the_whole() -> None:
    with server(drip(b"HTTP/1.1 200 OK\r\nX: ", b"a")) as port, pytest.raises(Failed) as failure:
        request("GET", f"http://127.0.0.1:{port}/", {}, b"", 0.4)
    assert failure.value.kind == "timeout"
    assert str(failure.value) == "Нет ответа за 0.4 с"


@pytest.mark.slow
def test_an_endless_body_is_cut_at_the_end_of_the_time() -> None:
    with server(drip(b"HTTP/1.1 200 OK\r\n\r\na", b"a")) as port:
        answer = request("GET", f"http://127.0.0.1:{port}/", {}, b"", 2)
    assert answer.status == 200
    assert set(answer.body_start) == {"a"}
    assert len(answer.body_start) < MAX_BODY_CHARACTERS  # the rest was not waited for


def test_silence_is_a_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute, pytest.raises(Failed) as failure:
        request("POST", f"http://127.0.0.1:{mute.getsockname()[1]}/", {}, b"x", 0.2)
    assert failure.value.kind == "timeout"
    assert failure.value.ms >= 190


@pytest.mark.parametrize(
    ("talk", "kind"),
    [
        (answering(b"SSH-2.0-OpenSSH\r\n"), "protocol"),
        (answering(b"HTTP/1.1 abc\r\n\r\n"), "protocol"),
        (answering(b""), "connection"),
        (answering(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n"), "protocol"),
        (answering(b"HTTP/1.1 200 OK\r\nA: " + b"b" * 70_000 + b"\r\n\r\n"), "protocol"),
    ],
)
def test_what_is_no_answer_is_a_failure(talk: Talk, kind: str) -> None:
    with server(talk) as port, pytest.raises(Failed) as failure:
        request("GET", f"http://127.0.0.1:{port}/", {}, b"", 60)
    assert failure.value.kind == kind


def test_a_host_without_listener_is_a_failure() -> None:
    with socket.socket() as deaf, pytest.raises(Failed) as failure:  # nobody else gets its port meanwhile
        deaf.bind(("127.0.0.1", 0))
        request("GET", f"http://127.0.0.1:{deaf.getsockname()[1]}/", {}, b"", 60)
    assert (failure.value.kind, str(failure.value)) == ("connection", "Нет соединения: ConnectionRefusedError")


def test_an_unknown_name_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(Failed) as failure:
        request("GET", "http://nowhere.example/", {}, b"", 60)
    assert failure.value.kind == "name"


def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with server(answering(ok())) as port:
        assert request("GET", f"http://127.0.0.1:{port}/", {}, b"", 60).status == 200


def test_a_header_cannot_start_another_one() -> None:
    with server(answering(ok())) as port, pytest.raises(Failed) as failure:
        request("GET", f"http://127.0.0.1:{port}/", {"X": "a\r\nY: b"}, b"", 60)
    assert failure.value.kind == "protocol"


# -- TLS ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Our side trusts it."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    outgoing._context.cache_clear()
    yield
    outgoing._context.cache_clear()


def test_tls_is_spoken_with_the_name_that_was_asked_for(secured: ssl.SSLContext, trusted: None) -> None:
    asked: list[str | None] = []
    secured.sni_callback = lambda _sock, name, _context: asked.append(name)
    with server(answering(ok()), secured) as port:
        assert request("POST", f"https://localhost:{port}/", {}, b"x" * 300_000, 60).body_start == "OK"
    assert asked == ["localhost"]


def test_an_untrusted_certificate_is_refused(secured: ssl.SSLContext) -> None:
    outgoing._context.cache_clear()
    with server(answering(ok()), secured) as port, pytest.raises(Failed) as failure:
        request("POST", f"https://localhost:{port}/", {}, b"", 60)
    assert failure.value.kind == "tls"
    assert "certificate" in str(failure.value)


def test_a_certificate_for_another_name_is_refused(secured: ssl.SSLContext, trusted: None) -> None:
    with server(answering(ok()), secured) as port, pytest.raises(Failed) as failure:
        request("POST", f"https://127.0.0.1:{port}/", {}, b"", 60)
    assert failure.value.kind == "tls"


@pytest.mark.slow
def test_the_time_bounds_tls_too(secured: ssl.SSLContext, trusted: None) -> None:
    with server(drip(b"HTTP/1.1 200 OK\r\nX: ", b"a"), secured) as port, pytest.raises(Failed) as failure:
        request("POST", f"https://localhost:{port}/", {}, b"", 0.5)
    assert failure.value.kind == "timeout"
    with socket.create_server(("127.0.0.1", 0)) as mute, pytest.raises(Failed) as failure:
        request("POST", f"https://localhost:{mute.getsockname()[1]}/", {}, b"", 0.3)
    assert failure.value.kind == "timeout"


def test_plain_text_where_tls_is_expected_is_a_failure(trusted: None) -> None:
    no_tls: Talk = lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")  # noqa: E731
    with server(no_tls) as port, pytest.raises(Failed) as failure:
        request("POST", f"https://localhost:{port}/", {}, b"", 60)
    assert failure.value.kind == "tls"
