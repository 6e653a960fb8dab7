"""The document with its title and texts."""

from functools import cache
from typing import Any

import chalicelib
from chalicelib.core.http import ENDPOINTS

DESCRIPTION = """Производственная площадка: рабочие центры, партии и маркированная продукция, отчеты, задания,
заказы, дефекты.

Токен: `POST /v1/users/login`, затем заголовок `Authorization: Bearer <токен>`. Для программ ключ API:
`POST /v1/api-keys`, так же или в заголовке `X-API-Key`. Все POST понимают `Idempotency-Key`.
С `Accept: application/problem+json` ошибки приходят по RFC 9457, иначе в форме своего раздела."""
CONTACT = {"name": "Shopfloor"}
LICENSE = {"name": "MIT", "identifier": "MIT"}  # SPDX


@cache
def document(*, locked: bool) -> dict[str, Any]:
    """Return the document of a stage, made once per process. `locked`: calls need a token there."""
    from chalicelib.events.types import EVENT_TYPES  # the pages do not need these modules
    from chalicelib.openapi.document import document as document_of
    from chalicelib.openapi.tags import in_order

    info = {
        "title": "Shopfloor",
        "version": chalicelib.VERSION,
        "description": DESCRIPTION,
        "contact": CONTACT,
        "license": LICENSE,
    }
    return document_of(info, sorted(ENDPOINTS, key=in_order), EVENT_TYPES.values(), locked=locked)
