"""The fault switch of the local stage: makes a dependency fail for real, to see what breakers and clients do then.

While it is on, a guarded call (circuits.py) first dials a socket of its own that never answers, or a port where nobody
listens, with the HTTP client that AWS is called with: it waits for a real timeout, or is really refused. The state is
kept in the table `breakers`, so all instances fail alike; it goes off by itself after the time that was asked for.
On every other stage there is neither the switch nor its effect.
"""

import socket
import time
from datetime import datetime, timedelta
from typing import Annotated, Literal, cast

from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session
from pydantic import Field
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.operand import Path
from pynamodb.models import Model

from chalicelib.core import breaker, clock
from chalicelib.core.dynamo import fetch, table, update_if
from chalicelib.core.fields import Input, Output
from chalicelib.core.settings import settings

TIMEOUT = 1.5  # seconds that a call waits in vain
REMEMBERED = 0.5  # seconds until a change is seen by every process

Mode = Literal["none", "timeout", "error"]


@table("breakers", ttl="expires_at")
class FaultItem(Model):
    """A dependency that is to fail, until then; beside the breakers, under `fault#orders`."""

    class Meta:
        pass

    name = UnicodeAttribute(hash_key=True)
    mode = UnicodeAttribute(default="none")
    until = UnicodeAttribute(default="")
    expires_at = NumberAttribute(default=0)


class FaultSet(Input):
    """How a dependency is to fail, and for how long at most."""

    mode: Mode
    seconds: Annotated[int, Field(strict=True, ge=1, le=600)] = 60


class Fault(Output):
    """How a dependency fails now."""

    dependency: str
    mode: Mode
    until: datetime | None


_seen: dict[str, tuple[float, Mode]] = {}


def put(dependency: str, wanted: FaultSet) -> Fault:
    """Turn the switch of a dependency."""
    until = clock.now() + timedelta(seconds=wanted.seconds)
    expiry = int((until + breaker.KEPT).timestamp())
    actions = [Path("mode").set(wanted.mode), Path("until").set(clock.to_text(until))]
    update_if(FaultItem(f"fault#{dependency}"), [*actions, Path("expires_at").set(expiry)])
    _seen.pop(dependency, None)
    return Fault(dependency=dependency, mode=wanted.mode, until=None if wanted.mode == "none" else until)


def strike(dependency: str) -> None:
    """Fail as the switch says."""
    if settings().stage != "local":
        return
    mode = _mode(dependency)
    if mode == "timeout":
        with socket.create_server(("127.0.0.1", 0)) as silent:
            _call(silent)
    elif mode == "error":
        with socket.socket() as deaf:
            deaf.bind(("127.0.0.1", 0))
            _call(deaf)


def _mode(dependency: str) -> Mode:
    at, mode = _seen.get(dependency, (0.0, "none"))
    if time.monotonic() - at >= REMEMBERED:
        item = fetch(FaultItem, f"fault#{dependency}")
        lasts = item is not None and item.until > clock.to_text(clock.now())
        mode = cast(Mode, item.mode) if item and lasts else "none"
        _seen[dependency] = (time.monotonic(), mode)
    return mode


def _call(place: socket.socket) -> None:
    """Ask that place for something, as AWS is asked; nobody there answers."""
    url = f"http://127.0.0.1:{place.getsockname()[1]}/"
    URLLib3Session(timeout=TIMEOUT).send(AWSRequest("POST", url, data=b"{}").prepare())
