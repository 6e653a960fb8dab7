"""Tokens: issued at login, and whose they are when they come back.

A token lives 24 hours, or until its account is deleted or has its password changed: every request with a token reads
the account, so its roles are those of now.
"""

import uuid
from datetime import timedelta

import jwt

from chalicelib.core import clock, signing_keys
from chalicelib.core.auth import Actor
from chalicelib.core.claims import ALGORITHM, Claims
from chalicelib.core.errors import bad_credentials
from chalicelib.core.settings import settings
from chalicelib.users import store
from chalicelib.users.store import UserItem

LIFETIME = timedelta(seconds=signing_keys.TOKEN_SECONDS)


def issue(item: UserItem) -> str:
    """A token of the account."""
    at, key = clock.now(), signing_keys.signing()
    claims = {
        "sub": item.uuid,
        "user_id": int(item.number),
        "name": item.name,
        "email": item.email,
        "roles": list(item.roles),
        "ver": int(item.token_version),
        "iat": at,
        "nbf": at,
        "exp": at + LIFETIME,
        "iss": settings().jwt_issuer,
        "jti": str(uuid.uuid4()),
    }
    return jwt.encode(claims, key.key, algorithm=ALGORITHM, headers={"kid": key.kid})


def account(claims: Claims) -> Actor:
    """The actor of a good token; Unauthorized when its account is gone or has ended its tokens."""
    item = store.find(str(claims.sub))
    if item is None:
        raise bad_credentials("Учетная запись этого токена удалена")
    if int(item.token_version) != claims.ver:
        raise bad_credentials("Токен отозван сменой пароля или ролей: войдите снова")
    return store.user_of(item).actor()
