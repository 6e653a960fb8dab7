"""The lists of the report on tasks: defects, deferred tasks, long tasks, from the rows that tasks.py collects."""

from collections.abc import Iterator
from datetime import date

from chalicelib.core.texts import text
from chalicelib.reports.layouts import words
from chalicelib.reports.layouts.layout import Row, instant
from chalicelib.reports.render import Column, Table


def defects(rows: Iterator[Row]) -> Table:
    """Return the list of defects."""
    columns = [
        Column(text("№"), "id"),
        Column(text("Объект")),
        Column(text("Дефект")),
        Column(text("Серьезность")),
        Column(text("Статус")),
        Column(text("Исполнитель")),
        Column(text("Создан"), "date"),
        Column(text("Исправлен"), "date"),
        Column(text("Срок"), "date"),
        Column(text("Дней сверх срока"), "int"),
    ]
    lines = (
        [number, site, title, text(words.SEVERITY[severity]), text(words.STATUS[status]), assignee]
        + [instant(created), instant(fixed), date.fromisoformat(due) if due else None, days]
        for number, site, title, severity, status, assignee, due, days, created, fixed in rows
    )
    return Table(text("Список дефектов"), columns, lines, name="defects")


def deferred(rows: Iterator[Row]) -> Table:
    """Return the list of deferred tasks."""
    columns = [
        Column(text("№"), "id"),
        Column(text("Тип")),
        Column(text("Статус")),
        Column(text("Создана"), "datetime"),
        Column(text("Назначена на"), "datetime"),
        Column(text("Завершена"), "datetime"),
        Column(text("Попыток"), "int"),
        Column(text("Ошибка")),
    ]
    lines = (
        [number, words.type_of_task(name), text(words.DEFERRED[status]), *map(instant, times), attempts]
        + [words.error(reason)]
        for number, name, status, attempts, *times, reason in rows
    )
    return Table(text("Список отложенных задач"), columns, lines, name="deferred_tasks")


def long(rows: Iterator[Row]) -> Table:
    """Return the list of long tasks."""
    columns = [
        Column(text("№"), "id"),
        Column(text("Текст")),
        Column(text("Статус")),
        Column(text("Создана"), "datetime"),
        Column(text("Завершена"), "datetime"),
        Column(text("Ошибка")),
    ]
    lines = (
        [number, body, text(words.LONG[status]), *map(instant, times), words.error(reason)]
        for number, body, status, *times, reason in rows
    )
    return Table(text("Список долгих задач"), columns, lines, name="long_tasks")
