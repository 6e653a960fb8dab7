"""Swagger UI and Redoc, out of the package: nothing is loaded from anywhere else.

Both pages name everything relative to themselves, so they work behind a stage prefix too.
"""

from functools import cache
from pathlib import Path

from chalicelib.core.errors import NotFound
from chalicelib.core.http import Raw

ASSETS = Path(__file__).parent.parent / "assets" / "docs"
TYPES = {".js": "text/javascript", ".css": "text/css"}
FOREVER = "public, max-age=31536000, immutable"  # a new version has another name
POLICY = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        "font-src 'self' data:; connect-src 'self'; worker-src blob:; base-uri 'none'; frame-ancestors 'none'"
    )
}
_FRAME = """<!DOCTYPE html>
<html lang="ru">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Shopfloor API</title>
{head}
</head>
<body>
{body}
</body>
</html>
"""
SWAGGER = _FRAME.format(
    head='<link rel="stylesheet" href="docs/swagger-ui-5.35.0.css">',
    body='<div id="swagger-ui"></div>\n<script src="docs/swagger-ui-5.35.0.js"></script>\n'
    '<script src="docs/start.js"></script>',
)
REDOC = _FRAME.format(
    head="<style>body { margin: 0 }</style>",
    body='<redoc spec-url="openapi.json"></redoc>\n<script src="docs/redoc-2.5.4.js"></script>',
)
START = """window.ui = SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  filter: true,
  docExpansion: "none",
  persistAuthorization: true,
  validatorUrl: null,
});
"""


def page(html: str) -> Raw:
    """An HTML page that may load its own scripts."""
    return Raw(html, "text/html; charset=utf-8", headers=POLICY)


def asset(name: str) -> Raw:
    """A script or a style sheet of the pages; NotFound for anything else."""
    if name == "start.js":
        return Raw(START.encode(), "text/javascript")
    content = _packed().get(name)
    if content is None:
        raise NotFound
    headers = {"Content-Encoding": "gzip", "Cache-Control": FOREVER, "Vary": "Accept-Encoding"}
    return Raw(content, TYPES[Path(name).suffix], headers=headers)


@cache
def _packed() -> dict[str, bytes]:
    return {path.stem: path.read_bytes() for path in ASSETS.glob("*.gz")}
