"""What a hostile web page can send to the ports of the local stack is refused before the emulator sees it."""

from typing import Any

import pytest

from localstack.guard import Guard

API, AWS = 8000, 4566


def refusal(port: int, *headers: tuple[str, str], kind: str = "http") -> str | None:
    guard = Guard(API, AWS, ["http://localhost:5173"])
    sent = [(name.encode(), value.encode()) for name, value in headers]
    scope: dict[str, Any] = {"type": kind, "server": ("127.0.0.1", port), "headers": sent}
    return guard.refusal(scope)


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("port", [API, AWS])
def test_programs_and_pages_of_the_stack_are_served(port: int, kind: str) -> None:
    for name in ("127.0.0.1", "localhost", "LOCALHOST"):
        host = ("host", f"{name}:{port}")
        assert refusal(port, host, kind=kind) is None
        assert refusal(port, host, ("sec-fetch-site", "none"), kind=kind) is None
        assert refusal(port, host, ("sec-fetch-site", "same-origin"), kind=kind) is None
        assert refusal(port, host, ("origin", f"http://127.0.0.1:{API}"), kind=kind) is None
        both = [("origin", f"http://localhost:{API}"), ("sec-fetch-site", "cross-site")]  # 127.0.0.1 is another site
        assert refusal(port, host, *both, kind=kind) is None
        assert refusal(port, host, ("origin", "http://localhost:5173"), kind=kind) is None


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("port", [API, AWS])
@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8000",
        "127.0.0.1",
        "localhost",
        "127.0.0.1:80",
        "127.0.0.1:8001",
        "127.0.0.2:8000",
        "localhost.evil.example:8000",
        "x.localhost:8000",
        "127.0.0.1.:8000",
        "user@127.0.0.1:8000",
        "[::1]:8000",
        "0.0.0.0:8000",
        "",
    ],
)
def test_any_other_host_is_refused(port: int, host: str, kind: str) -> None:
    assert "Host" in str(refusal(port, ("host", host.replace("8000", str(port))), kind=kind))


def test_a_request_with_the_host_of_the_other_port_with_two_hosts_or_none_is_refused() -> None:
    assert refusal(API, ("host", f"127.0.0.1:{AWS}"))
    assert refusal(AWS, ("host", f"127.0.0.1:{API}"))
    assert refusal(API, ("host", f"127.0.0.1:{API}"), ("host", "evil.example"))
    assert refusal(API, ("host", f"127.0.0.1:{API}"), ("host", f"127.0.0.1:{API}"))
    assert refusal(API)


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("port", [API, AWS])
@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://evil.example:8000",
        "null",
        "file://",
        "https://127.0.0.1:8000",
        "http://127.0.0.1",
        "http://127.0.0.1:4566",  # what is stored there may be anything
        "http://127.0.0.1:3000",
        "http://localhost:8000.evil.example",
        "",
    ],
)
def test_pages_of_other_origins_are_refused(port: int, origin: str, kind: str) -> None:
    host = ("host", f"127.0.0.1:{port}")
    assert "origins" in str(refusal(port, host, ("origin", origin), kind=kind))
    assert refusal(port, host, ("origin", origin), ("origin", f"http://127.0.0.1:{API}"), kind=kind)


@pytest.mark.parametrize("port", [API, AWS])
def test_requests_that_another_site_caused_without_an_origin_are_refused(port: int) -> None:
    """Images, scripts, frames and links: GET needs no Origin, and the emulator acts upon GET as well."""
    assert "sites" in str(refusal(port, ("host", f"127.0.0.1:{port}"), ("sec-fetch-site", "cross-site")))


def test_port_80_is_left_out_of_host() -> None:
    guard = Guard(80, AWS)
    scope: dict[str, Any] = {"server": ("127.0.0.1", 80), "headers": [(b"host", b"localhost")]}
    assert guard.refusal(scope) is None
    assert guard.refusal({**scope, "headers": [(b"host", b"localhost:80"), (b"origin", b"http://localhost")]}) is None
