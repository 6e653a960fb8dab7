"""Links that set a password: the invitation of a new user, and the way back in for who forgot his password.

What a link carries is a token, made by the listener that sends it: no event, queue or log ever holds one, and the
account keeps its hash alone. It works once, for a time; whoever has it reads the mail of the address, so using one
confirms the address. All links of an account end with its password and with its address. Whether an e-mail is known
cannot be told from asking for a link: where nobody has it, the same is written about nobody.
"""

import hashlib
import hmac
import re
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chalicelib.core import clock, idempotency, ids, mail, rate
from chalicelib.core.auth import Actor
from chalicelib.core.logs import log
from chalicelib.core.request import Request
from chalicelib.core.settings import settings
from chalicelib.core.transactions import Changed, optimistic, transaction
from chalicelib.users import model, service, store
from chalicelib.users.schemas import ForgottenPassword, Told, UserView
from chalicelib.users.store import UserItem

TRIES, TRIES_WITHIN = 10, timedelta(seconds=60)  # of one client
MAX_EMAILS, EMAILS_WITHIN = 3, timedelta(hours=1)  # to one address
KEPT = 8  # links of one account: more than can be good at a time
_TOKEN = re.compile(r"[0-9a-f]{32}[A-Za-z0-9_-]{43}")


@dataclass(frozen=True)
class Kind:
    """One kind of link: the page of the console that it opens, and what its email says first."""

    page: str
    lifetime: timedelta
    subject: str
    reason: str


INVITATION = Kind(
    "invitation", timedelta(hours=24), "Приглашение в Shopfloor", "Для вас создана учетная запись в Shopfloor"
)
RESET = Kind(
    "reset", timedelta(hours=1), "Новый пароль в Shopfloor", "Запрошен новый пароль вашей учетной записи в Shopfloor"
)
# Nothing in it was written by a user, who might have somebody else's address and something to advertise.
TEXT = """{reason}: {email}

{page}Код, с которым задается пароль:

{token}

Как его задать:

curl -s {url}/v1/users/password/reset -H 'Content-Type: application/json' \\
  -d '{{"token": "{token}", "password": "<новый пароль>"}}'

Код действует один раз, до {until:%d.%m.%Y %H:%M} UTC.
Если вы этого не ждали, ничего не делайте: без кода пароль не изменится.
"""
# The token stands after `#`, which no browser sends: not to the server and its logs, not as a referrer.
PAGE = """Чтобы задать пароль, откройте страницу:

{url}/console#/link/{page}?token={token}

"""


# -- asking for one ------------------------------------------------------------------------------------------------


def admit(request: Request) -> None:
    """Count a call of a client that asks for a link or uses one; RateLimited after 10 in a minute."""
    rate.check(f"links#{rate.network(request.client_ip)}", most=TRIES, within=TRIES_WITHIN)


def invite(actor: Actor, *, user_id: UUID | str) -> UserView:
    """Send a user who has never confirmed his address an invitation (again)."""
    item = service.existing(user_id)
    if not item.email:
        raise model.has_no_email()
    if item.email_confirmed:
        raise model.is_confirmed()
    if ids.made_before():
        return service.view(store.user_of(item))
    mail.check_sender()
    _count_letter(item.email)
    with transaction() as tx:
        tx.note_made(item.uuid)
        service.invite(tx, actor, item)
    return service.view(store.user_of(item))


def forgot(*, body: ForgottenPassword) -> Told:
    """Have a link sent to an e-mail, if somebody has it. RateLimited by e-mail, whoever asks."""
    if not settings().mail_from:
        return Told(message="Почта не настроена, письма не будет: новый пароль задает администратор")
    _count_letter(body.email)
    item = store.find_by_email(body.email) or UserItem(str(uuid.uuid4()), number=0)  # nobody: read and written alike
    with transaction() as tx:
        service.record(tx, "user.password_forgotten", item)
    return Told(message="Если такой адрес известен, на него отправлено письмо с кодом; код действует один час")


def _count_letter(email: str) -> None:
    rate.check(f"letters#{email.lower()}", most=MAX_EMAILS, within=EMAILS_WITHIN)


# -- sending it ----------------------------------------------------------------------------------------------------


def send(data: dict[str, Any], kind: Kind) -> None:
    """Listener of `user.invited` and `user.password_forgotten`: makes a link and sends it, once for each event."""
    idempotency.once(f"link#{data['id']}#{data['occurred_at']}", lambda: _send(data, kind))


def _send(data: dict[str, Any], kind: Kind) -> None:
    if clock.from_text(data["occurred_at"]) + kind.lifetime < clock.now():
        log.warning("a link was asked for too long ago to be sent", extra={"user_id": data["id"]})
        return
    token, until = f"{UUID(data['id']).hex}{secrets.token_urlsafe(32)}", clock.now() + kind.lifetime
    email = _keep(data["id"], _hash(token), until)
    if email:
        mail.send(email, kind.subject, _text(kind, email, token, until))


def _text(kind: Kind, email: str, token: str, until: datetime) -> str:
    """What the email says: the page that sets the password, where that is known, and the command that does it too."""
    url = settings().public_url
    page = PAGE.format(url=url, page=kind.page, token=token) if url else ""
    command = url or "https://<адрес API>"
    return TEXT.format(reason=kind.reason, email=email, token=token, page=page, url=command, until=until)


@optimistic
def _keep(user_id: str, token_hash: str, until: datetime) -> str | None:
    """Keep a new link, and forget those that are over; returns where to send it, if anywhere."""
    item = store.find(user_id)
    if item is None or not item.email:
        return None
    now = clock.to_text(clock.now())
    good = [link for link in item.links or () if link > now]
    if not store.keep_links(item, [*good, f"{clock.to_text(until)} {token_hash}"][-KEPT:]):
        raise Changed
    return item.email


# -- using it ------------------------------------------------------------------------------------------------------


def owner_of(token: str) -> UserItem:
    """The account of a token that is good; BadResetToken."""
    item = store.find(str(UUID(token[:32]))) if _TOKEN.fullmatch(token) else None
    now, wanted = clock.to_text(clock.now()), _hash(token)
    good = (link.partition(" ")[2] for link in (item and item.links) or () if link > now)
    if item is None or not any(hmac.compare_digest(wanted, known) for known in good):
        raise model.BadResetToken
    return item


def _hash(token: str) -> str:
    """A fast one: the token has 256 bits that nobody guesses."""
    return hashlib.sha256(token.encode()).hexdigest()
