"""Use cases of accounts: registration, login, passwords.

Neither the response nor the duration of a login shows whether an email is known: without an account the password is
compared with a hash that belongs to no account.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from chalicelib.core import clock, pauses, rate
from chalicelib.core.auth import Actor
from chalicelib.core.request import Request
from chalicelib.core.settings import settings
from chalicelib.core.transactions import optimistic, transaction
from chalicelib.users import links, model, passwords, service, store, tokens
from chalicelib.users.schemas import (
    Credentials,
    NewPassword,
    PasswordChange,
    PasswordReset,
    Registration,
    SignedIn,
    UserView,
)
from chalicelib.users.store import UserItem

MAX_ATTEMPTS, ATTEMPTS_WINDOW = 10, timedelta(seconds=60)


def admit(request: Request) -> None:
    """Count a registration or login of a client; RateLimited after 10 of both together in a minute."""
    rate.check(f"accounts#{rate.network(request.client_ip)}", most=MAX_ATTEMPTS, within=ATTEMPTS_WINDOW)


def admit_registration(request: Request) -> None:
    """Count a registration of a client; RegistrationClosed where the deployment allows none."""
    if settings().registration != "open":
        raise model.RegistrationClosed
    admit(request)


def register(*, body: Registration) -> UserView:
    """Create a user with the role `user`; Conflict EMAIL_EXISTS when the email is taken."""
    return service.view(service.create(body.name, body.email, password_hash=passwords.hashed(body.password)))


def login(*, body: Credentials) -> SignedIn:
    """Return a token for an email and its password; RateLimited in the pauses after wrong ones, see core/pauses.py."""
    email = body.email.strip()
    pauses.count_guess(model.login_guesses(email))
    item = store.find_by_email(email)
    if not passwords.matches(body.password, item.password_hash if item else None) or item is None:
        raise model.wrong_credentials()
    pauses.reset(model.login_guesses(email))
    if passwords.is_outdated(str(item.password_hash)):
        store.replace_hash(item, passwords.hashed(body.password))
    return _signed_in(item)


def change_password(actor: Actor, *, body: PasswordChange) -> SignedIn:
    """Replace the actor's password, revoke all tokens and return a new one; RateLimited like logins, by user."""
    rate.check(f"password#{actor.uuid}", most=MAX_ATTEMPTS, within=ATTEMPTS_WINDOW)
    pauses.count_guess(model.password_guesses(actor.uuid))
    signed_in = _change_password(actor.uuid, body)
    pauses.reset(model.password_guesses(actor.uuid))
    return signed_in


@optimistic
def _change_password(user_id: str, body: PasswordChange) -> SignedIn:
    item = service.existing(user_id)
    if not passwords.matches(body.old_password, item.password_hash):
        raise model.wrong_password()
    _set(item, passwords.hashed(body.new_password))
    return _signed_in(item)


@optimistic
def reset_password(actor: Actor, *, user_id: UUID | str, body: NewPassword) -> UserView:
    """Set the password of a user without the old one, and revoke all tokens."""
    item = service.existing(user_id)
    if not item.email:
        raise model.has_no_email()
    _set(item, passwords.hashed(body.password))
    pauses.reset(model.login_guesses(item.email))
    return service.view(store.user_of(item))


def use_link(*, body: PasswordReset) -> SignedIn:
    """Set a password by a link and return a token. It confirms the address, revokes all tokens and links, and ends the
    pauses of logins.
    """
    signed_in = _use_link(body)
    pauses.reset(model.login_guesses(str(signed_in.user.email)))
    return signed_in


@optimistic
def _use_link(body: PasswordReset) -> SignedIn:
    item = links.owner_of(body.token)
    _set(item, passwords.hashed(body.password), email_confirmed=True)
    return _signed_in(item)


def _set(item: UserItem, password_hash: str, **more: Any) -> None:
    ended = int(item.token_version) + 1
    with transaction() as tx:
        store.change(tx, item, clock.now(), password_hash=password_hash, token_version=ended, **more)
        service.record(tx, "user.updated", item)


def _signed_in(item: UserItem) -> SignedIn:
    return SignedIn(token=tokens.issue(item), user=service.view(store.user_of(item)))
