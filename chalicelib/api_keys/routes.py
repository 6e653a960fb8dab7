"""`/v1/api-keys`."""

from uuid import UUID

from chalicelib.api_keys import service
from chalicelib.api_keys.schemas import (
    ApiKeyCreate,
    ApiKeyData,
    ApiKeyPage,
    ApiKeyQuery,
    DeletedApiKeyData,
    NewApiKeyData,
)
from chalicelib.core.http import USERS, Actor, Routes

api = Routes(USERS)


@api.post("/v1/api-keys", status=201, replays=False)
def create_api_key(actor: Actor, body: ApiKeyCreate) -> NewApiKeyData:
    """Выпуск ключа API.

    Ключ показывается один раз, в этом ответе: хранится только его хеш. Idempotency-Key поэтому не действует.
    """
    return NewApiKeyData(data=service.create(actor, body=body))


@api.get("/v1/api-keys")
def list_api_keys(actor: Actor, query: ApiKeyQuery) -> ApiKeyPage:
    """Список ключей API."""
    return service.list_page(actor, query=query)


@api.get("/v1/api-keys/{key_id}")
def get_api_key(actor: Actor, key_id: UUID) -> ApiKeyData:
    """Получение ключа API, без него самого."""
    return ApiKeyData(data=service.get(actor, key_id=key_id))


@api.delete("/v1/api-keys/{key_id}")
def revoke_api_key(actor: Actor, key_id: UUID) -> DeletedApiKeyData:
    """Отзыв ключа API: следующий запрос с ним получит 401."""
    return DeletedApiKeyData(data=service.revoke(actor, key_id=key_id))
