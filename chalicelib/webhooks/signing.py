"""Body, headers and signatures of a webhook request.

The body is `{"data", "event", "timestamp"}` with sorted keys in UTF-8, the same bytes in every attempt. These bytes are
signed, in two ways:

- `X-Webhook-Signature: sha256=<hex>`: HMAC-SHA256 of the body; the key is the bytes of `secret_key`.
- Standard Webhooks: `webhook-signature: v1,<base64>` over `webhook-id.webhook-timestamp.body`; the key of a
  `secret_key` that begins with `whsec_` is the base64 behind it, of any other its bytes.

For 24 hours after a rotation the old key signs too: a second value in `webhook-signature`, as the standard specifies,
and `X-Webhook-Signature-Previous`. `X-Webhook-Signature` is of the new key at once.
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chalicelib.core.texts import text

PREFIX = "whsec_"
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")


def body(event: str, timestamp: str, data: Any) -> bytes:
    """Return the body of a request."""
    return dumps({"event": event, "timestamp": timestamp, "data": data}).encode()


def dumps(value: Any) -> str:
    """Return JSON with sorted keys and without spaces between tokens."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def headers(delivery_id: str, event: str, content: bytes, keys: Sequence[str], at: datetime) -> dict[str, str]:
    """Return the headers of one attempt; `keys` are the secret key, and the one before while it is valid."""
    seconds = str(int(at.timestamp()))
    signed = f"{delivery_id}.{seconds}.".encode() + content
    standard = [base64.b64encode(_hmac(standard_key(key), signed)).decode() for key in keys]
    made = {
        "Content-Type": "application/json",
        "User-Agent": "Shopfloor-Webhooks/1",
        "X-Webhook-Event": event,
        "X-Webhook-Signature": signature(keys[0], content),
        "webhook-id": delivery_id,
        "webhook-timestamp": seconds,
        "webhook-signature": " ".join(f"v1,{one}" for one in standard),
    }
    return made | ({"X-Webhook-Signature-Previous": signature(keys[1], content)} if len(keys) > 1 else {})


def signature(key: str, content: bytes) -> str:
    """Return the value of `X-Webhook-Signature`."""
    return f"sha256={_hmac(key.encode(), content).hex()}"


def verifies(key: str, content: bytes, value: str) -> bool:
    """Return whether a value of `X-Webhook-Signature` is valid."""
    return hmac.compare_digest(signature(key, content).encode(), value.strip().encode())


def standard_key(key: str) -> bytes:
    """Return the key of the Standard Webhooks signature; ValueError when the text after `whsec_` is not base64."""
    if not key.startswith(PREFIX):
        return key.encode()
    text = key.removeprefix(PREFIX)
    try:
        return base64.b64decode(text + "==") if _BASE64.fullmatch(text) else _not_base64()
    except binascii.Error:
        return _not_base64()


def _not_base64() -> bytes:
    raise ValueError(text("после whsec_ ожидается ключ в base64"))


def _hmac(key: bytes, content: bytes) -> bytes:
    return hmac.new(key, content, hashlib.sha256).digest()
