"""The Lambda function behind `make admin`: an administrator where there is none yet, or one more."""

from typing import Any

from pydantic import ValidationError

from chalicelib.core import clock
from chalicelib.core.errors import Conflict
from chalicelib.core.transactions import optimistic, transaction
from chalicelib.core.validation import problems_of, sentence
from chalicelib.users import model, passwords, service, store
from chalicelib.users.model import User
from chalicelib.users.schemas import AdminRequest

TAKEN = (
    "somebody has this e-mail already, and may not be the one you mean: whoever registered it knows the password. "
    "EXISTING=1 makes this account an administrator, with a new password"
)


def make(event: dict[str, Any]) -> dict[str, Any]:
    """Make a user with the role `admin`; with `existing`, give it to the one who has the e-mail.

    Without `existing` an e-mail that somebody has is refused: anybody may have registered it, and know the password.
    `event`: `email`, `password`, and perhaps `name`; with `keep_password` a password that is there stays. The answer:
    `id`, `number`, `email`, `email_confirmed`, and whether the user was `created`, was given the role (`granted`) and
    the password (`password_set`); or `{"error": "..."}`, which never repeats what was sent. A second call with
    `existing` changes nothing.
    """
    try:
        wanted = AdminRequest.model_validate(event)
    except ValidationError as error:
        return {"error": sentence(problems_of(error, "event"))}
    return _make(wanted)


@optimistic
def _make(wanted: AdminRequest) -> dict[str, Any]:
    item = store.find_by_email(wanted.email)
    if item is None:
        return _create(wanted)
    if not wanted.existing:
        return {"error": TAKEN}
    changes: dict[str, Any] = {}
    if model.ADMIN not in item.roles:
        changes["roles"] = [model.ADMIN, *item.roles]
    if not (item.password_hash and wanted.keep_password) and not passwords.matches(wanted.password, item.password_hash):
        changes |= {"password_hash": passwords.hashed(wanted.password), "token_version": int(item.token_version) + 1}
    if changes:
        with transaction() as tx:
            store.change(tx, item, clock.now(), **changes)
            service.record(tx, "user.updated", item)
    return _told(store.user_of(item)) | {"granted": "roles" in changes, "password_set": "password_hash" in changes}


def _create(wanted: AdminRequest) -> dict[str, Any]:
    name = wanted.name or wanted.email.partition("@")[0]
    try:
        made = service.create(name, wanted.email, (model.ADMIN,), passwords.hashed(wanted.password))
    except Conflict:  # by somebody else, meanwhile
        return _make(wanted)
    return _told(made) | {"created": True, "granted": True, "password_set": True}


def _told(user: User) -> dict[str, Any]:
    about = {"id": user.id, "number": user.number, "email": user.email, "email_confirmed": user.email_confirmed}
    return {**about, "created": False}
