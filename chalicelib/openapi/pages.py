"""Swagger UI and Redoc from the package; no file comes from another host.

Names of files are relative to the page, so both pages work behind a stage prefix.
"""

from pathlib import Path

from chalicelib.core.http import Raw, Request
from chalicelib.core.pages import page, stored_file

ASSETS = Path(__file__).parent.parent / "assets" / "docs"
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
<link rel="icon" href="data:,">
{head}
</head>
<body>
{body}
</body>
</html>
"""
SWAGGER = _FRAME.format(
    head='<link rel="stylesheet" href="docs/swagger-ui-5.35.0.css">\n'
    "<style>@media (max-width: 600px) { .swagger-ui .response-col_links { display: none }"
    " .swagger-ui .opblock .opblock-section-header { flex-wrap: wrap } }</style>",
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


def swagger(request: Request) -> Raw:
    """Return the page of Swagger UI, which may load its own scripts only."""
    return page(request, SWAGGER, POLICY)


def redoc(request: Request) -> Raw:
    """Return the page of Redoc, which may load its own scripts only."""
    return page(request, REDOC, POLICY)


def asset(request: Request, name: str) -> Raw:
    """Return a script or style sheet of the pages; NotFound for another name."""
    if name == "start.js":
        return Raw(START, "text/javascript")
    return stored_file(request, ASSETS, name)
