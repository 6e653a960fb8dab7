"""The administrator of a local stack where every call needs a token: created at the first start.

The password is generated then and kept in the state folder, readable by the user of this machine only.
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
    """The login of an administrator."""

    email: str
    password: str

    def log_in(self, api_url: str) -> Api:
        """Log in; return a client of the API with the token."""
        return Api(api_url).log_in(self.email, self.password)


def make(config: Config) -> Administrator:
    """Create the administrator, if there is none, by the function behind `make admin`."""
    administrator = Administrator(EMAIL, _password(config.state / "administrator.json", EMAIL))
    status, result = invoke(config.aws_url, "make-admin", {**asdict(administrator), "name": NAME, "existing": True})
    if status != 200 or "created" not in json.loads(result):
        raise ApiFailed(f"the administrator was not made: {status} {result!r}")
    return administrator


def password_of_people(config: Config) -> str:
    """Return the password of all users of the demo."""
    return _password(config.state / "people.json", "*")


def _password(file: Path, email: str) -> str:
    """Return the stored password, or store a new one."""
    if file.exists():
        return str(json.loads(file.read_text())["password"])
    password = secrets.token_urlsafe(15)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stored:
        json.dump({"email": email, "password": password}, stored)
    return password
