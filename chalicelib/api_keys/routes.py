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

    Для принтера, весов, ERP: ключ вместо входа, со своими ролями. Он показан один раз, в этом ответе: хранится
    только его хеш, поэтому `Idempotency-Key` здесь не действует.
    """
    return NewApiKeyData(data=service.create(actor, body=body))


@api.get("/v1/api-keys")
def list_api_keys(actor: Actor, query: ApiKeyQuery) -> ApiKeyPage:
    """Список ключей API.

    Начало каждого ключа, роли, срок и когда им пользовались; отозванных в списке нет.
    """
    return service.list_page(actor, query=query)


@api.get("/v1/api-keys/{key_id}")
def get_api_key(actor: Actor, key_id: UUID) -> ApiKeyData:
    """Ключ API по UUID.

    Роли, срок и когда ключом пользовались; сам ключ не показывается.
    """
    return ApiKeyData(data=service.get(actor, key_id=key_id))


@api.delete("/v1/api-keys/{key_id}")
def revoke_api_key(actor: Actor, key_id: UUID) -> DeletedApiKeyData:
    """Отзыв ключа API.

    Следующий запрос с этим ключом получит 401, его отложенные задания кончатся неудачей. Вернуть ключ нельзя.
    """
    return DeletedApiKeyData(data=service.revoke(actor, key_id=key_id))
