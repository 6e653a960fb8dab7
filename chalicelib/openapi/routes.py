"""`/openapi.json`, and what is made from it: pages that show it, a collection of requests."""

from typing import Any

from chalicelib.core.http import OTHER, Raw, Request, Routes
from chalicelib.core.settings import settings
from chalicelib.openapi import pages, service
from chalicelib.openapi.collection import collection

api = Routes(OTHER)


@api.get("/openapi.json", public=True)
def get_openapi() -> dict[str, Any]:
    """Описание API в формате OpenAPI 3.1."""
    return service.document(locked=not settings().allows_anonymous_admin)


@api.get("/collection.json", public=True)
def get_collection(request: Request) -> dict[str, Any]:
    """Коллекция запросов для Postman и Bruno."""
    return collection(get_openapi(), settings().public_url or _base_url(request))


def _base_url(request: Request) -> str:
    """Return the address of the API in the address of a request."""
    scheme, host = request.header("x-forwarded-proto") or "http", request.header("host") or "localhost"
    return f"{scheme}://{host}{request.outer_path.removesuffix(request.path)}"


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
