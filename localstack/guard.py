"""Keeps web pages away from the local stack: the emulator has no authentication and runs functions as local processes.

A page that the developer opens can send requests to 127.0.0.1: text/plain POSTs and GETs need no preflight, and a name
of the page's owner may lead to 127.0.0.1 (DNS rebinding). The browser itself tells these requests apart: by `Host`, by
`Origin` and by `Sec-Fetch-Site` (W3C Fetch Metadata). Programs send none of the last two.
"""

from collections.abc import Iterable, MutableMapping
from typing import Any

from localstack.config import HOST

HOSTS = (HOST, "localhost")
HTTP_PORT = 80  # the default port, not part of `Host`


class Guard:
    """Decides for each request whether it comes from this machine's developer: a program, or a page of this stack."""

    def __init__(self, port: int, aws_port: int, origins: Iterable[str] = ()) -> None:
        """Allow pages of `origins` too, e.g. `http://localhost:5173`."""
        self._hosts = {served: frozenset(name.encode() for name in _authorities(served)) for served in (port, aws_port)}
        self._origins = frozenset(origin.encode() for origin in [*own_origins(port), *origins])

    def refusal(self, scope: MutableMapping[str, Any]) -> str | None:
        """Return the reason to refuse a request or a WebSocket, or None."""
        hosts, cross_site, from_page = 0, False, False
        for name, value in scope["headers"]:
            if name == b"host":
                hosts += 1
                if value.lower() not in self._hosts[scope["server"][1]]:
                    return "Host must be 127.0.0.1 or localhost, with the port that is asked"
            elif name == b"origin":
                from_page = True
                if value not in self._origins:
                    return "pages of other origins may not ask the local stack"
            elif name == b"sec-fetch-site":
                cross_site = value == b"cross-site"
        if hosts != 1:
            return "a request needs one Host"
        if cross_site and not from_page:  # with one of the allowed origins a page may be on another site
            return "other sites may not lead to the local stack; type the address into the browser instead"
        return None


def own_origins(port: int) -> list[str]:
    """Return the origins of pages that the API port serves."""
    return [f"http://{authority}" for authority in _authorities(port)]


def _authorities(port: int) -> list[str]:
    named = [f"{host}:{port}" for host in HOSTS]
    return [*named, *HOSTS] if port == HTTP_PORT else named
