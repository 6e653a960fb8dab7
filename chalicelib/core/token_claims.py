"""The claims of a token, and their verification: HS256 with one of the keys of signing_keys.py.

A refusal names its reason. Reasons about the fields are given only for a token with a valid signature.

This module is imported with the first token; the edge starts without it.
"""

from contextlib import suppress
from typing import Any
from uuid import UUID

import jwt
from pydantic import BaseModel, ConfigDict, StrictInt, StrictStr, ValidationError

from chalicelib.core import signing_keys
from chalicelib.core.errors import bad_credentials
from chalicelib.core.settings import settings
from chalicelib.core.texts import text

ALGORITHM = "HS256"
REQUIRED = ["exp", "nbf", "iat", "iss", "sub"]
DAMAGED = "Токен поврежден: это не JWT"
INCOMPLETE = "В токене нет обязательных полей, или их значения неверны"
REASONS: dict[type[Exception], str] = {  # the first that matches applies
    jwt.ExpiredSignatureError: "Срок действия токена истек: войдите снова",
    jwt.ImmatureSignatureError: "Токен еще не действует",
    jwt.InvalidSignatureError: "Подпись токена неверна: токен изменен, выдан не этим сервисом или его ключ отозван",
    jwt.InvalidAlgorithmError: "Токен подписан другим алгоритмом, принимается {algorithm}",
    jwt.InvalidIssuerError: "Токен выдан другим сервисом",
    jwt.InvalidAudienceError: "Токен выдан для другого сервиса",
    jwt.DecodeError: DAMAGED,
    jwt.InvalidTokenError: INCOMPLETE,
    ValidationError: INCOMPLETE,
}


class Claims(BaseModel):
    """The fields that a token must have; PyJWT checks `exp`, `nbf` and `iss`. `ver`: the version of the account at its
    issue.
    """

    model_config = ConfigDict(extra="ignore")

    sub: UUID
    user_id: StrictInt
    name: StrictStr
    email: StrictStr | None = None
    roles: list[StrictStr]
    ver: StrictInt = 0


def claims_of(token: str) -> Claims:
    """Return the claims of a token; Unauthorized when its signature is not ours or it is not valid now."""
    try:
        return Claims.model_validate(_verified(token))
    except (jwt.PyJWTError, ValidationError, ValueError, RecursionError) as error:
        reason = next((reason for kind, reason in REASONS.items() if isinstance(error, kind)), DAMAGED)
        raise bad_credentials(text(reason, algorithm=ALGORITHM)) from None


def _verified(token: str) -> dict[str, Any]:
    checked: dict[str, Any] = {"algorithms": [ALGORITHM], "issuer": settings().jwt_issuer}
    for key in signing_keys.verifying(jwt.get_unverified_header(token).get("kid")):
        with suppress(jwt.InvalidSignatureError):
            return jwt.decode(token, key.key, **checked, options={"require": REQUIRED})
    raise jwt.InvalidSignatureError
