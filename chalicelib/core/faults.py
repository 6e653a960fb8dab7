"""The fault switch of the local stage: it makes calls to a dependency fail, to show what breakers and clients do.

While it is on, a guarded call (circuits.py) first calls a socket of its own that never answers, or a port without a
listener, with the HTTP client of AWS calls: a real timeout, or a real refusal. The state is stored with the breaker, so
all instances follow within a second; it ends after the requested time. Other stages have neither the switch nor its
effect.
"""

import socket
from datetime import datetime, timedelta
from typing import Literal, cast

from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action

from chalicelib.core import breaker, clock
from chalicelib.core.breaker import BreakerItem
from chalicelib.core.dynamo import update_if
from chalicelib.core.settings import settings

TIMEOUT_SECONDS = 1.5

Mode = Literal["none", "timeout", "error"]


def set_fault(dependency: str, mode: Mode, seconds: int = 60) -> datetime | None:
    """Set the switch of a dependency; return until when it is on."""
    until = clock.now() + timedelta(seconds=seconds)
    actions: list[Action] = [Path("fault").set(mode), Path("fault_until").set(clock.to_text(until))]
    expiry = Path("expires_at").set(int((until + breaker.RETENTION).timestamp()))
    update_if(BreakerItem(dependency), [*actions, expiry])
    return None if mode == "none" else until


def mode_of(item: BreakerItem | None) -> Mode:
    """Return how a dependency fails now, by its breaker."""
    if item is None or not item.fault_until or settings().stage != "local":
        return "none"
    return cast(Mode, item.fault) if item.fault_until > clock.to_text(clock.now()) else "none"


def fail_as_set(mode: Mode) -> None:
    """Raise the timeout or refusal that the switch is set to."""
    if mode == "timeout":
        with socket.create_server(("127.0.0.1", 0)) as listening:
            _call(listening)
    elif mode == "error":
        with socket.socket() as unlistened:
            unlistened.bind(("127.0.0.1", 0))
            _call(unlistened)


def _call(server: socket.socket) -> None:
    """Send a request to an address that does not answer, as AWS is called."""
    url = f"http://127.0.0.1:{server.getsockname()[1]}/"
    URLLib3Session(timeout=TIMEOUT_SECONDS).send(AWSRequest("POST", url, data=b"{}").prepare())
