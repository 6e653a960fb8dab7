"""The tags of operations, in the order of work, and the order of operations inside a tag.

A tag has the operations below its prefixes; the longest prefix of whole segments applies. Inside a tag operations have
the order of these prefixes, then that of `routes.py`. `docs` and generated clients use the short name, people read the
title.
"""

from dataclasses import dataclass
from typing import Any

from chalicelib.core.endpoint import Endpoint
from chalicelib.openapi.wording import said

Json = dict[str, Any]
WEBHOOKS = "webhooks"  # the payloads of events too


@dataclass(frozen=True)
class Tag:
    """A tag: name, title and description for people, prefixes of its paths."""

    name: str
    title: str
    description: str
    prefixes: tuple[str, ...]


GROUPS: dict[str, tuple[Tag, ...]] = {
    "Производство": (
        Tag(
            "work_centers",
            "Рабочие центры",
            "Линии, цехи и участки, на которых смены выпускают продукцию.",
            ("/api/work_centers",),
        ),
        Tag(
            "batches",
            "Партии",
            "Сменные задания: создание, план и факт, агрегация, закрытие, история.",
            ("/api/batches",),
        ),
        Tag(
            "products",
            "Продукция",
            "Маркированные изделия: добавление в партию, агрегация, поиск по коду.",
            ("/api/batches/{batch_id}/products", "/api/products", "/api/trace"),
        ),
        Tag(
            "exchange",
            "Импорт и экспорт",
            "Партии из файлов и в файлы (xlsx, csv).",
            ("/api/batches/import", "/api/batches/export", "/api/reports"),
        ),
        Tag(
            "background_tasks",
            "Фоновые задачи",
            "Ход и результат импорта, экспорта, добавления многих продуктов и агрегации в фоне.",
            ("/api/batches/{batch_id}/aggregate_async", "/api/background_tasks"),
        ),
    ),
    "Показатели и отчеты": (
        Tag(
            "analytics",
            "Показатели",
            "Что идет сейчас, и показатели за период: по рабочим центрам, сменам и дням.",
            ("/api/analytics/today", "/api/analytics"),
        ),
        Tag(
            "reports",
            "Отчеты",
            "Файлы pdf, xlsx и csv. Отчет заказывают, ждут его готовности и скачивают.",
            ("/api/v1/reports", "/api/batches/{batch_id}/reports"),
        ),
        Tag("sagas", "Саги", "Шаги, которыми делается отчет: ход, журнал, повтор, отмена.", ("/api/v1/sagas",)),
        Tag(
            "templates",
            "Шаблоны отчетов",
            "Встроенные шаблоны и свои: встроенный с заполненными параметрами.",
            ("/api/v1/templates",),
        ),
    ),
    "Задания": (
        Tag(
            "deferred_tasks",
            "Отложенные задания",
            "Вызов, письмо, СМС, отчет или событие в назначенное время, с повторами.",
            ("/api/v1/tasks",),
        ),
        Tag(
            "schedules",
            "Расписания",
            "Повторяющиеся задания: каждое срабатывание создает отложенное задание.",
            ("/api/v1/schedules",),
        ),
        Tag(
            "long_tasks",
            "Долгие задачи",
            "Работа на минуты, которая ждет, не занимая процессор. Их пользователи известны по номерам.",
            ("/user", "/task", "/tasks"),
        ),
        Tag(
            "operations",
            "Операции",
            "Фоновые задачи, задания, расписания, долгие задачи и саги одним списком.",
            ("/api/v1/operations",),
        ),
    ),
    "Доступ": (
        Tag("account", "Вход и профиль", "Регистрация, вход, свой профиль и пароль.", ("/v1/users",)),
        Tag(
            "users",
            "Пользователи",
            "Пользователи и их роли, для администраторов и менеджеров.",
            ("/users", "/users/{user_id}/details"),
        ),
        Tag("api_keys", "Ключи API", "Доступ для программ и оборудования: принтеров, весов, ERP.", ("/v1/api-keys",)),
        Tag("quotas", "Квоты", "Сколько дорогих действий в день сделано и сколько можно.", ("/v1/quotas",)),
    ),
    "Заказы": (Tag("orders", "Заказы", "Заказы пользователей: строки, сумма, статусы.", ("/orders",)),),
    "Стройка": (
        Tag("sites", "Объекты", "Объекты строительства и ход работ на них.", ("/api/v1/sites",)),
        Tag(
            "defects",
            "Дефекты",
            "Дефекты на объектах: исполнители, сроки, статусы, комментарии, фотографии.",
            ("/api/v1/defects",),
        ),
    ),
    "События": (
        Tag(
            WEBHOOKS,
            "Вебхуки",
            "Подписки на события, их доставки, и что получает подписчик.",
            ("/api/webhooks", "/api/webhooks/failing", "/api/webhooks/test"),
        ),
        Tag("events", "Типы событий", "Какие события бывают и какие поля в них есть.", ("/api/events",)),
    ),
    "Система": (
        Tag(
            "system",
            "Система",
            "Состояние частей, недоставленные сообщения, настройки, эти страницы.",
            (
                *("/health", "/status", "/api/healthcheck", "/api/v1/health", "/api/v1/system", "/faults"),
                *(
                    "",
                    "/console",
                    "/docs",
                    "/redoc",
                    "/openapi.json",
                    "/openapi.en.json",
                    "/collection.json",
                    "/collection.en.json",
                ),
            ),
        ),
    ),
}
TAGS = tuple(tag for tags in GROUPS.values() for tag in tags)
_PLACES = {prefix: (number, place) for number, tag in enumerate(TAGS) for place, prefix in enumerate(tag.prefixes)}


def tag_of(path: str) -> Tag:
    """Return the tag of a path."""
    return TAGS[_place(path)[0]]


def in_order(endpoint: Endpoint) -> tuple[int, int, int, str]:
    """Return the key by which operations are sorted."""
    return (*_place(endpoint.path), endpoint.handler.__code__.co_firstlineno, endpoint.handler.__module__)


def tag_objects() -> list[Json]:
    """Return the tags as the document names them."""
    return [{"name": tag.name, "x-displayName": said(tag.title), "description": said(tag.description)} for tag in TAGS]


def tag_groups() -> list[Json]:
    """Return the groups of tags, for Redoc."""
    return [{"name": said(name), "tags": [tag.name for tag in tags]} for name, tags in GROUPS.items()]


def _place(path: str) -> tuple[int, int]:
    """Return the number of a path's tag, and of the prefix by which the tag has it."""
    segments = path.rstrip("/").split("/")
    prefixes = ("/".join(segments[:length]) for length in range(len(segments), 0, -1))
    return next(_PLACES[prefix] for prefix in prefixes if prefix in _PLACES)
