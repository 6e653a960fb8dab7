"""Authentication and authorization of a request: by a JWT, by an API key, or without either.

A token or key is checked wherever it is sent. Without one, the stage `local` may act as the built-in administrator.
Accounts, keys and the role table belong to packages above; the App gets them as an `Access`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.core.actor import ADMINISTRATOR, ANONYMOUS, KEY_PREFIX, OWN_ONLY, ROLES, Actor
from chalicelib.core.errors import Forbidden, Unauthorized, bad_credentials
from chalicelib.core.settings import settings
from chalicelib.core.texts import text

if TYPE_CHECKING:
    from chalicelib.core.request import Request
    from chalicelib.core.token_claims import Claims

__all__ = ["ADMINISTRATOR", "ANONYMOUS", "OWN_ONLY", "ROLES", "Access", "Actor", "authenticate"]

_BEARER = re.compile(r"bearer +(\S+)", re.IGNORECASE)
_TOKEN = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_MAX_HEADER = 8192
_BAD_HEADER = "Заголовок Authorization должен иметь вид: Bearer <токен>, не длиннее {limit} символов"
_NO_TOKEN = (
    "После Bearer стоит не токен: ожидаются три части через точку, как в ответе POST /v1/users/login, "
    "или ключ API, который начинается с {prefix}"
)
_NO_KEY = "Заголовок X-API-Key должен содержать ключ API, который начинается с {prefix}"
_BOTH = "Передайте что-то одно: Authorization или X-API-Key"


def actor_by_claims(claims: Claims) -> Actor:
    """Return the actor of a token, without reading the account."""
    return Actor(claims.user_id, str(claims.sub), claims.name, claims.email, tuple(claims.roles))


def no_keys(_key: str) -> Actor:
    """Refuse every API key: for an application without keys."""
    raise bad_credentials("Ключи API здесь не принимаются")


@dataclass(frozen=True)
class Access:
    """The access rules of an application. `account` returns the actor of a token's claims, `api_key` that of an API
    key; both raise Unauthorized. `roles` has the roles that may call an endpoint, by `GET /users/{user_id}`; None
    allows all.
    """

    account: Callable[[Claims], Actor] = actor_by_claims
    roles: Mapping[str, frozenset[str]] | None = None
    api_key: Callable[[str], Actor] = no_keys

    def check(self, actor: Actor, endpoint: str) -> None:
        """Raise Forbidden when no role of the actor may call the endpoint. An endpoint without a row is forbidden to
        all.
        """
        if self.roles is not None and self.roles.get(endpoint, frozenset()).isdisjoint(actor.roles):
            raise Forbidden


def authenticate(request: Request, access: Access, *, public: bool = False) -> Actor:
    """Return the actor of a request by its headers; Unauthorized when a credential is bad, or missing where it is
    needed.
    """
    authorization, key = request.header("authorization"), request.header("x-api-key")
    if authorization is not None and key is not None:
        raise bad_credentials(_BOTH, error="invalid_request")
    if authorization is not None:
        return _by_authorization(authorization, access)
    if key is not None:
        return _by_key(key.strip(), access)
    if settings().allows_anonymous_admin:
        return ADMINISTRATOR
    if public:
        return ANONYMOUS
    raise Unauthorized(headers={"WWW-Authenticate": "Bearer"})


def _by_authorization(authorization: str, access: Access) -> Actor:
    found = _BEARER.fullmatch(authorization.strip()) if len(authorization) <= _MAX_HEADER else None
    if not found:
        raise bad_credentials(text(_BAD_HEADER, limit=_MAX_HEADER), error="invalid_request")
    if found[1].startswith(KEY_PREFIX):
        return access.api_key(found[1])
    if not _TOKEN.fullmatch(found[1]):
        raise bad_credentials(text(_NO_TOKEN, prefix=KEY_PREFIX))
    from chalicelib.core.token_claims import claims_of  # imports PyJWT and pydantic

    return access.account(claims_of(found[1]))


def _by_key(key: str, access: Access) -> Actor:
    if not key.startswith(KEY_PREFIX) or len(key) > _MAX_HEADER:
        raise bad_credentials(text(_NO_KEY, prefix=KEY_PREFIX), error="invalid_request")
    return access.api_key(key)
