"""The administrator of a local stack where every call needs a token: made at each start, the same one as before.

His password is made up at the first start and kept in the state folder, for this machine's eyes only.
"""

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from localstack.client import Api, ApiFailed, invoke
from localstack.config import Config

EMAIL = "admin@shopfloor.local"
NAME = "Администратор"


@dataclass(frozen=True)
class Administrator:
    """Somebody to log in as."""

    email: str
    password: str

    def log_in(self, api_url: str) -> Api:
        """The API as this one may call it."""
        return Api(api_url).log_in(self.email, self.password)


def make(config: Config) -> Administrator:
    """Make the administrator, or find him as he is, through the function behind `make admin`."""
    administrator = Administrator(EMAIL, _password(config.state / "administrator.json", EMAIL))
    status, told = invoke(config.aws_url, "make-admin", {**asdict(administrator), "name": NAME, "existing": True})
    if status != 200 or "created" not in json.loads(told):
        raise ApiFailed(f"the administrator was not made: {status} {told!r}")
    return administrator


def password_of_people(config: Config) -> str:
    """The password that all the people of the demo have."""
    return _password(config.state / "people.json", "*")


def _password(file: Path, email: str) -> str:
    """The one that is kept, or a new one."""
    if file.exists():
        return str(json.loads(file.read_text())["password"])
    password = secrets.token_urlsafe(15)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as kept:
        json.dump({"email": email, "password": password}, kept)
    return password
