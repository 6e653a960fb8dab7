"""CORS (https://fetch.spec.whatwg.org/#http-cors-protocol) for the origins in the settings."""

from chalicelib.core.request import Request
from chalicelib.core.settings import settings

REQUEST_HEADERS = "Authorization, X-API-Key, Content-Type, Accept, Idempotency-Key, If-Match, If-None-Match, Prefer"
EXPOSED_HEADERS = (
    "X-Request-Id, ETag, Link, Location, Retry-After, RateLimit, RateLimit-Policy, Idempotent-Replayed, "
    "WWW-Authenticate, X-Ignored-Fields, Preference-Applied"
)
PREFLIGHT_SECONDS = "600"  # that a browser may cache a preflight


def headers(request: Request) -> dict[str, str]:
    """Return the CORS headers of every answer; none where CORS is off."""
    allowed = settings().cors_origins
    if not allowed:
        return {}
    if allowed == "*":
        return {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": EXPOSED_HEADERS}
    origin = request.header("origin")
    if origin is None or origin not in [entry.strip() for entry in allowed.split(",")]:
        return {"Vary": "Origin"}
    return {"Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": EXPOSED_HEADERS, "Vary": "Origin"}


def preflight(request: Request, methods: str) -> dict[str, str]:
    """Return the further CORS headers of an answer to OPTIONS."""
    if "Access-Control-Allow-Origin" not in headers(request):
        return {}
    return {
        "Access-Control-Allow-Methods": methods,
        "Access-Control-Allow-Headers": REQUEST_HEADERS,
        "Access-Control-Max-Age": PREFLIGHT_SECONDS,
    }
