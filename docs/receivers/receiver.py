"""Receive webhooks and verify their signatures: python3 receiver.py PORT SECRET. Standard library only."""

import base64
import hashlib
import hmac
import json
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

TOLERANCE_SECONDS = 300  # for the age of a delivery and the error of our clock


def verified(headers, body: bytes, secret: str) -> bool:
    """Return whether these bytes were signed with the secret, not longer than TOLERANCE_SECONDS ago."""
    key = base64.b64decode(secret[6:]) if secret.startswith("whsec_") else secret.encode()
    number, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not stamp.isdigit() or abs(time.time() - int(stamp)) > TOLERANCE_SECONDS:
        return False
    signed = hmac.new(key, f"{number}.{stamp}.".encode() + body, hashlib.sha256).digest()
    expected = b"v1," + base64.b64encode(signed)
    given = headers.get("webhook-signature", "").encode().split()  # two while the secret is being rotated
    return any(hmac.compare_digest(expected, one) for one in given)


class Receiver(BaseHTTPRequestHandler):
    seen = set()  # in production: a table with a unique key

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        right = verified(self.headers, body, sys.argv[2])
        if right and self.headers["webhook-id"] not in self.seen:  # a delivery may come twice
            self.seen.add(self.headers["webhook-id"])
            print("verified", json.loads(body)["event"], flush=True)
        elif not right:
            print("refused", flush=True)
        self.send_response(204 if right else 401)
        self.end_headers()

    def log_message(self, *_):
        """Nothing but what is printed above."""


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
