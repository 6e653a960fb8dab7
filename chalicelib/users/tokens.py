"""Tokens: issued at login, and checked against the account.

A token is valid for 24 hours, or until its account is deleted or its password changed: every request with a token reads
the account, so the roles are the current ones.
"""

import uuid
from datetime import timedelta

import jwt

from chalicelib.core import clock, signing_keys
from chalicelib.core.auth import Actor
from chalicelib.core.errors import bad_credentials
from chalicelib.core.settings import settings
from chalicelib.core.token_claims import ALGORITHM, Claims
from chalicelib.users import store
from chalicelib.users.store import UserItem

LIFETIME = timedelta(seconds=signing_keys.TOKEN_SECONDS)


def issue(item: UserItem) -> str:
    """Return a new token of an account."""
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
    """Return the actor of valid claims; Unauthorized when the account is deleted or has revoked its tokens."""
    item = store.find(str(claims.sub))
    if item is None:
        raise bad_credentials("Учетная запись этого токена удалена")
    if int(item.token_version) != claims.ver:
        raise bad_credentials("Токен отозван сменой пароля или ролей: войдите снова")
    return store.user_of(item).actor()
