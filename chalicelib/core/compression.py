"""How bodies travel: answers of more than 1 KB as gzip to clients that understand it, very long ones as base64.

Lambda's runtime writes an answer as JSON in ASCII, in which a text takes up to six times its bytes; base64 takes a
third more, whatever is inside.
"""

import base64
import gzip
from typing import Any

from chalicelib.core.request import Request

LEAST = 1_024  # bytes; below it the headers of gzip eat what is gained
LEVEL = 5
MOST_AS_TEXT = 1_000_000  # bytes: six times as many is what Lambda carries
TEXTUAL = ("application/json", "application/problem+json", "text/")


def compress(request: Request, reply: dict[str, Any]) -> None:
    """Compress the body of a reply to the gateway, in place, when it is long, a text, and the client takes gzip.

    One that is stored compressed (`Content-Encoding` says so) is sent as it is, or unpacked for who takes no gzip.
    """
    headers, body = reply["headers"], reply["body"]
    if "Content-Encoding" in headers:
        _pass_on(request, reply)
        return
    if reply.get("isBase64Encoded") or not headers.get("Content-Type", "").startswith(TEXTUAL):
        return
    data = body.encode()
    if len(data) < LEAST:
        return
    _vary(headers)
    if takes(request.header("accept-encoding") or "", "gzip"):
        headers["Content-Encoding"] = "gzip"
        data = gzip.compress(data, LEVEL, mtime=0)
    elif len(data) <= MOST_AS_TEXT:
        return
    reply.update(body=base64.b64encode(data).decode(), isBase64Encoded=True)


def _pass_on(request: Request, reply: dict[str, Any]) -> None:
    _vary(reply["headers"])
    body: bytes = reply["body"]
    stored = reply["headers"]["Content-Encoding"]
    if stored == "gzip" and not takes(request.header("accept-encoding") or "", "gzip"):
        del reply["headers"]["Content-Encoding"]
        body = gzip.decompress(body)
    reply.update(body=base64.b64encode(body).decode(), isBase64Encoded=True)


def _vary(headers: dict[str, str]) -> None:
    headers["Vary"] = ", ".join(filter(None, [headers.get("Vary"), "Accept-Encoding"]))


def takes(accepted: str, encoding: str) -> bool:
    """Whether `Accept-Encoding` names an encoding or `*` with a weight over zero."""
    for part in accepted.lower().split(","):
        name, _, weight = part.strip().partition(";")
        if name.strip() in (encoding, f"x-{encoding}", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
