"""Rate limits: a maximum of calls of one client in any period of a given length, counted for all instances together.

Table `limits`, key `client`: one item per client with the times of its latest accepted calls; it is deleted some
minutes after the last one. The window slides and is exact. Refused calls are not counted, so a client gets its next
call as soon as the window allows it.

A call reads the item and writes it back on the condition that it is unchanged, else it reads again. Every retry means
that another call was accepted, so the limit itself bounds the number of retries.

    rate.check(f"accounts#{rate.network(request.client_ip)}", most=10, within=timedelta(seconds=60))
"""

import math
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from pynamodb.attributes import ListAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.models import Model

from chalicelib.core import clock
from chalicelib.core.dynamo import fetch, table, update_if
from chalicelib.core.errors import Busy, RateLimited
from chalicelib.core.texts import text

RETENTION = timedelta(minutes=5)  # after the window
SPARE_ROUNDS = 20  # attempts beyond the limit: an upper bound that is never reached


@table("limits", ttl="expires_at")
class LimitItem(Model):
    """The calls of one client, oldest first, in microseconds since 1970; `version` grows with each."""

    client = UnicodeAttribute(hash_key=True)
    calls: ListAttribute[Any] = ListAttribute(of=NumberAttribute, default=list)
    version = NumberAttribute(default=0)
    expires_at = NumberAttribute(default=0)


def check(client: str, *, most: int, within: timedelta) -> None:
    """Count one call of the client, or raise RateLimited with `Retry-After` in whole seconds. The text before the `#`
    in `client` is the name of the limit.
    """
    length = within // timedelta(microseconds=1)
    for _ in range(most + SPARE_ROUNDS):
        item = fetch(LimitItem, client) or LimitItem(client)
        at = clock.now()
        now = int(at.timestamp()) * 1_000_000 + at.microsecond
        recent = [int(call) for call in item.calls if int(call) > now - length]
        if len(recent) >= most:
            wait = math.ceil((recent[len(recent) - most] + length - now) / 1_000_000)
            name = client.partition("#")[0]
            raise _refusal(name, most, length // 1_000_000, max(1, wait))
        if _save(item, sorted([*recent, now]), int((at + within + RETENTION).timestamp())):
            return
    raise Busy


def _refusal(name: str, most: int, window: int, wait: int) -> RateLimited:
    """Return the error of a call over a limit of `most` calls in `window` seconds, with `wait` seconds to go. Its
    headers are those of draft-ietf-httpapi-ratelimit-headers.
    """
    headers = {
        "Retry-After": str(wait),
        "RateLimit-Policy": f'"{name}";q={most};w={window}',
        "RateLimit": f'"{name}";r=0;t={wait}',
    }
    return RateLimited(text("Слишком много запросов, повторите через {wait} с", wait=wait), headers=headers)


def network(address: str) -> str:
    """Return the network of a client: its address in IPv4, the /64 network of its address in IPv6."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((known, 64), strict=False)) if isinstance(known, IPv6Address) else address


def _save(item: LimitItem, calls: list[int], expires_at: int) -> bool:
    """Write the calls; return whether the item was unchanged."""
    seen = int(item.version)
    unchanged: Condition = (Path("version") == seen) if seen else Path("client").does_not_exist()
    actions = [
        Path("calls").set(calls),
        Path("version").set(seen + 1),
        Path("expires_at").set(expires_at),
    ]
    return update_if(LimitItem(item.client), actions, unchanged)
