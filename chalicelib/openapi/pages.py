"""Swagger UI and Redoc from the package; no file comes from another host.

Names of files are relative to the page, so both pages work behind a stage prefix.
"""

import re
from pathlib import Path

from chalicelib.core.http import Raw, Request
from chalicelib.core.pages import FOREVER, file_origin, page, stored_file
from chalicelib.core.settings import settings

ASSETS = Path(__file__).parent.parent / "assets" / "docs"
_VERSIONED = re.compile(r"-[0-9.]+[0-9]\.(js|css)$")
_FRAME = """<!DOCTYPE html>
<html lang="ru">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Shopfloor API</title>
<link rel="icon" href="data:,">
{styles}
</head>
<body>
<div class="bar">
<strong>Shopfloor API</strong>
<a href="{other}" data-en="{other_english}">{other_title}</a>
<a href="console" data-en="Console">Консоль</a>
<span class="languages"><button data-language="ru">Русский</button><button data-language="en">English</button></span>
</div>
<div id="{root}"></div>
{scripts}
</body>
</html>
"""


def _html(root: str, other: tuple[str, str, str], *files: str) -> str:
    """Return a page: the id of its root, the other page with its titles, and its files."""
    path, title, english = other
    return _FRAME.format(
        root=root,
        other=path,
        other_title=title,
        other_english=english,
        styles="\n".join(f'<link rel="stylesheet" href="docs/{name}">' for name in files if name.endswith(".css")),
        scripts="\n".join(f'<script src="docs/{name}"></script>' for name in files if name.endswith(".js")),
    )


SWAGGER = _html(
    "swagger-ui",
    ("redoc", "Описание для чтения", "To read"),
    *("swagger-ui-5.35.0.css", "pages.css", "swagger-ui-5.35.0.js", "pages.js", "words.js", "docs.js"),
)
REDOC = _html(
    "redoc",
    ("docs", "Описание с пробными вызовами", "To try"),
    *("pages.css", "redoc-2.5.4.js", "pages.js", "words.js", "redoc.js"),
)


def swagger(request: Request) -> Raw:
    """Return the page of Swagger UI, which may load its own scripts only."""
    return page(request, SWAGGER, _policy())


def redoc(request: Request) -> Raw:
    """Return the page of Redoc, which may load its own scripts only."""
    return page(request, REDOC, _policy())


def asset(request: Request, name: str) -> Raw:
    """Return a script or style sheet of the pages; NotFound for another name."""
    return stored_file(request, ASSETS, name, FOREVER if _VERSIONED.search(name) else "no-cache")


def _policy() -> dict[str, str]:
    """Return the policy of the pages: they call the API, and load the files to which it redirects."""
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        f"font-src 'self' data:; connect-src 'self' {file_origin(settings())}; worker-src blob:; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
    return {"Content-Security-Policy": policy}
