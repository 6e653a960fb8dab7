"""Encoding of the body of an answer: gzip from 1 KB on if the client accepts it, base64 unless it is a short text.

Lambda's runtime writes an answer as JSON in ASCII, where a character takes up to six bytes. Base64 takes a third more
than the body, whatever is inside.
"""

import base64
import gzip

from chalicelib.core.accept import accepts_encoding
from chalicelib.core.request import Request

MIN_BYTES = 1_024  # below it the headers of gzip take what it saves
LEVEL = 5
MAX_TEXT_BYTES = 1_000_000  # in Lambda's JSON at most six times as many, its limit
TEXTUAL = ("application/json", "application/problem+json", "text/")


def compressed(request: Request, headers: dict[str, str], body: bytes) -> bytes:
    """Return the body in the encoding that the client accepts, and write that encoding into the headers.

    Long texts are compressed. A body that is stored compressed (`Content-Encoding` says so) is unpacked for a client
    that does not accept gzip.
    """
    stored = headers.get("Content-Encoding")
    if stored is None and (len(body) < MIN_BYTES or not _is_text(headers)):
        return body
    headers["Vary"] = ", ".join(filter(None, [headers.get("Vary"), "Accept-Encoding"]))
    is_gzip_accepted = accepts_encoding(request.header("accept-encoding"), "gzip")
    if stored is None and is_gzip_accepted:
        headers["Content-Encoding"] = "gzip"
        return gzip.compress(body, LEVEL, mtime=0)
    if stored == "gzip" and not is_gzip_accepted:
        del headers["Content-Encoding"]
        return gzip.decompress(body)
    return body


def to_text(headers: dict[str, str], body: bytes) -> tuple[str, bool]:
    """Return the body as the text in the event of the gateway, and whether that text is base64."""
    is_short_text = _is_text(headers) and "Content-Encoding" not in headers and len(body) <= MAX_TEXT_BYTES
    if is_short_text or not body:
        return body.decode(), False
    return base64.b64encode(body).decode("ascii"), True


def _is_text(headers: dict[str, str]) -> bool:
    return headers.get("Content-Type", "").startswith(TEXTUAL)
