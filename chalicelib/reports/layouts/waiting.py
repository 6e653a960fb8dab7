"""Templates that are announced and wait for their data: orders and tasks are not kept yet."""

from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from chalicelib.reports.layouts.layout import Heading, Layout, Row, Sink, Summary
from chalicelib.reports.model import Refused
from chalicelib.reports.render import Document
from chalicelib.users.service import User


def _waiting(name: str, description: str, example: Mapping[str, str], what: str) -> Layout:
    def refuse() -> NoReturn:
        raise Refused(f"Шаблон «{name}» пока недоступен: {what}")

    def check(_parameters: Mapping[str, Any]) -> None:
        refuse()

    def collect(_parameters: Mapping[str, Any], _sink: Sink, _owner: User | None) -> Summary:
        refuse()

    def document(_heading: Heading, _summary: Summary, _rows: Iterator[Row]) -> Document:
        refuse()

    return Layout(name, description, example, check, collect, document)


TASKS = _waiting("Отчет по задачам", "Отложенные задачи", {}, "данных об отложенных задачах в системе еще нет")
