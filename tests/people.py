"""Users to act as, on moto."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from chalicelib.api_keys import service as api_keys
from chalicelib.api_keys.schemas import ApiKeyCreate
from chalicelib.core import clock
from chalicelib.core.actor import ADMINISTRATOR
from chalicelib.core.aws import client
from chalicelib.core.settings import settings
from chalicelib.core.transactions import transaction
from chalicelib.users import service, store, tokens
from chalicelib.users.service import User
from tests.production import production


def person(*roles: str, name: str = "Анна", email: str | None = None) -> User:
    """A new user with those roles (`user` when none is named)."""
    return service.create(name, email, roles or ("user",))


def signed_in(user: User) -> dict[str, str]:
    """The header with a token of that user; needs the secret, see `signing`."""
    item = store.find(user.id)
    assert item is not None
    return {"Authorization": f"Bearer {tokens.issue(item)}"}


def demote(user: User, *roles: str) -> None:
    """He has other roles from now on, `user` when none is named."""
    item = store.find(user.id)
    assert item is not None
    with transaction() as tx:
        store.change(tx, item, clock.now(), roles=list(roles or ("user",)))


def by_key(*roles: str) -> dict[str, str]:
    """The header with a new API key with those roles."""
    made = api_keys.create(ADMINISTRATOR, body=ApiKeyCreate(name="Весы", roles=list(roles)))
    return {"X-API-Key": made.key}


def signing() -> str:
    """Make the secret that signs tokens; returns its ARN, to be put into JWT_SECRET_ARN."""
    return str(client("secretsmanager").create_secret(Name=f"jwt-{uuid.uuid4()}", SecretString="s" * 64)["ARN"])


@contextmanager
def production_with_tokens(**variables: str) -> Iterator[pytest.MonkeyPatch]:
    """moto with all tables and the secret that signs tokens; `variables` are set in the environment."""
    with pytest.MonkeyPatch.context() as patch, production():
        for name, value in {"JWT_SECRET_ARN": signing(), **variables}.items():
            patch.setenv(name, value)
        settings.cache_clear()
        yield patch
    settings.cache_clear()
