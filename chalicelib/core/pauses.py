"""Growing pauses between wrong guesses at one secret, counted for all instances together.

Table `limits`, one item a secret, forgotten a day after the last guess. Five wrong guesses are free; from the fifth on
each is followed by a pause: 1 s, 2, 4, ... up to 15 minutes. Whoever guesses meanwhile is refused, whatever he knows,
and not counted. A guess counts as wrong before it is looked at, and is forgotten when it was right: of many at the same
time no more are looked at than one after the other would be.

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

FREE_GUESSES = 5
RETENTION = timedelta(days=1)
MAX_ROUNDS = 25  # of those who lose, each loses to a guess that was let through, of which there are few before a pause


@table("limits", ttl="expires_at")
class GuessItem(Model):
    """The guesses at one secret since the last right one; `open_at` is when the next is let through."""

    class Meta:
        pass

    client = UnicodeAttribute(hash_key=True)
    wrong = NumberAttribute(default=0)
    open_at = NumberAttribute(default=0)
    version = NumberAttribute(default=0)
    expires_at = NumberAttribute(default=0)


def pause_seconds(wrong_guesses: int) -> int:
    """Return the seconds to wait after so many wrong guesses."""
    return int(WRONG_PASSWORD.backoff(wrong_guesses - FREE_GUESSES + 1)) if wrong_guesses >= FREE_GUESSES else 0


def count_guess(secret: str) -> None:
    """Count a guess as a wrong one, or raise RateLimited, with `Retry-After`, during a pause."""
    for _ in range(MAX_ROUNDS):
        item = fetch(GuessItem, secret) or GuessItem(secret)
        now = clock.now().timestamp()
        if item.open_at > now:
            raise _refusal(math.ceil(item.open_at - now))
        if _count(item, now):
            return
    raise Busy


def reset(secret: str) -> None:
    """The last guess was right, or the secret is another one now."""
    erase(GuessItem(secret))


def _count(item: GuessItem, now: float) -> bool:
    """Write one more guess, unless somebody has since the item was read."""
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
    text = f"Слишком много неверных паролей подряд, повторите через {seconds} с"
    return RateLimited(text, headers={"Retry-After": str(seconds)})
