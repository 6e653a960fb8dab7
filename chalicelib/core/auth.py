"""Who is calling, and whether that one may: a JWT (HS256) when one is sent, the built-in administrator when none is
needed.

A token that is sent is always checked, also where none is needed. Accounts and the table of roles live above; the App
is given both as its `Access`.
"""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StrictInt, StrictStr, ValidationError

from chalicelib.core.actor import ADMINISTRATOR, ANONYMOUS, OWN_ONLY, ROLES, Actor
from chalicelib.core.aws import client
from chalicelib.core.errors import Forbidden, Unauthorized
from chalicelib.core.settings import settings

__all__ = ["ADMINISTRATOR", "ANONYMOUS", "OWN_ONLY", "ROLES", "Access", "Actor", "Claims", "authenticate"]

ALGORITHM = "HS256"
SECRET_SECONDS = 300  # a rotated secret is taken up after this time
_BEARER = re.compile(r"bearer +([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)", re.IGNORECASE)
_MAX_TOKEN = 8192


class Claims(BaseModel):
    """What a token has to say; `exp`, `nbf` and `iss` are checked by PyJWT. `ver`: the account's when it was issued."""

    model_config = ConfigDict(extra="ignore")

    sub: UUID
    user_id: StrictInt
    name: StrictStr
    email: StrictStr | None = None
    roles: list[StrictStr]
    ver: StrictInt = 0


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
    if not settings().auth_required:
        return ADMINISTRATOR
    if public:
        return ANONYMOUS
    raise Unauthorized(headers={"WWW-Authenticate": "Bearer"})


def _actor_of(authorization: str, account: Callable[[Claims], Actor]) -> Actor:
    found = _BEARER.fullmatch(authorization.strip()) if len(authorization) <= _MAX_TOKEN else None
    if not found:
        raise refused("Заголовок Authorization должен иметь вид: Bearer <токен>", error="invalid_request")
    try:
        claims = Claims.model_validate(_decode(found.group(1)))
    except ValidationError:
        raise refused("Недействительный токен") from None
    return account(claims)


def _decode(token: str) -> dict[str, Any]:
    import jwt  # 40 ms, paid only by a request that carries a token

    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            signing_secret(),
            algorithms=[ALGORITHM],
            issuer=settings().jwt_issuer,
            options={"require": ["exp", "nbf", "iat", "iss", "sub"]},
        )
    except jwt.ExpiredSignatureError:
        raise refused("Срок действия токена истек") from None
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise refused("Недействительный токен") from None
    return claims


def refused(message: str, error: str = "invalid_token") -> Unauthorized:
    """401 for a token that was sent and is not good."""
    return Unauthorized(message, headers={"WWW-Authenticate": f'Bearer error="{error}"'})


def signing_secret() -> str:
    """The secret that signs tokens, from Secrets Manager, kept for five minutes."""
    return _secret(settings().jwt_secret_arn, int(time.time() // SECRET_SECONDS))


@lru_cache(maxsize=1)
def _secret(arn: str, _period: int) -> str:
    return str(client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"])
