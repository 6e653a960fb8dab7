"""A domain of one's own with a base path: the calls are the same, and every link stays under the prefix.

The events are like those in https://github.com/aws-powertools/powertools-lambda-python/pull/579: the address of the
gateway, a domain, a domain with a base path.
"""

from collections.abc import Iterator
from typing import Any

import pytest

import app
from chalicelib.core.settings import settings
from tests.http_events import Response, event, lambda_context

OWN = {
    "apiId": "qeo6tqt75i",
    "domainPrefix": "qeo6tqt75i",
    "domainName": "qeo6tqt75i.execute-api.eu-west-1.amazonaws.com",
}
DOMAIN = {"apiId": "qeo6tqt75i", "domainPrefix": "shop", "domainName": "shop.example.com"}


@pytest.fixture(autouse=True)
def base_path(monkeypatch: pytest.MonkeyPatch, request: Any) -> Iterator[None]:
    """The parameter BasePath."""
    monkeypatch.setenv("BASE_PATH", getattr(request, "param", "plant"))
    settings.cache_clear()
    yield
    settings.cache_clear()


def call(path: str, place: dict[str, str], *, prefix: str = "", stage: str = "", accept: str = "*/*") -> Response:
    """Call the app as the gateway does at one of its addresses."""
    asked = event("GET", prefix + path, headers={"Accept": accept})
    asked["requestContext"] |= {**place, "path": stage + prefix + path}
    reply = app.app(asked, lambda_context())
    return Response(reply["statusCode"], reply["headers"], reply["body"].encode())


@pytest.mark.parametrize(
    ("path", "status"),
    [("/docs", 200), ("/openapi.json", 200), ("/v1/%D0%B0", 404), ("/plant/docs", 404), ("/plant", 404)],
)
def test_a_call_is_answered_alike_at_all_addresses(path: str, status: int) -> None:
    own, domain = call(path, OWN, stage="/api"), call(path, DOMAIN, prefix="/plant")
    assert (own.status, len(own.body)) == (domain.status, len(domain.body))
    assert own.status == status


@pytest.mark.parametrize("base_path", ["", "plant"], indirect=True)
def test_a_domain_without_the_base_path_takes_nothing_off() -> None:
    assert call("/openapi.json", DOMAIN).status == 200
    assert call("/plants/health", DOMAIN).status == 404


@pytest.mark.parametrize(
    ("place", "prefix", "stage", "base"),
    [
        (OWN, "/", "/api", "/api"),
        (DOMAIN, "/plant", "", "/plant"),
        (DOMAIN, "/plant/", "", "/plant"),
        (DOMAIN, "/", "", ""),
    ],
)
def test_the_root_leads_under_the_prefix(place: dict[str, str], prefix: str, stage: str, base: str) -> None:
    led = call("", place, prefix=prefix, stage=stage, accept="text/html")
    assert (led.status, led.headers["Location"]) == (302, f"{base}/console")
    assert call("", place, prefix=prefix, stage=stage).json["docs"] == f"{base}/docs"


def test_the_api_document_names_its_server_relative_to_itself() -> None:
    assert [one["url"] for one in call("/openapi.json", DOMAIN, prefix="/plant").json["servers"]] == ["."]


def test_a_slash_at_the_end_is_redirected_within_the_prefix() -> None:
    assert call("/docs/", DOMAIN, prefix="/plant").headers["Location"] == "../docs"
