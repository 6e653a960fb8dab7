"""Every endpoint, called by every role with a token and with an API key, without credentials and without a role,
answers as the table of roles says.

Requests are wrong in path, query or body on purpose. They are validated after the access check, so a role with the
right gets another refusal (400, 404, 422).
"""

from collections.abc import Iterator

import pytest

import app  # noqa: F401 - fills the registry
from chalicelib import roles
from chalicelib.analytics import service as analytics
from chalicelib.core.actor import ROLES
from chalicelib.core.areas import area_of_path
from chalicelib.core.http import ENDPOINTS, Endpoint
from tests.http_events import Response
from tests.people import by_key, person, production_with_tokens, signed_in
from tests.production import ask, empty_tables

SHAPES = {"production": {"detail"}, "users": {"success", "error"}}
Headers = dict[str, str]


@pytest.fixture(scope="module", params=["token", "API key"])
def people(request: pytest.FixtureRequest) -> Iterator[dict[str, Headers]]:
    """One of each role where every call needs a token, by the header each of them sends."""
    with production_with_tokens(AUTH_REQUIRED="true"):
        analytics.refresh()
        sent = by_key if request.param == "API key" else lambda *roles: signed_in(person(*roles))
        made = {role: sent(role) for role in ROLES}
        yield made | {"two roles": sent("customer", "engineer")}
        empty_tables()


def call(endpoint: Endpoint, headers: Headers) -> Response:
    """A call with nothing right in it but the caller."""
    path = endpoint.path
    for name in endpoint.path_types:
        path = path.replace(f"{{{name}}}", "!")
    body = None if endpoint.method == "GET" else "{"
    return ask(endpoint.method, f"{path}?limit=x&format=x&date_from=x", body, headers)


def check_refused(endpoint: Endpoint, answer: Response, status: int) -> None:
    """Refused with that status, in the shape of the API area."""
    assert answer.status == status, answer.text
    assert set(answer.json) == SHAPES.get(area_of_path(endpoint.path).name, {"error"})
    assert ("WWW-Authenticate" in answer.headers) == (status == 401)


@pytest.mark.parametrize("endpoint", [one for one in ENDPOINTS if not one.public], ids=lambda one: one.name)
def test_who_may_and_who_may_not(endpoint: Endpoint, people: dict[str, Headers]) -> None:
    cells = roles.rows()[endpoint.name]
    for role in ROLES:
        answer = call(endpoint, people[role])
        if cells[role] == "-":
            check_refused(endpoint, answer, 403)
        else:
            assert answer.status not in (401, 403) and answer.status < 500, (role, answer.text)
    either = call(endpoint, people["two roles"])
    assert (either.status == 403) == (cells["customer"] == cells["engineer"] == "-")
    check_refused(endpoint, call(endpoint, {}), 401)


@pytest.mark.parametrize("endpoint", [one for one in ENDPOINTS if one.public], ids=lambda one: one.name)
def test_what_is_public_asks_for_no_token_but_checks_one_that_is_sent(
    endpoint: Endpoint, people: dict[str, Headers]
) -> None:
    for headers in ({}, people["user"]):
        assert call(endpoint, headers).status not in (401, 403)
    for bad in ({"Authorization": "Bearer a.b.c"}, {"Authorization": "Bearer sf_a"}, {"X-API-Key": "sf_a"}):
        check_refused(endpoint, call(endpoint, bad), 401)


def test_who_has_a_role_that_nobody_knows_may_nothing(people: dict[str, Headers]) -> None:
    header = signed_in(person("director"))
    closed = [one for one in ENDPOINTS if not one.public]
    assert {call(endpoint, header).status for endpoint in closed} == {403}
