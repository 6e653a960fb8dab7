"""What a token says, and whether it is ours: HS256 with a secret of Secrets Manager.

Loaded by a request that carries a token, and by whoever makes one; the edge itself starts without.
"""

import time
from functools import lru_cache
from typing import Any
from uuid import UUID

import jwt
from pydantic import BaseModel, ConfigDict, StrictInt, StrictStr, ValidationError

from chalicelib.core.aws import client
from chalicelib.core.errors import Unauthorized
from chalicelib.core.settings import settings

ALGORITHM = "HS256"
SECRET_SECONDS = 300  # a rotated secret is taken up after this time
REQUIRED = ["exp", "nbf", "iat", "iss", "sub"]


class Claims(BaseModel):
    """What a token has to say; `exp`, `nbf` and `iss` are checked by PyJWT. `ver`: the account's when it was issued."""

    model_config = ConfigDict(extra="ignore")

    sub: UUID
    user_id: StrictInt
    name: StrictStr
    email: StrictStr | None = None
    roles: list[StrictStr]
    ver: StrictInt = 0


def claims_of(token: str) -> Claims:
    """What a token says; Unauthorized when it is not ours, or not of now."""
    checked: dict[str, Any] = {"algorithms": [ALGORITHM], "issuer": settings().jwt_issuer}
    try:
        sent = jwt.decode(token, signing_secret(), **checked, options={"require": REQUIRED})
        return Claims.model_validate(sent)
    except jwt.ExpiredSignatureError:
        raise refused("Срок действия токена истек") from None
    except (jwt.PyJWTError, ValidationError, ValueError, RecursionError):
        raise refused("Недействительный токен") from None


def refused(message: str, error: str = "invalid_token") -> Unauthorized:
    """401 for a token that was sent and is not good."""
    return Unauthorized(message, headers={"WWW-Authenticate": f'Bearer error="{error}"'})


def signing_secret() -> str:
    """The secret that signs tokens, from Secrets Manager, kept for five minutes."""
    return _secret(settings().jwt_secret_arn, int(time.time() // SECRET_SECONDS))


@lru_cache(maxsize=1)
def _secret(arn: str, _period: int) -> str:
    return str(client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"])
