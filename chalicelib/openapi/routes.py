"""`/openapi.json` and the pages that show it."""

from typing import Any

from chalicelib.core.http import OTHER, Raw, Request, Routes
from chalicelib.core.settings import settings
from chalicelib.openapi import pages, service

api = Routes(OTHER)


@api.get("/openapi.json", public=True)
def get_openapi() -> dict[str, Any]:
    """Описание API в формате OpenAPI 3.1."""
    return service.document(locked=not settings().allows_anonymous_admin)


@api.get("/docs", public=True, media="text/html")
def show_docs(request: Request) -> Raw:
    """Swagger UI."""
    return pages.swagger(request)


@api.get("/redoc", public=True, media="text/html")
def show_redoc(request: Request) -> Raw:
    """Redoc."""
    return pages.redoc(request)


@api.get("/docs/{name}", public=True, media="text/javascript")
def get_docs_asset(request: Request, name: str) -> Raw:
    """Скрипт или стиль этих страниц."""
    return pages.asset(request, name)
