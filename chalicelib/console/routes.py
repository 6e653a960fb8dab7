"""`/` and the console."""

from pydantic import Field

import chalicelib
from chalicelib.console import files
from chalicelib.core.accept import prefers
from chalicelib.core.fields import Output
from chalicelib.core.http import OTHER, Raw, Redirect, Request, Routes
from chalicelib.core.settings import settings

api = Routes(OTHER)


class Links(Output):
    """The addresses of the API's parts, for a program."""

    name: str = "Shopfloor"
    version: str = chalicelib.VERSION
    console: str = Field(examples=["/console"])
    docs: str = Field(examples=["/docs"])
    openapi: str = Field(examples=["/openapi.json"])
    health: str = Field(examples=["/health"])


@api.get("/", public=True)
def show_start(request: Request) -> Links | Redirect:
    """Адреса сервиса.

    Браузер попадает в консоль, программа получает адреса частей API.
    """
    base = settings().public_url or request.outer_path.rstrip("/")
    if prefers(request.header("accept"), "text/html", "application/json"):
        return Redirect(f"{base}/console")
    return Links(
        console=f"{base}/console", docs=f"{base}/docs", openapi=f"{base}/openapi.json", health=f"{base}/health"
    )


@api.get("/console", public=True, media="text/html")
def show_console(request: Request) -> Raw:
    """Консоль.

    Экраны для людей: смены, партии, сканирование, отчеты, дефекты.
    """
    return files.index(request)


@api.get("/console/{name}", public=True, media="*/*")
def get_console_asset(request: Request, name: str) -> Raw:
    """Файл консоли.

    Скрипт, стиль, рисунок или звук, который загружает консоль.
    """
    return files.asset(request, name)
