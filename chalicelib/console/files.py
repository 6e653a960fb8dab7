"""The built console: its page under a strict policy, its files, and a page that waits for the local build."""

import re
import secrets
from pathlib import Path

from chalicelib.core import texts
from chalicelib.core.errors import NotFound
from chalicelib.core.http import Raw, Request
from chalicelib.core.pages import FOREVER, HTML, file_origin, page, stored_file
from chalicelib.core.settings import settings
from chalicelib.core.texts import text

PACKAGED = Path(__file__).parent.parent / "assets" / "console"
BUILT, FAILED = "built", "failed.txt"  # in the build folder of the local stage
INDEX = "index.html"
NONCE = "__CSP_NONCE__"
_HASHED = re.compile(r"-[\w-]{8}\.\w+$")
FAILED_TEXT = (
    "Консоль не собралась",
    "Причина в терминале, где работает make run. Исправив ее, выполните make console: страница откроется сама.",
)
BUILDING_TEXT = (
    "Консоль собирается",
    "Это занимает до минуты, один раз после каждого ее изменения. Страница откроется сама; API уже работает.",
)
_WAITING = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="2">
<title>Shopfloor</title>
<link rel="icon" href="data:,">
<style nonce="{nonce}">
:root {{ color-scheme: light dark; font-family: system-ui, sans-serif }}
main {{ max-width: 32rem; margin: 20vh auto 0; padding: 0 1rem; line-height: 1.5 }}
</style>
</head>
<body>
<main role="status">
<h1>{title}</h1>
<p>{text}</p>
</main>
</body>
</html>
"""


def index(request: Request) -> Raw:
    """Return the page of the console, under a policy with a nonce of this answer."""
    nonce = secrets.token_urlsafe(18)
    try:
        html = (_folder() / INDEX).read_text("utf-8")
    except FileNotFoundError:
        return _waiting(nonce)
    return page(request, html.replace(NONCE, nonce), _headers(nonce))


def asset(request: Request, name: str) -> Raw:
    """Return a file of the page. Vite puts a hash of the contents into most names."""
    return stored_file(request, _folder(), name, FOREVER if _HASHED.search(name) else "public, max-age=3600")


def _folder() -> Path:
    local = settings().console_folder
    return Path(local) / BUILT if local else PACKAGED


def _headers(nonce: str) -> dict[str, str]:
    """Return the headers of the page. It has no ETag: a cached page would have an old nonce."""
    return {"Content-Security-Policy": _policy(nonce), "Cache-Control": "no-cache"}


def _policy(nonce: str) -> str:
    files = file_origin(settings())
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data: blob: {files}; "
        f"connect-src 'self' {files}; font-src 'self'; frame-src blob:; media-src 'self' data:; manifest-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


def _waiting(nonce: str) -> Raw:
    """Return a page that reloads until the console is built; NotFound where nothing builds it."""
    if not settings().console_folder:
        raise NotFound
    failed = (Path(settings().console_folder) / FAILED).exists()
    title, advice = map(text, FAILED_TEXT if failed else BUILDING_TEXT)
    headers = {"Retry-After": "2", "Content-Security-Policy": _policy(nonce)}
    return Raw(_WAITING.format(nonce=nonce, title=title, text=advice, language=texts.current()), HTML, 503, headers)
