"""Rules of webhooks: limits, what the result of an attempt means, pauses between attempts."""

import math
import uuid
from datetime import timedelta
from typing import Literal

from chalicelib.core.errors import Conflict, NotFound
from chalicelib.core.retries import WEBHOOK_DELIVERY, WEBHOOK_POSTPONEMENT
from chalicelib.core.texts import text

MAX_SUBSCRIPTIONS = 100
MAX_FAILURES_IN_ROW = 40  # attempts; then the subscription is disabled
RETENTION = timedelta(days=30)
KEY_OVERLAP = timedelta(hours=24)  # after a rotation both keys sign
LEASE = timedelta(seconds=45)  # longer than the longest attempt
MAX_TRIAL_CALLS = 2  # under way to an unproven host
MAX_LOG_LENGTH = 100  # attempts
NAMESPACE = uuid.UUID("7c1b7b52-7a0f-5ac5-8a39-2f4c1b1a4f5e")

GONE = "Получатель ответил 410: подписка отключена"
TOO_MANY_FAILURES = "{limit} неудачных попыток подряд: подписка отключена"
DELETED = "Подписка удалена"
INACTIVE = "Подписка отключена"
POSTPONED = "Адрес получателя не отвечает: попытка отложена и не засчитана"

Status = Literal["pending", "success", "failed"]
Verdict = Literal["success", "again", "failed", "gone"]


def not_found() -> NotFound:
    """Return the error for a subscription that does not exist."""
    return NotFound("Подписка не найдена")


def delivery_not_found() -> NotFound:
    """Return the error for a delivery that does not exist, or is of another subscription."""
    return NotFound("Доставка не найдена")


def too_many() -> Conflict:
    """Return the error for one subscription too many."""
    return Conflict(text("Подписок не может быть больше {limit}", limit=MAX_SUBSCRIPTIONS))


def inactive() -> Conflict:
    """Return the error for sending to a disabled subscription."""
    return Conflict("Подписка отключена; включите ее: PATCH is_active=true")


def still_pending() -> Conflict:
    """Return the error for sending a pending delivery again."""
    return Conflict("Доставка еще не завершена")


def delivery_id(event_id: str, subscription_id: str) -> str:
    """Return the id of the delivery of an event to a subscription: always the same."""
    return str(uuid.uuid5(NAMESPACE, f"{event_id}/{subscription_id}"))


def verdict(status: int | None, tries: int, retry_count: int) -> Verdict:
    """Return what the result of attempt number `tries` means; `status` None: there was no response."""
    if status is not None and 200 <= status < 300:
        return "success"
    if status == 410:
        return "gone"
    return "again" if tries <= retry_count else "failed"


def success_rate(delivered: int, failed: int) -> float | None:
    """Return the percentage of successful ones, to one decimal and rounded down, so 100 means all."""
    return delivered * 1_000 // (delivered + failed) / 10 if delivered + failed else None


def refusal(status: int) -> str:
    """Return the error text of a response that is no success."""
    if 300 <= status < 400:
        return text("Получатель ответил {status}: перенаправления не выполняются", status=status)
    return text("Получатель ответил {status}", status=status)


def pause_seconds(tries: int, jitter: float, retry_after: float = 0.0) -> int:
    """Return the whole seconds, the unit of SQS delays, until the next attempt after attempt number `tries`.

    `retry_after`: what the receiver asks for. It makes a pause longer, up to the longest one.
    """
    asked = min(math.ceil(retry_after), int(WEBHOOK_DELIVERY.max_seconds))
    return max(1, asked, round(WEBHOOK_DELIVERY.backoff(tries, jitter)))


def postponement_seconds(retry_after: float, times: int, jitter: float) -> int:
    """Return the seconds until a delivery is tried again that an open breaker has refused `times` times in a row.

    One probe at a time shows whether the endpoint works again, so the other deliveries may wait longer each time.
    """
    seconds = min(WEBHOOK_POSTPONEMENT.max_seconds, retry_after + WEBHOOK_POSTPONEMENT.backoff(times, jitter))
    return max(1, math.ceil(seconds))
