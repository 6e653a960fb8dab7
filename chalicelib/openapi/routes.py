"""`/openapi.json`, and what is made from it: pages that show it, a collection of requests."""

from typing import Any

from chalicelib.core import texts
from chalicelib.core.http import OTHER, Raw, Request, Routes
from chalicelib.core.settings import settings
from chalicelib.openapi import pages, service
from chalicelib.openapi.collection import collection

api = Routes(OTHER)


@api.get("/openapi.json", public=True)
def get_openapi() -> dict[str, Any]:
    """Описание в формате OpenAPI 3.1.

    Для генераторов клиентов и инструментов. Тексты русские; по-английски то же описание лежит по адресу
    `/openapi.en.json`.
    """
    return service.served()


@api.get("/openapi.en.json", public=True)
def get_english_openapi() -> dict[str, Any]:
    """Описание в формате OpenAPI 3.1 по-английски.

    То же, что `/openapi.json`: пути, поля и примеры те же, английские только тексты.
    """
    return service.served(language=texts.ENGLISH)


@api.get("/collection.json", public=True)
def get_collection(request: Request) -> dict[str, Any]:
    """Коллекция запросов для Postman и Bruno.

    Все вызовы с примерами одним файлом: импортируйте его и заполните переменную с токеном.
    """
    return collection(service.served(), _base_url(request))


@api.get("/collection.en.json", public=True)
def get_english_collection(request: Request) -> dict[str, Any]:
    """Коллекция запросов для Postman и Bruno по-английски.

    То же, что `/collection.json`, с английскими названиями и описаниями.
    """
    return collection(service.served(language=texts.ENGLISH), _base_url(request))


def _base_url(request: Request) -> str:
    """Return the address of the API: the setting, or what is in the address of a request."""
    if settings().public_url:
        return settings().public_url
    scheme, host = request.header("x-forwarded-proto") or "http", request.header("host") or "localhost"
    return f"{scheme}://{host}{request.outer_path.removesuffix(request.path)}"


@api.get("/docs", public=True, media="text/html")
def show_docs(request: Request) -> Raw:
    """Описание с пробными вызовами.

    Эта страница: каждый вызов можно заполнить и выполнить.
    """
    return pages.swagger(request)


@api.get("/redoc", public=True, media="text/html")
def show_redoc(request: Request) -> Raw:
    """Описание для чтения.

    То же описание одной страницей, с поиском.
    """
    return pages.redoc(request)


@api.get("/docs/{name}", public=True, media="text/javascript")
def get_docs_asset(request: Request, name: str) -> Raw:
    """Файл этих страниц.

    Скрипт или стиль, который загружают `/docs` и `/redoc`.
    """
    return pages.asset(request, name)
