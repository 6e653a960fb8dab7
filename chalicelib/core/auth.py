"""Who is calling, and whether that one may: a JWT when one is sent, the built-in administrator when none is needed.

A token that is sent is always checked, also where none is needed. Accounts and the table of roles live above; the App
is given both as its `Access`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.core.actor import ADMINISTRATOR, ANONYMOUS, OWN_ONLY, ROLES, Actor
from chalicelib.core.errors import Forbidden, Unauthorized
from chalicelib.core.settings import settings

if TYPE_CHECKING:
    from chalicelib.core.claims import Claims

__all__ = ["ADMINISTRATOR", "ANONYMOUS", "OWN_ONLY", "ROLES", "Access", "Actor", "authenticate"]

_BEARER = re.compile(r"bearer +(\S+)", re.IGNORECASE)
_TOKEN = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_MAX_HEADER = 8192
_BAD_HEADER = f"Заголовок Authorization должен иметь вид: Bearer <токен>, не длиннее {_MAX_HEADER} символов"
_NO_TOKEN = "После Bearer стоит не токен: ожидаются три части через точку, как в ответе POST /v1/users/login"


def actor_by_claims(claims: Claims) -> Actor:
    """The actor as the token describes it, without asking whether the account is still the same."""
    return Actor(claims.user_id, str(claims.sub), claims.name, claims.email, tuple(claims.roles))


@dataclass(frozen=True)
class Access:
    """What the edge asks of the packages above: `account` gives the actor of a good token, or raises Unauthorized;
    `roles` has, for `GET /users/{user_id}` and every other endpoint, the roles that may call it. Without a table,
    everybody may.
    """

    account: Callable[[Claims], Actor] = actor_by_claims
    roles: Mapping[str, frozenset[str]] | None = None

    def check(self, actor: Actor, endpoint: str) -> None:
        """Forbidden when none of the actor's roles may call the endpoint; one that has no row is for nobody."""
        if self.roles is not None and self.roles.get(endpoint, frozenset()).isdisjoint(actor.roles):
            raise Forbidden


def authenticate(authorization: str | None, account: Callable[[Claims], Actor], *, public: bool = False) -> Actor:
    """The actor of a request by its Authorization header; 401 when the token is bad, or missing where needed."""
    if authorization is not None:
        return _actor_of(authorization, account)
    if settings().is_open:
        return ADMINISTRATOR
    if public:
        return ANONYMOUS
    raise Unauthorized(headers={"WWW-Authenticate": "Bearer"})


def _actor_of(authorization: str, account: Callable[[Claims], Actor]) -> Actor:
    from chalicelib.core.claims import claims_of, refused  # with PyJWT and pydantic, for who carries a token

    found = _BEARER.fullmatch(authorization.strip()) if len(authorization) <= _MAX_HEADER else None
    if not found:
        raise refused(_BAD_HEADER, error="invalid_request")
    if not _TOKEN.fullmatch(found[1]):
        raise refused(_NO_TOKEN)
    return account(claims_of(found[1]))
