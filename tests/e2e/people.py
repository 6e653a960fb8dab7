"""People on a deployed stack: made through the API, signed in with the secret that its template generated.

So nobody logs in for real and no test takes calls from another's minute; who wants to, calls `from_address`.
"""

import json
import re
import time
import uuid
from email import message_from_bytes, policy
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import jwt
import requests

from chalicelib.core.signing_keys import KeyRing, SigningKey
from tests.e2e.stack import Stack
from tests.waiting import wait_for

Person = dict[str, Any]
_numbers = count(1)


class _From(requests.adapters.HTTPAdapter):
    """Connections from one address of this machine."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **settings: Any) -> None:
        super().init_poolmanager(*arguments, source_address=(self._address, 0), **settings)


def from_address(stack: Stack, address: str, path: str, body: Any) -> requests.Response:
    """A POST by a client of its own: any 127.x.y.z."""
    with requests.Session() as session:
        session.mount("http://", _From(address))
        return session.post(stack.url + path, json=body, timeout=35)


def administrator(stack: Stack) -> dict[str, str]:
    """The header of the administrator that the launcher of a locked stack has made."""
    known = json.loads((stack.state / "administrator.json").read_text())
    return {"Authorization": f"Bearer {_token(stack.url, known['email'], known['password'])}"}


@cache
def _token(url: str, email: str, password: str) -> str:
    answer = requests.post(f"{url}/v1/users/login", json={"email": email, "password": password}, timeout=35)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["data"]["token"])


def person(stack: Stack, *roles: str, **fields: Any) -> Person:
    """A new user with those roles (`user` when none is named) and an email address."""
    locked = (stack.state / "administrator.json").exists()
    body = {"email": f"p{next(_numbers)}-{uuid.uuid4().hex[:8]}@example.com", "name": "Анна", **fields}
    body |= {"roles": list(roles)} if roles else {}
    answer = stack.call("POST", "/users", json=body, headers=administrator(stack) if locked else {})
    assert answer.status_code == 201, answer.text
    made: Person = answer.json()["data"]
    return made


def signed_in(stack: Stack, who: Person, key: SigningKey | None = None, **changes: Any) -> dict[str, str]:
    """The header with a good token of a person, but for what is changed in it; signed with the key that signs now, or
    with the one that is given.
    """
    now = int(time.time())
    key = key or signing_keys(stack).signing(now)
    claims = {"sub": who["id"], "user_id": who["number"], "name": who["name"], "email": who["email"]}
    claims |= {"roles": who["roles"], "ver": 0, "iat": now, "nbf": now, "exp": now + 600, "iss": "shopfloor"}
    token = jwt.encode({**claims, "jti": str(uuid.uuid4()), **changes}, key.key, "HS256", headers={"kid": key.kid})
    return {"Authorization": f"Bearer {token}"}


def signing_keys(stack: Stack) -> KeyRing:
    """The keys of the tokens, as a user with the right to read them finds them."""
    arn = stack.environment("api")["JWT_SECRET_ARN"]
    return KeyRing.parse(stack.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"])


def mailed(stack: Stack, email: str) -> str:
    """The token in the email to an address, once it is in the mailbox of the local stack."""

    def emails() -> list[Path]:
        return sorted((stack.state / "mail").glob(f"* {email}.eml"))

    message = message_from_bytes(wait_for(emails, 30)[-1].read_bytes(), policy=policy.default)
    body = message.get_body()
    assert body is not None
    assert f"curl -s {stack.url}/v1/users/password/reset" in body.get_content()
    (token,) = set(re.findall(r"[0-9a-f]{32}[\w-]{43}", body.get_content()))
    assert re.search(rf"^{stack.url}/console#/link/(invitation|reset)\?token={token}\r?$", body.get_content(), re.M)
    return str(token)
