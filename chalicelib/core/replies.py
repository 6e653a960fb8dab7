"""Reads an HTTP/1.1 response from a connection.

http.client parses headers with the parser of emails, half of the cost of a small response. Here a response of the usual
form is parsed directly: HTTP/1.1, one Content-Length, no Transfer-Encoding. http.client reads every other one.
"""

import io
import re
from http.client import HTTPException, HTTPResponse, IncompleteRead, parse_headers
from socket import socket
from typing import Any, NamedTuple, cast

CHUNK = 65_536
MAX_INTERIM = 20  # responses 1xx before the final one
_STATUS = re.compile(rb"HTTP/1\.1 ([2-5][0-9][0-9]) [^\r\n]*\r\n")
_HEADERS = re.compile(rb"(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[^\r\n]*\r\n)+\r\n")
_NO_CONTENT = (204, 304)
SWITCHING_PROTOCOLS = 101  # final, although a client that did not request it cannot use it


class FinalResponse(HTTPResponse):
    """The final response to a request; interim ones, 1xx, are skipped (RFC 9110, 15.2)."""

    def _read_status(self) -> tuple[str, int, str]:
        """Return the first final status; http.client returns the first one that is not 100."""
        for _ in range(MAX_INTERIM + 1):
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if not 100 <= status < 200 or status == SWITCHING_PROTOCOLS:
                return version, status, reason
            parse_headers(self.fp)
        raise HTTPException(f"more than {MAX_INTERIM} interim responses")


class Reply(NamedTuple):
    """An HTTP response; the names of headers are in lower case."""

    status_code: int
    headers: dict[str, str]
    content: bytes


def read_reply(connection: socket) -> tuple[Reply, bool]:
    """Return the next response, and whether the connection can be used again.

    Raises the exceptions of http.client and of the socket.
    """
    received = connection.recv(CHUNK)
    while (end := received.find(b"\r\n\r\n")) < 0 and len(received) < CHUNK:
        more = connection.recv(CHUNK)
        if not more:
            break
        received += more
    status = _STATUS.match(received) if end >= 0 else None
    if status is None or int(status[1]) in _NO_CONTENT or not _HEADERS.fullmatch(received, status.end(), end + 4):
        return _read_with_library(connection, received)
    lines = received[status.end() : end].decode("latin-1").split("\r\n")
    fields = [line.partition(":") for line in lines]
    headers = {name.lower(): value.lstrip(" \t") for name, _, value in fields}
    length = headers.get("content-length", "")
    if len(headers) < len(fields) or "transfer-encoding" in headers or not (length.isascii() and length.isdigit()):
        return _read_with_library(connection, received)
    content, size = received[end + 4 :], int(length)
    if len(content) < size:
        content = _read_rest(connection, content, size)
    is_reusable = "close" not in headers.get("connection", "").lower() and len(content) == size
    return Reply(int(status[1]), headers, content[:size]), is_reusable


def _read_rest(connection: socket, content: bytes, size: int) -> bytes:
    parts, missing = [content], size - len(content)
    while missing > 0:
        more = connection.recv(min(missing, 16 * CHUNK))
        if not more:
            raise IncompleteRead(b"".join(parts), missing)
        parts.append(more)
        missing -= len(more)
    return b"".join(parts)


class _Received(io.RawIOBase):
    """A file of the bytes that were received already, followed by those of the connection."""

    def __init__(self, connection: socket, received: bytes) -> None:
        self._connection, self._received = connection, received

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._received:
            return self._connection.recv_into(buffer)
        part = self._received[: len(buffer)]
        buffer[: len(part)] = part
        self._received = self._received[len(part) :]
        return len(part)

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return the file; http.client calls this method of a socket."""
        return io.BufferedReader(self)


def _read_with_library(connection: socket, received: bytes) -> tuple[Reply, bool]:
    response = FinalResponse(cast(socket, _Received(connection, received)), method="POST")
    response.begin()
    content = response.read()
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Reply(response.status, headers, content), not response.will_close
