"""Use cases of API keys."""

import hmac
import secrets
import uuid
from uuid import UUID

from chalicelib.api_keys import model, store
from chalicelib.api_keys.schemas import ApiKeyCreate, ApiKeyPage, ApiKeyQuery, ApiKeyView, DeletedApiKey, NewApiKey
from chalicelib.api_keys.store import API_KEYS, ApiKeyItem
from chalicelib.core import clock
from chalicelib.core.auth import Actor
from chalicelib.core.paging import PageRequest
from chalicelib.core.texts import text
from chalicelib.core.transactions import Transaction, optimistic, transaction
from chalicelib.events import service as events
from chalicelib.users import service as users


def create(actor: Actor, *, body: ApiKeyCreate) -> NewApiKey:
    """Create a key and its account; no other response has the key."""
    at, key_id = clock.now(), uuid.uuid4()
    model.check_expiry(body.expires_at, at)
    key = model.key_text(key_id, secrets.token_bytes(model.SECRET_BYTES))
    with transaction() as tx:
        account = users.add_machine(tx, str(key_id), body.name, body.roles, body.expires_at)
        item = ApiKeyItem(
            account.id,
            number=account.number,
            name=body.name,
            roles=list(body.roles),
            prefix=model.shown_prefix(key),
            hash=model.hashed(key),
            created_at=clock.to_text(at),
            created_by=actor.uuid,
            expires_at=clock.to_text(body.expires_at) if body.expires_at else None,
        )
        store.add(tx, item)
        _record(tx, "api_key.created", item, actor)
    return NewApiKey.model_construct(**dict(ApiKeyView.model_validate(item)), key=key)


def get(actor: Actor, *, key_id: UUID) -> ApiKeyView:
    """Return the record of a key."""
    return ApiKeyView.model_validate(store.get(str(key_id)))


def list_page(actor: Actor, *, query: ApiKeyQuery) -> ApiKeyPage:
    """Return a page of keys."""
    descending = query.sort_direction == "DESC"
    page = API_KEYS.page(PageRequest(query.limit, query.offset, descending=descending, cursor=query.cursor))
    return ApiKeyPage.of(page, [ApiKeyView.model_validate(item) for item in page.items])


@optimistic
def revoke(actor: Actor, *, key_id: UUID) -> DeletedApiKey:
    """Revoke a key. Its account stays, without roles, as the author of records."""
    item = store.get(str(key_id))
    with transaction() as tx:
        store.remove(tx, item)
        users.retire_machine(tx, item.uuid)
        _record(tx, "api_key.revoked", item, actor)
    return DeletedApiKey(message=text("Ключ API отозван"), deleted_api_key=ApiKeyView.model_validate(item))


def authenticate(key: str) -> Actor:
    """Return the actor of a key; Unauthorized when the key is unknown, revoked or expired."""
    key_id = model.id_of(key)
    item = store.find(key_id) if key_id else None
    if item is None or not hmac.compare_digest(item.hash, model.hashed(key)):
        raise model.unknown_key()
    at = clock.now()
    if item.expires_at and clock.from_text(item.expires_at) <= at:
        raise model.expired_key()
    store.record_use(item, at)
    return Actor(int(item.number), item.uuid, item.name, None, tuple(item.roles))


def _record(tx: Transaction, name: str, item: ApiKeyItem, actor: Actor) -> None:
    about = {"id": item.uuid, "number": int(item.number), "changed_by": actor.uuid}
    events.record(tx, name, f"api_key#{item.uuid}", clock.now(), **about)
