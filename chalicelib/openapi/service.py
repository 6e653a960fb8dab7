"""The document with its title and introduction, in Russian and in English."""

from functools import cache
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

import chalicelib
from chalicelib.core import texts
from chalicelib.core.http import ENDPOINTS
from chalicelib.core.settings import Settings, settings

INTRODUCTION = """Учет производства: рабочие центры, партии и маркированная продукция, отчеты, задания, заказы, дефекты.

**Как войти.** Человек: `POST /v1/users/login`, затем заголовок `Authorization: Bearer <токен>`. Программа: ключ API \
из `POST /v1/api-keys`, в том же заголовке или в `X-API-Key`. Локальный стек (`make run`) обходится без токена.

**Общие правила.** Времена в ответах по UTC в ISO 8601 с `Z`, даты `ГГГГ-ММ-ДД`. Повторять POST безопасно с \
`Idempotency-Key`. Списки листают по `next_cursor`. `If-Match` с `ETag` не дает затереть чужое изменение. Неизвестный \
параметр запроса отклоняется, неизвестное поле тела пропускается и названо в `X-Ignored-Fields`.

**Ошибки** приходят в форме своего раздела, с `Accept: application/problem+json` все одинаково, по RFC 9457. Тексты \
русские, с `Accept-Language: en` английские.

**Словарь**

| слово | что это |
|---|---|
| партия | что одна смена делает из одной номенклатуры на одном рабочем центре в один день |
| номенклатура, код ЕКН | название и код того, что выпускается, по справочнику предприятия |
| код маркировки | код на одном изделии, как его читает сканер; единственный в партии |
| агрегация | изделие упаковано: с этого момента его код относится к упаковке партии |
| фоновая задача | импорт, экспорт, агрегация или добавление многих продуктов; ответ 202 называет ее `task_id` |
| отложенное задание, расписание | работа в назначенное время, один раз или снова и снова |
| сага | шаги, которыми делается отчет; после неудачи сделанное убирается |
| подписка, доставка | адрес, который получает события, и одно событие на пути к нему |
| предохранитель | не пускает вызовы к тому, что не отвечает, и потом пробует снова |"""
CONTACT = {"name": "Shopfloor"}
LICENSE = {"name": "MIT", "identifier": "MIT"}  # SPDX
LANGUAGES = {texts.DEFAULT: "docs/openapi.json", texts.ENGLISH: "docs/openapi.en.json"}


def served(*, language: str = texts.DEFAULT) -> dict[str, Any]:
    """Return the document as this stage serves it; on the local stack with examples of what is stored."""
    made = document(locked=not settings().allows_anonymous_admin, language=language)
    if not shows_stored(settings()):
        return made
    from chalicelib.openapi.stored import with_stored

    try:
        return with_stored(made)
    except (BotoCoreError, ClientError):  # the description is needed most when something does not work
        return made


def shows_stored(stage: Settings) -> bool:
    """Return whether the document may show what is stored: everybody may read both, and there is an emulator."""
    return stage.allows_anonymous_admin and bool(stage.aws_endpoint_url)


@cache
def document(*, locked: bool, language: str = texts.DEFAULT) -> dict[str, Any]:
    """Return the document of a stage in a language, made once per process. `locked`: calls need a token there."""
    from chalicelib.events.types import EVENT_TYPES  # the pages do not need these modules
    from chalicelib.openapi.document import document as document_of
    from chalicelib.openapi.tags import in_order
    from chalicelib.openapi.wording import said

    with texts.language(language):
        info = {
            "title": "Shopfloor",
            "version": chalicelib.VERSION,
            "description": said(INTRODUCTION),
            "contact": CONTACT,
            "license": LICENSE,
        }
        return document_of(info, sorted(ENDPOINTS, key=in_order), EVENT_TYPES.values(), locked=locked)
