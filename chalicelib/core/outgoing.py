"""Calls to the outside on a user's behalf: one request, one answer, bounded in time, size and in where it may go.

The name is looked up once, the addresses are checked (core.addresses), and one of those is dialled: nothing is looked
up again in between. TLS is verified against the name. Redirects are not followed and proxies of the environment are not
asked: both would go somewhere else than was checked. `timeout` bounds the whole call from the lookup to the last byte,
so that an endpoint cannot hold a thread by sending one byte at a time.
"""

import http.client
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from chalicelib.core import addresses
from chalicelib.core.addresses import Refused, Target
from chalicelib.core.replies import FinalResponse

BODY_CHARACTERS = 1_000  # of the answer that are kept
MAX_ADDRESSES = 4  # of a name that are tried
CHUNK_BYTES = 64 * 1024  # bytes of a download that are held at a time

Kind = Literal["refused", "name", "timeout", "connection", "tls", "protocol", "size"]


@dataclass(frozen=True)
class Answer:
    """What came back, whatever the status: the first characters of the body, and the time until they were there."""

    status: int
    body_start: str
    ms: int


@dataclass(frozen=True)
class Download:
    """What came back, whatever the status: how many bytes the whole body had, and the time until they were there."""

    status: int
    size: int
    ms: int


class Failed(Exception):
    """No answer. `kind` is for programs, the text (Russian) for the one who owns the endpoint."""

    def __init__(self, kind: Kind, text: str, ms: int = 0) -> None:
        super().__init__(text)
        self.kind, self.text, self.ms = kind, text, ms


def request(method: str, url: str, headers: Mapping[str, str], body: bytes, timeout: float) -> Answer:
    """Send one request; raises Failed when there is no answer within `timeout` seconds."""
    started = time.monotonic()
    with _failures(started, timeout), _exchange(method, url, headers, body, started + timeout) as response:
        return Answer(response.status, _start_of(response), _ms(started))


def download(
    url: str, headers: Mapping[str, str], timeout: float, *, most: int, into: Callable[[bytes], Any]
) -> Download:
    """GET a whole body, handed to `into` chunk by chunk, and never held.

    Raises Failed when it is not there within `timeout` seconds, breaks off, or has more than `most` bytes.
    """
    started = time.monotonic()
    with _failures(started, timeout), _exchange("GET", url, headers, b"", started + timeout) as response:
        size = 0
        while chunk := response.read(CHUNK_BYTES):
            size += len(chunk)
            if size > most:
                raise Failed("size", f"Ответ больше {most} байт", _ms(started))
            into(chunk)
        if response.length:
            raise http.client.IncompleteRead(b"", response.length)
        return Download(response.status, size, _ms(started))


@contextmanager
def _failures(started: float, timeout: float) -> Iterator[None]:
    """Whatever a call fails of is told as Failed."""
    try:
        yield
    except Refused as error:
        raise Failed("refused", f"Адрес не разрешен: {error}", _ms(started)) from error
    except TimeoutError as error:
        raise Failed("timeout", f"Нет ответа за {timeout:g} с", _ms(started)) from error
    except socket.gaierror as error:
        raise Failed("name", "Имя узла не найдено", _ms(started)) from error
    except ssl.SSLError as error:
        reason = getattr(error, "verify_message", "") or error.reason or "ошибка протокола"
        raise Failed("tls", f"Защищенное соединение не установлено: {reason}", _ms(started)) from error
    except OSError as error:
        raise Failed("connection", f"Нет соединения: {type(error).__name__}", _ms(started)) from error
    except (http.client.HTTPException, ValueError) as error:
        raise Failed("protocol", f"Ответ не по протоколу HTTP: {type(error).__name__}", _ms(started)) from error


@contextmanager
def _exchange(
    method: str, url: str, headers: Mapping[str, str], body: bytes, ends_at: float
) -> Iterator[http.client.HTTPResponse]:
    """One request; its answer, of which the head is read."""
    target = addresses.parse(url)
    connection = http.client.HTTPConnection(target.host, target.port)
    connection.response_class = FinalResponse
    connection.sock = _connect(target, ends_at)
    try:
        connection.request(method, target.path, body, {"Host": target.netloc, "Connection": "close", **headers})
        with connection.getresponse() as response:
            yield response
    finally:
        connection.close()


def _start_of(response: http.client.HTTPResponse) -> str:
    """The first characters of a body. One that breaks off or does not end is cut: the status is what counts."""
    wanted, body = BODY_CHARACTERS * 4, b""
    with suppress(OSError, http.client.HTTPException, ValueError):
        while len(body) < wanted and (chunk := response.read1(wanted - len(body))):
            body += chunk
    return body.decode(errors="replace")[:BODY_CHARACTERS]


def _connect(target: Target, ends_at: float) -> socket.socket:
    """A connection to an address that was checked, the first that can be had."""
    failure: OSError = socket.gaierror("no address")
    for address in addresses.allowed_addresses(target, _left(ends_at))[:MAX_ADDRESSES]:
        sock = _Plain(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
        sock.ends_at = ends_at
        try:
            sock.settimeout(_left(ends_at))
            sock.connect((address, target.port))
            return _secured(sock, target.host, ends_at) if target.scheme == "https" else sock
        except OSError as error:
            sock.close()
            if isinstance(error, (TimeoutError, ssl.SSLError)):
                raise
            failure = error
    raise failure


def _secured(sock: socket.socket, host: str, ends_at: float) -> socket.socket:
    sock.settimeout(_left(ends_at))
    secured = _context().wrap_socket(sock, server_hostname=host)
    assert isinstance(secured, _Tls)
    secured.ends_at = ends_at
    return secured


@lru_cache(maxsize=1)
def _context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    context.sslsocket_class = _Tls
    return context


def _left(ends_at: float) -> float:
    left = ends_at - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _ms(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


class _Plain(socket.socket):
    """A socket whose every wait gets what is left of the time of the call."""

    ends_at: float

    def recv_into(self, *arguments: Any) -> int:
        self.settimeout(_left(self.ends_at))
        return super().recv_into(*arguments)

    def sendall(self, *arguments: Any) -> None:
        self.settimeout(_left(self.ends_at))
        super().sendall(*arguments)


class _Tls(ssl.SSLSocket):
    """The same with TLS, whose `sendall` sends chunk by chunk."""

    ends_at: float

    def recv_into(self, *arguments: Any) -> int:
        self.settimeout(_left(self.ends_at))
        return super().recv_into(*arguments)

    def send(self, *arguments: Any) -> int:
        self.settimeout(_left(self.ends_at))
        return super().send(*arguments)
