"""Servers that talk as a test wants it, over real sockets."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Talk = Callable[[socket.socket], None]
never = threading.Event()


@contextmanager
def server(talk: Talk, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server that accepts one connection after the other and talks; the port."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)

        def serve() -> None:
            while not over.is_set():
                try:
                    connection, _ = listener.accept()
                except TimeoutError:
                    continue
                connection.settimeout(5)
                try:
                    with context.wrap_socket(connection, server_side=True) if context else connection as ready:
                        talk(ready)
                except OSError:
                    continue  # the caller hung up

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            over.set()
            thread.join()


def heard(connection: socket.socket) -> bytes:
    """The head of a request and its body."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += piece(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")]
    while len(body) < sum(lengths):
        body += piece(connection)
    return head + b"\r\n\r\n" + body


def piece(connection: socket.socket) -> bytes:
    """Some bytes; an OSError when there will be no more."""
    if received := connection.recv(65536):
        return received
    raise ConnectionResetError


def answering(data: bytes, got: list[bytes] | None = None) -> Talk:
    def talk(connection: socket.socket) -> None:
        request_bytes = heard(connection)
        if got is not None:
            got.append(request_bytes)
        connection.sendall(data)

    return talk


def ok(body: bytes = b"OK", status: bytes = b"200 OK", *headers: bytes) -> bytes:
    lines = [b"HTTP/1.1 " + status, b"Content-Length: %d" % len(body), *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def drip(data: bytes, then: bytes) -> Talk:
    """Sends `data`, then one byte of `then` every 50 ms for ever."""

    def talk(connection: socket.socket) -> None:
        heard(connection)
        connection.sendall(data)
        while True:
            connection.sendall(then)
            never.wait(0.05)

    return talk
