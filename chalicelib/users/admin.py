"""The Lambda function of `make admin`, which creates an administrator."""

from typing import Any

from pydantic import ValidationError

from chalicelib.core import clock
from chalicelib.core.errors import Conflict
from chalicelib.core.transactions import optimistic, transaction
from chalicelib.core.validation import problems_of, sentence
from chalicelib.users import model, passwords, service, store
from chalicelib.users.model import User
from chalicelib.users.schemas import AdminRequest

EMAIL_TAKEN = (
    "an account with this email exists, and another person may have registered it and know its password. "
    "EXISTING=1 makes this account an administrator, with a new password"
)


def make(event: dict[str, Any]) -> dict[str, Any]:
    """Create a user with the role `admin`; with `existing`, give the role to the account that has the email.

    Without `existing` a taken email is an error: another person may have registered it and know its password.

    `event`: `email`, `password`, optional `name`; `keep_password` keeps the password of an existing account.
    Returns `id`, `number`, `email`, `email_confirmed`, and the flags `created`, `granted` (the role) and
    `password_set`; or `{"error": "..."}`, which never repeats the input. A second call with `existing` changes nothing.
    """
    try:
        request = AdminRequest.model_validate(event)
    except ValidationError as error:
        return {"error": sentence(problems_of(error, "event"))}
    return _make(request)


@optimistic
def _make(request: AdminRequest) -> dict[str, Any]:
    item = store.find_by_email(request.email)
    if item is None:
        return _create(request)
    if not request.existing:
        return {"error": EMAIL_TAKEN}
    changes: dict[str, Any] = {}
    if model.ADMIN not in item.roles:
        changes["roles"] = [model.ADMIN, *item.roles]
    if not (item.password_hash and request.keep_password) and not passwords.matches(
        request.password, item.password_hash
    ):
        changes |= {"password_hash": passwords.hashed(request.password), "token_version": int(item.token_version) + 1}
    if changes:
        with transaction() as tx:
            store.change(tx, item, clock.now(), **changes)
            service.record(tx, "user.updated", item)
    return _summary(store.user_of(item)) | {"granted": "roles" in changes, "password_set": "password_hash" in changes}


def _create(request: AdminRequest) -> dict[str, Any]:
    name = request.name or request.email.partition("@")[0]
    try:
        made = service.create(name, request.email, (model.ADMIN,), passwords.hashed(request.password))
    except Conflict:  # created by another request meanwhile
        return _make(request)
    return _summary(made) | {"created": True, "granted": True, "password_set": True}


def _summary(user: User) -> dict[str, Any]:
    about = {"id": user.id, "number": user.number, "email": user.email, "email_confirmed": user.email_confirmed}
    return {**about, "created": False}
