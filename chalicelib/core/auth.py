"""Who is calling, and whether that one may: a JWT or an API key when one is sent, the built-in administrator when none
is needed.

What is sent is always checked, also where nothing is needed. Accounts, keys and the table of roles live above; the App
is given them as its `Access`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.core.actor import ADMINISTRATOR, ANONYMOUS, KEY_PREFIX, OWN_ONLY, ROLES, Actor
from chalicelib.core.errors import Forbidden, Unauthorized, bad_credentials
from chalicelib.core.settings import settings

if TYPE_CHECKING:
    from chalicelib.core.claims import Claims
    from chalicelib.core.request import Request

__all__ = ["ADMINISTRATOR", "ANONYMOUS", "OWN_ONLY", "ROLES", "Access", "Actor", "authenticate"]

_BEARER = re.compile(r"bearer +(\S+)", re.IGNORECASE)
_TOKEN = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_MAX_HEADER = 8192
_BAD_HEADER = f"Заголовок Authorization должен иметь вид: Bearer <токен>, не длиннее {_MAX_HEADER} символов"
_NO_TOKEN = (
    "После Bearer стоит не токен: ожидаются три части через точку, как в ответе POST /v1/users/login, "
    f"или ключ API, который начинается с {KEY_PREFIX}"
)
_NO_KEY = f"Заголовок X-API-Key должен содержать ключ API, который начинается с {KEY_PREFIX}"
_BOTH = "Передайте что-то одно: Authorization или X-API-Key"


def actor_by_claims(claims: Claims) -> Actor:
    """The actor as the token describes it, without asking whether the account is still the same."""
    return Actor(claims.user_id, str(claims.sub), claims.name, claims.email, tuple(claims.roles))


def no_keys(_key: str) -> Actor:
    """Where there are no API keys, none is good."""
    raise bad_credentials("Ключи API здесь не принимаются")


@dataclass(frozen=True)
class Access:
    """What the edge asks of the packages above: `account` gives the actor of a good token, `api_key` that of a good
    key, or they raise Unauthorized; `roles` has, for `GET /users/{user_id}` and every other endpoint, the roles that
    may call it. Without a table, everybody may.
    """

    account: Callable[[Claims], Actor] = actor_by_claims
    roles: Mapping[str, frozenset[str]] | None = None
    api_key: Callable[[str], Actor] = no_keys

    def check(self, actor: Actor, endpoint: str) -> None:
        """Forbidden when none of the actor's roles may call the endpoint; one that has no row is for nobody."""
        if self.roles is not None and self.roles.get(endpoint, frozenset()).isdisjoint(actor.roles):
            raise Forbidden


def authenticate(request: Request, access: Access, *, public: bool = False) -> Actor:
    """The actor of a request by its headers; 401 when what is sent is bad, or missing where needed."""
    authorization, key = request.header("authorization"), request.header("x-api-key")
    if authorization is not None and key is not None:
        raise bad_credentials(_BOTH, error="invalid_request")
    if authorization is not None:
        return _by_authorization(authorization, access)
    if key is not None:
        return _by_key(key.strip(), access)
    if settings().is_open:
        return ADMINISTRATOR
    if public:
        return ANONYMOUS
    raise Unauthorized(headers={"WWW-Authenticate": "Bearer"})


def _by_authorization(authorization: str, access: Access) -> Actor:
    found = _BEARER.fullmatch(authorization.strip()) if len(authorization) <= _MAX_HEADER else None
    if not found:
        raise bad_credentials(_BAD_HEADER, error="invalid_request")
    if found[1].startswith(KEY_PREFIX):
        return access.api_key(found[1])
    if not _TOKEN.fullmatch(found[1]):
        raise bad_credentials(_NO_TOKEN)
    from chalicelib.core.claims import claims_of  # with PyJWT and pydantic, for who carries a token

    return access.account(claims_of(found[1]))


def _by_key(key: str, access: Access) -> Actor:
    if not key.startswith(KEY_PREFIX) or len(key) > _MAX_HEADER:
        raise bad_credentials(_NO_KEY, error="invalid_request")
    return access.api_key(key)
