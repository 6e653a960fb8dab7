"""Tokens: issued at login, and whose they are when they come back.

A token lives 24 hours, or until its account is deleted or has its password changed: every request with a token reads
the account, so its roles are those of now.
"""

import uuid
from datetime import timedelta

import jwt

from chalicelib.core import clock
from chalicelib.core.auth import Actor
from chalicelib.core.claims import ALGORITHM, Claims, refused, signing_secret
from chalicelib.core.settings import settings
from chalicelib.users import store
from chalicelib.users.store import UserItem

LIFETIME = timedelta(hours=24)


def issue(item: UserItem) -> str:
    """A token of the account."""
    at = clock.now()
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
    return jwt.encode(claims, signing_secret(), algorithm=ALGORITHM)


def account(claims: Claims) -> Actor:
    """The actor of a good token; Unauthorized when its account is gone or has ended its tokens."""
    item = store.find(str(claims.sub))
    if item is None or int(item.token_version) != claims.ver:
        raise refused("Токен отозван: войдите снова")
    return store.user_of(item).actor()
