"""Cross-origin calls (https://fetch.spec.whatwg.org/#http-cors-protocol), for the origins that the setting names."""

from chalicelib.core.request import Request
from chalicelib.core.settings import settings

SENT = "Authorization, X-API-Key, Content-Type, Accept, Idempotency-Key, If-Match, If-None-Match, Prefer"
SHOWN = (
    "X-Request-Id, ETag, Link, Location, Retry-After, RateLimit, RateLimit-Policy, Idempotent-Replayed, "
    "WWW-Authenticate, X-Ignored-Fields, Preference-Applied"
)
AGE = "600"  # seconds that a browser remembers a preflight


def headers(request: Request) -> dict[str, str]:
    """What an answer to a page of another origin carries; nothing where CORS is off."""
    allowed = settings().cors_origins
    if not allowed:
        return {}
    if allowed == "*":
        return {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": SHOWN}
    origin = request.header("origin")
    if origin is None or origin not in [one.strip() for one in allowed.split(",")]:
        return {"Vary": "Origin"}
    return {"Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": SHOWN, "Vary": "Origin"}


def preflight(request: Request, methods: str) -> dict[str, str]:
    """What an OPTIONS request is answered beside that."""
    if "Access-Control-Allow-Origin" not in headers(request):
        return {}
    return {
        "Access-Control-Allow-Methods": methods,
        "Access-Control-Allow-Headers": SENT,
        "Access-Control-Max-Age": AGE,
    }
