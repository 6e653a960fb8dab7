"""The test receiver: returns what it has received, and whether the signature is valid."""

from chalicelib.core import clock
from chalicelib.core.request import Request
from chalicelib.webhooks import signing
from chalicelib.webhooks.schemas import Received

SHOWN = ("x-webhook-", "webhook-")


def receive(request: Request, secret_key: str | None) -> Received:
    """Respond to a webhook; the signature is checked against the raw bytes of the body."""
    payload, content = request.json(), request.body()
    event = request.header("x-webhook-event")
    sent_signature = request.header("x-webhook-signature")
    valid = (
        None
        if secret_key is None
        else sent_signature is not None and signing.verifies(secret_key, content, sent_signature)
    )
    return Received(
        status="received",
        received_at=clock.now(),
        event=event or (payload.get("event") if isinstance(payload, dict) else None),
        signature_valid=valid,
        headers={name: value for name, value in sorted(request.headers.items()) if name.startswith(SHOWN)},
        payload=payload,
    )
