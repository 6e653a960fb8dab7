"""The administrator of a local stack where every call needs a token: made at each start, the same one as before.

His password is made up at the first start and kept in the state folder, for this machine's eyes only.
"""

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from localstack.config import Config
from localstack.demo import Api, DemoFailed, invoke

EMAIL = "admin@shopfloor.local"
NAME = "Администратор"


@dataclass(frozen=True)
class Administrator:
    """Somebody to log in as."""

    email: str
    password: str

    def log_in(self, api_url: str) -> Api:
        """The API as this one may call it."""
        answer = Api(api_url).ask("POST", "/v1/users/login", 200, asdict(self))
        return Api(api_url, answer["data"]["token"])


def make(config: Config) -> Administrator:
    """Make the administrator, or find him as he is, through the function behind `make admin`."""
    administrator = Administrator(EMAIL, _password(config.state / "administrator.json"))
    status, told = invoke(config.aws_url, "make-admin", {**asdict(administrator), "name": NAME, "existing": True})
    if status != 200 or "created" not in json.loads(told):
        raise DemoFailed(f"the administrator was not made: {status} {told!r}")
    return administrator


def _password(file: Path) -> str:
    """The one that is kept, or a new one."""
    if file.exists():
        return str(json.loads(file.read_text())["password"])
    password = secrets.token_urlsafe(15)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as kept:
        json.dump({"email": EMAIL, "password": password}, kept)
    return password
