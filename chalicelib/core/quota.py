"""How much one client may ask of the API, and what the answers say of it.

Every answer has `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers): the quota of the stretch,
what is left of it, and the seconds until it is full again; a call beyond it is 429 with `Retry-After`. Counted by each
instance for itself, in memory: it keeps a client that runs wild from taking all instances, and costs nothing. Limits
that have to be exact, as for logins, are in rate.py; their refusals say theirs in the same words.
"""

import time
from collections import Counter
from dataclasses import dataclass

from chalicelib.core.errors import RateLimited
from chalicelib.core.settings import settings

WINDOW = 60  # seconds


@dataclass(frozen=True)
class Quota:
    """What a client has left after a call: calls, and seconds until there are more; of `most` in `window` seconds."""

    most: int
    left: int
    seconds: int
    name: str = "client"
    window: int = WINDOW

    @property
    def headers(self) -> dict[str, str]:
        """As answers say it."""
        return {
            "RateLimit-Policy": f'"{self.name}";q={self.most};w={self.window}',
            "RateLimit": f'"{self.name}";r={max(0, self.left)};t={self.seconds}',
        }

    def check(self) -> None:
        """RateLimited when the call was one too many."""
        if self.left < 0:
            raise self.refusal()

    def refusal(self) -> RateLimited:
        """What a call too many is told."""
        text = f"Слишком много запросов, повторите через {self.seconds} с"
        return RateLimited(text, headers={"Retry-After": str(self.seconds), **self.headers})


class Meter:
    """The calls of all clients in the current stretch."""

    def __init__(self) -> None:
        self._window = 0
        self._calls: Counter[str] = Counter()

    def take(self, client: str) -> Quota:
        """Count one call."""
        window, into = divmod(int(time.monotonic()), WINDOW)
        if window != self._window:
            self._window = window
            self._calls.clear()
        self._calls[client] += 1
        most = settings().rate_limit
        return Quota(most, most - self._calls[client], WINDOW - into)
