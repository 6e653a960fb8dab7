"""The reader of responses has the same responses and exceptions as http.client."""

from http.client import HTTPException, HTTPResponse
from socket import socket, socketpair
from typing import Any

import pytest

from chalicelib.core import replies
from chalicelib.core.replies import CHUNK, read_reply

OK = b"HTTP/1.1 200 OK\r\n"
USUAL = {
    "small": OK + b"Content-Length: 2\r\nX-Amzn-RequestId:  a b \r\n\r\n{}",
    "refused": b"HTTP/1.1 400 Bad Request\r\ncontent-type: x\r\ncontent-length: 3\r\n\r\nabc",
    "nothing inside": OK + b"Content-Length: 0\r\n\r\n",
    "no reason": b"HTTP/1.1 200 \r\nContent-Length: 1\r\n\r\nx",
    "latin-1": OK + b"X: \xe9\r\nContent-Length: 1\r\n\r\nx",
    "closing": OK + b"Content-Length: 1\r\nConnection: Close\r\n\r\nx",
    "large": OK + b"Content-Length: 3000000\r\n\r\n" + b"y" * 3_000_000,
}
UNUSUAL = {
    "chunked": OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "until the end": OK + b"Content-Type: x\r\n\r\nall of it",
    "HTTP/1.0": b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "no content": b"HTTP/1.1 204 No Content\r\nX: y\r\n\r\n",
    "continue first": b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 2\r\n\r\n{}",
    "switching protocols": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
    "status alone": b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\n{}",
    "no headers": OK + b"\r\nrest",
    "header twice": OK + b"X: 1\r\nX: 2\r\nContent-Length: 2\r\n\r\n{}",
    "length twice": OK + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
    "length is no number": OK + b"Content-Length: two\r\n\r\n{}",
    "line goes on": OK + b"X: 1\r\n 2\r\nContent-Length: 2\r\n\r\n{}",
    "bare line feeds": b"HTTP/1.1 200 OK\nContent-Length: 2\n\n{}",
    "long head": OK + b"".join(b"X%d: %s\r\n" % (n, b"z" * 1000) for n in range(90)) + b"Content-Length: 2\r\n\r\n{}",
    "too long a line": OK + b"X: " + b"z" * 70_000 + b"\r\n\r\n",
    "no HTTP": b"nonsense\r\n\r\n",
    "half a head": OK + b"Content-Le",
    "nothing": b"",
}
HALF = {"half": OK + b"Content-Length: 9\r\n\r\n{}", "half of much": OK + b"Content-Length: 200000\r\n\r\n{}"}
ALL = USUAL | UNUSUAL | HALF


def of_library(connection: socket) -> Any:
    response = HTTPResponse(connection, method="POST")
    response.begin()
    content = response.read()
    headers = {name.lower(): value for name, value in response.getheaders()}
    return (response.status, headers, content), not response.will_close


def result(read: Any, sent: bytes, part: int) -> Any:
    """Return what is read from a response that arrives in parts of this size."""

    class Connection(socket):
        rest = sent

        def recv(self, size: int, *_: Any) -> bytes:
            given, self.rest = self.rest[: min(size, part)], self.rest[min(size, part) :]
            return given

        def recv_into(self, buffer: Any, *_: Any) -> int:
            given = self.recv(len(buffer))
            buffer[: len(given)] = given
            return len(given)

    with Connection() as connection:
        try:
            return read(connection)
        except HTTPException as error:
            return type(error), str(error)


@pytest.mark.parametrize("part", [7, 4096, CHUNK, 10**7])
@pytest.mark.parametrize("name", ALL)
def test_response_is_read_as_http_client_reads_it(name: str, part: int) -> None:
    if len(ALL[name]) > 10**6 and part == 7:
        part = 7000
    assert result(read_reply, ALL[name], part) == result(of_library, ALL[name], part)


@pytest.mark.parametrize("part", [7, CHUNK])
@pytest.mark.parametrize("status", [b"102 Processing", b"103 Early Hints"])
def test_interim_responses_are_skipped(status: bytes, part: int) -> None:
    sent = b"HTTP/1.1 " + status + b"\r\nLink: </a>\r\n\r\n" + USUAL["small"]
    assert result(read_reply, sent, part) == result(read_reply, USUAL["small"], part)


@pytest.mark.parametrize("name", USUAL)
def test_usual_response_is_read_without_http_client(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replies, "_read_with_library", None)
    assert result(read_reply, USUAL[name], CHUNK)[0].status_code in (200, 400)


def test_connection_with_extra_bytes_is_not_reused() -> None:
    ours, theirs = socketpair()
    with ours, theirs:
        theirs.sendall(OK + b"Content-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\n")
        reply, is_reusable = read_reply(ours)
    assert reply.content == b"{}"
    assert not is_reusable
