"""Emails about subscriptions that were disabled because of their failures."""

from typing import Any

from chalicelib.core import logs, mail, texts
from chalicelib.core.settings import settings
from chalicelib.core.texts import text
from chalicelib.webhooks import store

SUBJECT = "Подписка на вебхук отключена"
TEXT = """Подписка {uuid} отключена.

Адрес: {url}
События: {events}
Причина: {reason}

Устраните причину и включите подписку снова: PATCH /api/webhooks/{uuid} {{"is_active": true}}.
Недоставленное можно отправить повторно: POST /api/webhooks/{uuid}/redeliver {{"since": "..."}}.
"""


def disabled(data: dict[str, Any]) -> None:
    """Listener of `webhook.disabled`: send one email to the `notify_email` of the subscription.

    While the circuit of emails is open, the event is delivered again. A deployment without a sender logs an error.
    """
    item = store.find(data["subscription_id"])
    if item is None or not item.notify_email or item.disabled_at in (None, item.notified_at):
        return
    if not settings().mail_from:
        logs.log.error("no email about a disabled webhook: MailFrom is not set", extra={"webhook": item.uuid})
        return
    with texts.language(item.language):
        about = {"uuid": item.uuid, "url": item.url, "events": ", ".join(item.events), "reason": data["reason"]}
        mail.send(item.notify_email, text(SUBJECT), text(TEXT, **about))
    store.mark_notified(item)
