"""HTTP connections to one host, kept open between requests, in a third of the time of urllib3 in botocore.

Errors are those of botocore, so they are retried and reported by the same rules.
"""

import ssl
from collections import deque
from collections.abc import Mapping
from http.client import HTTPException
from socket import IPPROTO_TCP, TCP_NODELAY, create_connection, socket
from urllib.parse import urlsplit

from botocore.config import Config
from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
    SSLError,
)
from urllib3.util.wait import wait_for_read

from chalicelib.core.replies import Reply, read_reply

__all__ = ["Connections", "Reply"]


class Connections:
    """HTTP/1.1 connections to one host, kept between requests; each serves one thread at a time."""

    def __init__(self, url: str, config: Config, tls: ssl.SSLContext | None) -> None:
        self._parts, self._config, self._tls = urlsplit(url), config, tls
        self.url = url if self._parts.path else f"{url}/"
        self._idle: deque[socket] = deque(maxlen=config.max_pool_connections)

    def post(self, headers: Mapping[str, str], body: bytes) -> Reply:
        """Send one request; raises botocore's exceptions when no complete response comes."""
        lines = [f"POST {self._parts.path or '/'} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        connection = self._idle_connection() or self._connect()
        try:
            connection.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
            reply, is_reusable = read_reply(connection)
        except BaseException as error:  # also of a deadline: the next call must not read the rest of this response
            connection.close()
            if isinstance(error, TimeoutError):
                raise ReadTimeoutError(endpoint_url=self.url, error=error) from error
            if isinstance(error, OSError | HTTPException):
                raise ConnectionClosedError(endpoint_url=self.url, error=error) from error
            raise
        if is_reusable:
            self._idle.append(connection)
        else:
            connection.close()
        return reply

    def _idle_connection(self) -> socket | None:
        """Return the connection that was used last, unless its server has closed it; None without one."""
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return None
            if not wait_for_read(connection, 0):
                return connection
            connection.close()

    def _connect(self) -> socket:
        host, port = self._parts.hostname or "", self._parts.port or (443 if self._tls else 80)
        try:
            connection = create_connection((host, port), self._config.connect_timeout)
            connection.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_hostname=host)
        except TimeoutError as error:
            raise ConnectTimeoutError(endpoint_url=self.url, error=error) from error
        except ssl.SSLError as error:
            raise SSLError(endpoint_url=self.url, error=error) from error
        except OSError as error:
            raise EndpointConnectionError(endpoint_url=self.url, error=error) from error
        connection.settimeout(self._config.read_timeout)
        return connection
