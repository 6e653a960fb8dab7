"""Links that set a password: invitations of new users, and resets of forgotten passwords.

A link carries a token that its listener makes just before it sends the email: no event, queue or log holds a token, and
the account stores only its hash. A token works once and expires. Only a reader of the mailbox has it, so its use
confirms the address. A change of password or address invalidates all links of an account. A request for a link does not
show whether an email is known: for an unknown one the same reads and writes are made for a random id.
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

from chalicelib.core import clock, idempotency, ids, mail, rate, texts
from chalicelib.core.auth import Actor
from chalicelib.core.logs import log
from chalicelib.core.request import Request
from chalicelib.core.settings import settings
from chalicelib.core.texts import text
from chalicelib.core.transactions import Changed, optimistic, transaction
from chalicelib.users import model, service, store
from chalicelib.users.schemas import ForgottenPassword, Message, UserView
from chalicelib.users.store import UserItem

MAX_ATTEMPTS, ATTEMPTS_WINDOW = 10, timedelta(seconds=60)  # of one client
MAX_EMAILS, EMAILS_WINDOW = 3, timedelta(hours=1)  # to one address
MAX_LINKS = 8  # of one account, more than can be valid at a time
_TOKEN = re.compile(r"[0-9a-f]{32}[A-Za-z0-9_-]{43}")


@dataclass(frozen=True)
class Kind:
    """A kind of link: the page of the console that it opens, and the subject and first sentence of its email."""

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
# It has no text of a user, who could send advertisements to addresses of others.
TEXT = """{reason}: {email}

{page}Код, с которым задается пароль:

{token}

Как его задать:

curl -s {url}/v1/users/password/reset -H 'Content-Type: application/json' \\
  -d '{{"token": "{token}", "password": "<новый пароль>"}}'

Код действует один раз, до {until:%d.%m.%Y %H:%M} UTC.
Если вы этого не ждали, ничего не делайте: без кода пароль не изменится.
"""
# The token stands after `#`: browsers send that part neither to the server nor as a referrer.
PAGE = """Чтобы задать пароль, откройте страницу:

{url}/console#/link/{page}?token={token}

"""


# -- requests for links --------------------------------------------------------------------------------------------


def admit(request: Request) -> None:
    """Count a request of a client for a link, or with one; RateLimited after 10 in a minute."""
    rate.check(f"links#{rate.network(request.client_ip)}", most=MAX_ATTEMPTS, within=ATTEMPTS_WINDOW)


def invite(actor: Actor, *, user_id: UUID | str) -> UserView:
    """Send an invitation to a user whose address is not confirmed."""
    item = service.existing(user_id)
    if ids.made_before():
        return service.view(store.user_of(item))
    if not item.email:
        raise model.has_no_email()
    if item.email_confirmed:
        raise model.is_confirmed()
    mail.required_sender()
    _count_email(item.email)
    with transaction() as tx:
        tx.note_made(item.uuid)
        service.invite(tx, actor, item)
    return service.view(store.user_of(item))


def forgot(*, body: ForgottenPassword) -> Message:
    """Send a link to an email if an account has it; RateLimited by email."""
    if not settings().mail_from:
        return Message(message=text("Почта не настроена, письма не будет: новый пароль задает администратор"))
    _count_email(body.email)
    item = store.find_by_email(body.email) or UserItem(str(uuid.uuid4()), number=0)  # no account: the same work
    with transaction() as tx:
        service.record(tx, "user.password_forgotten", item, language=texts.current())
    return Message(message=text("Если такой адрес известен, на него отправлено письмо с кодом; код действует один час"))


def _count_email(email: str) -> None:
    rate.check(f"letters#{email.lower()}", most=MAX_EMAILS, within=EMAILS_WINDOW)


# -- sending -------------------------------------------------------------------------------------------------------


def send(data: dict[str, Any], kind: Kind) -> None:
    """Make a link and send it, once for each event. Listens to `user.invited` and `user.password_forgotten`."""
    idempotency.once(f"link#{data['id']}#{data['occurred_at']}", lambda: _send(data, kind))


def _send(data: dict[str, Any], kind: Kind) -> None:
    if clock.from_text(data["occurred_at"]) + kind.lifetime < clock.now():
        log.warning("a link is not sent: its request is older than its lifetime", extra={"user_id": data["id"]})
        return
    token, until = f"{UUID(data['id']).hex}{secrets.token_urlsafe(32)}", clock.now() + kind.lifetime
    email = _store(data["id"], _hash(token), until)
    if email:
        with texts.language(data.get("language")):
            mail.send(email, text(kind.subject), _text(kind, email, token, until))


def _text(kind: Kind, email: str, token: str, until: datetime) -> str:
    """Return the text of the email: the page that sets the password, where its address is known, and a command."""
    url = settings().public_url
    page = text(PAGE, url=url, page=kind.page, token=token) if url else ""
    command = url or text("https://<адрес API>")
    return text(TEXT, reason=text(kind.reason), email=email, token=token, page=page, url=command, until=until)


@optimistic
def _store(user_id: str, token_hash: str, until: datetime) -> str | None:
    """Store a new link and remove expired ones; return the address to send it to, None without one."""
    item = store.find(user_id)
    if item is None or not item.email:
        return None
    now = clock.to_text(clock.now())
    valid = [link for link in item.links or () if link > now]
    if not store.set_links(item, [*valid, f"{clock.to_text(until)} {token_hash}"][-MAX_LINKS:]):
        raise Changed
    return item.email


# -- use of a link -------------------------------------------------------------------------------------------------


def owner_of(token: str) -> UserItem:
    """Return the account of a valid token; BadResetToken."""
    item = store.find(str(UUID(token[:32]))) if _TOKEN.fullmatch(token) else None
    now, token_hash = clock.to_text(clock.now()), _hash(token)
    valid = (link.partition(" ")[2] for link in (item and item.links) or () if link > now)
    if item is None or not any(hmac.compare_digest(token_hash, known) for known in valid):
        raise model.BadResetToken
    return item


def _hash(token: str) -> str:
    """Return the hash of a token. A fast hash is enough: a token has 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()
