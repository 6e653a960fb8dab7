"""Rules of webhooks: what may be subscribed, when an attempt is made again, when we give up."""

import math
import uuid
from datetime import timedelta
from typing import Literal

from chalicelib.core.errors import Conflict, NotFound
from chalicelib.core.retries import WEBHOOK_DELIVERY, WEBHOOK_POSTPONEMENT

MAX_SUBSCRIPTIONS = 100
MAX_FAILURES_IN_ROW = 40  # failed attempts in a row
RETENTION = timedelta(days=30)
KEY_OVERLAP = timedelta(hours=24)  # how long the key before is signed with as well
LEASE = timedelta(seconds=45)  # longer than the longest attempt; a deliverer that dies lets go after it
MAX_TRIAL_CALLS = 2  # under way to an unproven host
MAX_LOG_LENGTH = 100  # attempts that a delivery remembers
NAMESPACE = uuid.UUID("7c1b7b52-7a0f-5ac5-8a39-2f4c1b1a4f5e")

GONE = "Получатель ответил 410: подписка отключена"
TOO_MANY_FAILURES = f"{MAX_FAILURES_IN_ROW} неудачных попыток подряд: подписка отключена"
DELETED = "Подписка удалена"
INACTIVE = "Подписка отключена"
POSTPONED = "Адрес получателя не отвечает: попытка отложена и не засчитана"

Status = Literal["pending", "success", "failed"]
Verdict = Literal["success", "again", "failed", "gone"]


def not_found() -> NotFound:
    """No subscription with that id."""
    return NotFound("Подписка не найдена")


def delivery_not_found() -> NotFound:
    """No delivery with that id, or of another subscription."""
    return NotFound("Доставка не найдена")


def too_many() -> Conflict:
    """There are as many subscriptions as there may be."""
    return Conflict(f"Подписок не может быть больше {MAX_SUBSCRIPTIONS}")


def inactive() -> Conflict:
    """Nothing is sent to a subscription that is switched off."""
    return Conflict("Подписка отключена; включите ее: PATCH is_active=true")


def still_pending() -> Conflict:
    """It is on its way already."""
    return Conflict("Доставка еще не завершена")


def delivery_id(event_id: str, subscription_id: str) -> str:
    """The id of the delivery of an event to a subscription, however often it is made."""
    return str(uuid.uuid5(NAMESPACE, f"{event_id}/{subscription_id}"))


def verdict(status: int | None, tries: int, retry_count: int) -> Verdict:
    """What an attempt means, the last of `tries`; `status` None: there was no answer."""
    if status is not None and 200 <= status < 300:
        return "success"
    if status == 410:
        return "gone"
    return "again" if tries <= retry_count else "failed"


def success_rate(delivered: int, failed: int) -> float | None:
    """Percent of the deliveries that have ended, to one decimal and rounded down: 100 means all of them."""
    return delivered * 1_000 // (delivered + failed) / 10 if delivered + failed else None


def refusal(status: int) -> str:
    """Why an answer is no success."""
    if 300 <= status < 400:
        return f"Получатель ответил {status}: перенаправления не выполняются"
    return f"Получатель ответил {status}"


def pause_seconds(tries: int, jitter: float) -> int:
    """Whole seconds, which is what SQS counts in, until the attempt after `tries`: 1, 2, 4, ... times 0.5 to 1.5."""
    return max(1, round(WEBHOOK_DELIVERY.backoff(tries, jitter)))


def postponement_seconds(retry_after: float, times: int, jitter: float) -> int:
    """Seconds until a delivery that an open breaker refused for the n-th time is tried.

    One probe at a time tells whether the endpoint is back, so all the others may wait longer each time.
    """
    seconds = min(WEBHOOK_POSTPONEMENT.max_seconds, retry_after + WEBHOOK_POSTPONEMENT.backoff(times, jitter))
    return max(1, math.ceil(seconds))
