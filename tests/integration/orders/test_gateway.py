"""Health, status and the fault switch: what an operator sees, with a token or without, tables or none."""

import os
import subprocess
import sys
import tomllib

import pytest
from botocore.exceptions import EndpointConnectionError

from chalicelib import VERSION
from chalicelib.core import circuits
from chalicelib.core.aws import client
from chalicelib.core.settings import settings
from localstack.config import ROOT
from tests.integration.orders.shop import asked, order_of
from tests.people import person, signed_in
from tests.production import ask, ok

CLOSED = {"status": "closed", "stats": {"failures": 0, "successes": 0}}


def test_health_shows_the_circuits() -> None:
    assert ok("GET", "/health") == {"status": "OK", "circuits": {"users": CLOSED, "orders": CLOSED, "email": CLOSED}}
    order_of(person())
    counted = ok("GET", "/health")["circuits"]
    assert (counted["orders"]["stats"], counted["users"]["stats"]) == ({"failures": 0, "successes": 1},) * 2
    for _ in range(5):
        circuits.breaker.Permit("email").report(failed=True)
    assert ok("GET", "/health")["circuits"]["email"] == {"status": "open", "stats": {"failures": 5, "successes": 0}}


@pytest.mark.parametrize(
    ("accept", "plain"),
    [("text/plain", True), ("application/json", False), ("*/*", False), ("text/plain;q=0.1, application/*", False)],
)
def test_accept_header_chooses_plain_text(accept: str, plain: bool) -> None:
    answer = ask("GET", "/health", None, {"Accept": accept})
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/plain" if plain else "application/json")
    assert (answer.body == b"OK") is plain


def test_health_answers_also_when_the_tables_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(**_: object) -> None:
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")

    monkeypatch.setattr(client("dynamodb"), "batch_get_item", unreachable)
    answer = ask("GET", "/health")
    assert (answer.status, answer.json["status"]) == (200, "OK")
    assert {circuit["status"] for circuit in answer.json["circuits"].values()} == {"unknown"}


def test_status_shows_version_and_stage_only_with_authentication(monkeypatch: pytest.MonkeyPatch) -> None:
    known = signed_in(person("customer"))
    monkeypatch.setenv("AUTH_REQUIRED", "true")
    settings.cache_clear()
    try:
        stranger, health = ask("GET", "/status"), ask("GET", "/health")
        shown = ask("GET", "/status", headers=known).json
    finally:
        monkeypatch.undo()
        settings.cache_clear()
    assert (stranger.status, health.status) == (200, 200)
    assert set(stranger.json) == {"status", "service", "time"}
    assert set(health.json) == {"status", "circuits"}
    assert set(shown) == {"status", "service", "version", "stage", "time"}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert (shown["service"], shown["version"], shown["stage"]) == (project["name"], VERSION, "local")


def test_a_dependency_fails_while_its_switch_is_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(circuits, "READ_INTERVAL_SECONDS", 0)
    switched = ok("PUT", "/faults/orders", {"mode": "error", "seconds": 30})
    assert (switched["dependency"], switched["mode"]) == ("orders", "error")
    answers = [asked("GET", "/orders") for _ in range(6)]
    assert [answer.status for answer in answers] == [503] * 6
    assert {answer.json["error"]["code"] for answer in answers} == {"SERVICE_UNAVAILABLE"}
    assert ok("GET", "/health")["circuits"]["orders"] == {"status": "open", "stats": {"failures": 5, "successes": 0}}
    assert ok("GET", "/users")["success"]
    assert ok("PUT", "/faults/orders", {"mode": "none"})["until"] is None
    for body in ({}, {"mode": "x"}, {"mode": "error", "seconds": 0}, {"mode": "error", "seconds": 601}):
        assert ask("PUT", "/faults/orders", body).status == 400
    assert ask("PUT", "/faults/webhooks", {"mode": "error"}).status == 404


def test_only_an_administrator_turns_a_switch() -> None:
    for role in ("manager", "engineer", "user"):
        answer = ask("PUT", "/faults/orders", {"mode": "error"}, signed_in(person(role)))
        assert answer.status == 403
    assert ask("PUT", "/faults/users", {"mode": "none"}, signed_in(person("admin"))).status == 200


def test_elsewhere_there_is_no_switch() -> None:
    program = (
        "import app; from tests.http_events import call;"
        "print(call(app.app, 'PUT', '/faults/orders', {'mode': 'error'}).status)"
    )
    environment = {**os.environ, "STAGE": "prod", "AUTH_REQUIRED": "true"}
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert ran.stdout.split() == ["404"], ran.stderr
