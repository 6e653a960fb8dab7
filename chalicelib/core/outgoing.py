"""Calls to external hosts on behalf of users: one request, one response, with bounds of time, size and address.

The name is resolved once, its addresses are checked (core.addresses), and one of these addresses is connected to. TLS
is verified against the name. Redirects are not followed and proxies of the environment are not used: both would lead to
addresses that were not checked. `timeout` bounds the whole call from the lookup to the last byte, so that an endpoint
cannot occupy a thread by sending one byte at a time.
"""

import http.client
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, Literal

from chalicelib.core import addresses, clock
from chalicelib.core.addresses import Refused, Target
from chalicelib.core.replies import FinalResponse
from chalicelib.core.texts import text

MAX_BODY_CHARACTERS = 1_000  # of the response that are stored
MAX_ADDRESSES = 4  # of a name
CHUNK_BYTES = 64 * 1024  # of a download, in memory at a time

Kind = Literal["refused", "name", "timeout", "connection", "tls", "protocol", "size"]


@dataclass(frozen=True)
class OutsideResponse:
    """A response of any status: the first characters of the body, and the time until they were received.

    `retry_after`: the seconds that a response 429 or 503 asks to wait, otherwise 0.
    """

    status: int
    body_start: str
    ms: int
    retry_after: float = 0.0


@dataclass(frozen=True)
class Download:
    """A downloaded response of any status: the bytes of the body, and the time until they were received."""

    status: int
    size: int
    ms: int


class Failed(Exception):
    """There is no response. `kind` is for programs, the text for the owner of the endpoint."""

    def __init__(self, kind: Kind, reason: str, ms: int = 0) -> None:
        self.kind, self.text, self.ms = kind, text(reason), ms
        super().__init__(self.text)


def request(method: str, url: str, headers: Mapping[str, str], body: bytes, timeout: float) -> OutsideResponse:
    """Send one request; raise Failed when there is no response within `timeout` seconds."""
    started = time.monotonic()
    with _failures(started, timeout), _exchange(method, url, headers, body, started + timeout) as response:
        return OutsideResponse(response.status, _start_of(response), _ms(started), _retry_after(response))


def download(
    url: str, headers: Mapping[str, str], timeout: float, *, most: int, into: Callable[[bytes], Any]
) -> Download:
    """Download a body: each chunk is passed to `into`; the whole body is never in memory.

    Raises Failed when it is not complete within `timeout` seconds, or has more than `most` bytes.
    """
    started = time.monotonic()
    with _failures(started, timeout), _exchange("GET", url, headers, b"", started + timeout) as response:
        size = 0
        while chunk := response.read(CHUNK_BYTES):
            size += len(chunk)
            if size > most:
                raise Failed("size", text("Ответ больше {most} байт", most=most), _ms(started))
            into(chunk)
        if response.length:
            raise http.client.IncompleteRead(b"", response.length)
        return Download(response.status, size, _ms(started))


@contextmanager
def _failures(started: float, timeout: float) -> Iterator[None]:
    """Raise Failed for any error of a call."""
    try:
        yield
    except Refused as error:
        raise Failed("refused", text("Адрес не разрешен: {error}", error=error), _ms(started)) from error
    except TimeoutError as error:
        raise Failed("timeout", text("Нет ответа за {timeout:g} с", timeout=timeout), _ms(started)) from error
    except socket.gaierror as error:
        raise Failed("name", "Имя узла не найдено", _ms(started)) from error
    except ssl.SSLError as error:
        reason = getattr(error, "verify_message", "") or error.reason or text("ошибка протокола")
        raise Failed(
            "tls", text("Защищенное соединение не установлено: {reason}", reason=reason), _ms(started)
        ) from error
    except OSError as error:
        raise Failed("connection", text("Нет соединения: {name}", name=type(error).__name__), _ms(started)) from error
    except (http.client.HTTPException, ValueError) as error:
        raise Failed(
            "protocol", text("Ответ не по протоколу HTTP: {name}", name=type(error).__name__), _ms(started)
        ) from error


@contextmanager
def _exchange(
    method: str, url: str, headers: Mapping[str, str], body: bytes, ends_at: float
) -> Iterator[http.client.HTTPResponse]:
    """Send one request; yield its response, of which the head is read."""
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


def _retry_after(response: http.client.HTTPResponse) -> float:
    """Return the seconds of Retry-After, which has seconds or an instant; 0 without it."""
    if response.status not in (429, 503):
        return 0.0
    value = (response.getheader("Retry-After") or "").strip()[:50]
    if value.isascii() and value.isdigit():
        return float(value[:9])
    with suppress(ValueError, TypeError):  # no instant, or one without a zone
        return max(0.0, (parsedate_to_datetime(value) - clock.now()).total_seconds())
    return 0.0


def _start_of(response: http.client.HTTPResponse) -> str:
    """Return the first characters of a body, also of an incomplete one: the status decides."""
    limit, body = MAX_BODY_CHARACTERS * 4, b""
    with suppress(OSError, http.client.HTTPException, ValueError):
        while len(body) < limit and (chunk := response.read1(limit - len(body))):
            body += chunk
    return body.decode(errors="replace")[:MAX_BODY_CHARACTERS]


def _connect(target: Target, ends_at: float) -> socket.socket:
    """Connect to the first of the checked addresses that accepts."""
    failure: OSError = socket.gaierror("no address")
    for address in addresses.allowed_addresses(target, _left(ends_at))[:MAX_ADDRESSES]:
        sock = _TcpSocket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
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
    assert isinstance(secured, _TlsSocket)
    secured.ends_at = ends_at
    return secured


@lru_cache(maxsize=1)
def _context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    context.sslsocket_class = _TlsSocket
    return context


def _left(ends_at: float) -> float:
    left = ends_at - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _ms(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


class _TcpSocket(socket.socket):
    """A socket whose waits end at the deadline of the call."""

    ends_at: float

    def recv_into(self, *arguments: Any) -> int:
        self.settimeout(_left(self.ends_at))
        return super().recv_into(*arguments)

    def sendall(self, *arguments: Any) -> None:
        self.settimeout(_left(self.ends_at))
        super().sendall(*arguments)


class _TlsSocket(ssl.SSLSocket):
    """The same with TLS, whose `sendall` calls `send`."""

    ends_at: float

    def recv_into(self, *arguments: Any) -> int:
        self.settimeout(_left(self.ends_at))
        return super().recv_into(*arguments)

    def send(self, *arguments: Any) -> int:
        self.settimeout(_left(self.ends_at))
        return super().send(*arguments)
