"""Growing pauses between wrong guesses at one secret, counted for all instances together.

Table `limits`, one item per secret, deleted a day after the last guess. From the fifth wrong guess on, each is followed
by a pause: 1 s, 2, 4, ... up to 15 minutes. During a pause every guess is refused and not counted. A guess counts as
wrong before it is checked; a right guess resets the count. So parallel guesses have no advantage over sequential ones.

    pauses.count_guess("login#anna@example.com")
    ...
    pauses.reset("login#anna@example.com")  # it was right
"""

import math
from datetime import timedelta

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.models import Model

from chalicelib.core import clock
from chalicelib.core.dynamo import erase, fetch, table, update_if
from chalicelib.core.errors import Busy, RateLimited
from chalicelib.core.retries import WRONG_PASSWORD
from chalicelib.core.texts import text

FREE_GUESSES = 5
RETENTION = timedelta(days=1)
MAX_ROUNDS = 25  # an upper bound that is never reached: each retry means that another guess was counted


@table("limits", ttl="expires_at")
class GuessItem(Model):
    """The guesses at one secret since the last right one; `open_at` is when the next one is admitted."""

    client = UnicodeAttribute(hash_key=True)
    wrong = NumberAttribute(default=0)
    open_at = NumberAttribute(default=0)
    version = NumberAttribute(default=0)
    expires_at = NumberAttribute(default=0)


def pause_seconds(wrong_guesses: int) -> int:
    """Return the seconds to wait after so many wrong guesses."""
    return int(WRONG_PASSWORD.backoff(wrong_guesses - FREE_GUESSES + 1)) if wrong_guesses >= FREE_GUESSES else 0


def count_guess(secret: str) -> None:
    """Count a guess as a wrong one, or raise RateLimited with `Retry-After` during a pause."""
    for _ in range(MAX_ROUNDS):
        item = fetch(GuessItem, secret) or GuessItem(secret)
        now = clock.now().timestamp()
        if item.open_at > now:
            raise _refusal(math.ceil(item.open_at - now))
        if _count(item, now):
            return
    raise Busy


def reset(secret: str) -> None:
    """Delete the count after a right guess or a change of the secret."""
    erase(GuessItem(secret))


def _count(item: GuessItem, now: float) -> bool:
    """Write one more guess; return False when the item was changed since it was read."""
    seen = int(item.version)
    wrong = 1 + (int(item.wrong) if item.expires_at > now else 0)
    unchanged: Condition = (Path("version") == seen) if seen else Path("client").does_not_exist()
    actions = [
        Path("wrong").set(wrong),
        Path("open_at").set(now + pause_seconds(wrong)),
        Path("version").set(seen + 1),
        Path("expires_at").set(int(now + RETENTION.total_seconds())),
    ]
    return update_if(GuessItem(item.client), actions, unchanged)


def _refusal(seconds: int) -> RateLimited:
    reason = text("Слишком много неверных паролей подряд, повторите через {seconds} с", seconds=seconds)
    return RateLimited(reason, headers={"Retry-After": str(seconds)})
