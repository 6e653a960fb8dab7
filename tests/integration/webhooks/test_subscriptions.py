"""Subscriptions through the API: what is accepted, what is shown, and the key that never is."""

import base64
from typing import Any
from uuid import uuid4

import pytest

from chalicelib.events.types import webhook_names
from chalicelib.webhooks import model
from tests.integration.webhooks.fake_aws import FakeAws
from tests.integration.webhooks.subscribing import HERE, KEY, subscribe
from tests.people import person, signed_in, signing
from tests.production import ask, ok, refused, wrong_fields
from tests.stages import deploy_to_prod

CONTRACT = {"uuid", "created_at", "updated_at", "url", "events", "is_active", "retry_count", "timeout"}
BODY: dict[str, Any] = {
    "url": "https://example.com/webhook",
    "events": ["batch.created", "batch.closed"],
    "secret_key": KEY,
    "is_active": True,
    "retry_count": 3,
    "timeout": 10,
}


def test_a_subscription_is_shown_as_in_the_contract_without_its_key(fake_aws: FakeAws) -> None:
    answer = ask("POST", "/api/webhooks", BODY)
    assert answer.status == 201
    made = answer.json
    assert set(made) >= CONTRACT
    assert {name: made[name] for name in BODY if name != "secret_key"} == {
        name: value for name, value in BODY.items() if name != "secret_key"
    }
    assert made["updated_at"] is None
    assert ok("GET", f"/api/webhooks/{made['uuid']}") == made
    page = ok("GET", "/api/webhooks")
    assert (page["items"], page["total"], page["limit"], page["offset"]) == ([made], 1, 25, 0)
    for place in ("/api/webhooks", f"/api/webhooks/{made['uuid']}"):
        assert KEY not in ask("GET", place).text


def test_what_is_not_given_has_the_values_of_the_contract(fake_aws: FakeAws) -> None:
    made = ok("POST", "/api/webhooks", {name: BODY[name] for name in ("url", "events", "secret_key")})
    assert (made["is_active"], made["retry_count"], made["timeout"], made["notify_email"]) == (True, 3, 10, None)


@pytest.mark.parametrize("name", ["url", "events", "secret_key"])
def test_url_events_and_key_are_required(fake_aws: FakeAws, name: str) -> None:
    body = {key: value for key, value in BODY.items() if key != name}
    assert wrong_fields("POST", "/api/webhooks", body) == {f"body.{name}": "обязательное поле"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", "ftp://example.com"), ("url", "example.com"), ("url", "https://u:p@example.com/"), ("url", ""),
        ("url", 7), ("events", []), ("events", "batch.created"), ("events", ["batch.created", 1]),
        ("secret_key", ""), ("secret_key", "short"), ("secret_key", "k" * 257), ("secret_key", "       "),
        ("secret_key", "whsec_"), ("secret_key", "whsec_not base64!"),
        ("secret_key", "whsec_QQ"), ("secret_key", "whsec_" + "A" * 20), ("secret_key", "line\nbreak"),
        ("is_active", "yes"), ("retry_count", -1), ("retry_count", 11), ("retry_count", "3"), ("timeout", 0),
        ("timeout", 31), ("timeout", 1.5), ("notify_email", "nobody"), ("notify_email", "a@b\nBcc: c@d.example"),
    ],
)  # fmt: skip
def test_values_out_of_bounds_are_refused(fake_aws: FakeAws, field: str, value: Any) -> None:
    (place,) = wrong_fields("POST", "/api/webhooks", BODY | {field: value})
    assert place.startswith(f"body.{field}")


@pytest.mark.parametrize("name", ["batch.eaten", "report.created", ""])
def test_an_unknown_event_is_refused_with_those_there_are(fake_aws: FakeAws, name: str) -> None:
    wrong = wrong_fields("POST", "/api/webhooks", BODY | {"events": ["batch.created", name]})
    assert list(wrong) == ["body.events.1"]
    assert wrong["body.events.1"] == f"допустимые значения: {', '.join(webhook_names())}"


def test_events_that_come_twice_count_once(fake_aws: FakeAws) -> None:
    assert subscribe(events=["batch.closed", "batch.created", "batch.closed"])["events"] == [
        "batch.closed",
        "batch.created",
    ]


def test_the_list_is_paged_newest_first_and_filtered_by_event(fake_aws: FakeAws) -> None:
    made = [subscribe(events=["batch.created"] if number % 2 else ["batch.closed"]) for number in range(5)]
    page = ok("GET", "/api/webhooks?limit=2&offset=1")
    assert [item["uuid"] for item in page["items"]] == [made[3]["uuid"], made[2]["uuid"]]
    assert page["total"] == 5
    page = ok("GET", "/api/webhooks?event_type=batch.created")
    assert [item["uuid"] for item in page["items"]] == [made[3]["uuid"], made[1]["uuid"]]
    assert page["total"] == 2
    assert "query.event_type" in wrong_fields("GET", "/api/webhooks?event_type=batch.eaten")


def test_a_patch_changes_what_is_given(fake_aws: FakeAws) -> None:
    made = subscribe()
    change = {"url": "http://127.0.0.1:9/x", "events": ["batch.deleted"], "retry_count": 0, "timeout": 1}
    changed = ok("PATCH", f"/api/webhooks/{made['uuid']}", change | {"notify_email": "boss@example.com"})
    assert changed == made | change | {"notify_email": "boss@example.com", "updated_at": changed["updated_at"]}
    assert changed["updated_at"]
    assert ok("GET", f"/api/webhooks/{made['uuid']}") == changed
    assert ok("PATCH", f"/api/webhooks/{made['uuid']}", {"url": None, "timeout": None}) == changed
    assert ok("PATCH", f"/api/webhooks/{made['uuid']}", {"notify_email": ""})["notify_email"] is None


def test_a_deleted_subscription_is_gone(fake_aws: FakeAws) -> None:
    made = subscribe()
    place = f"/api/webhooks/{made['uuid']}"
    assert ask("DELETE", place).status == 204
    for method, path, body in (
        ("GET", place, None),
        ("DELETE", place, None),
        ("PATCH", place, {"timeout": 5}),
        ("PATCH", place, {"secret_key": "another_key"}),
        ("POST", f"{place}/rotate_secret", {"secret_key": "another_key"}),
        ("POST", f"{place}/test", {"event": "batch.created"}),
        ("POST", f"{place}/redeliver", {"since": "2025-01-01T00:00:00Z"}),
        ("GET", f"{place}/deliveries", None),
        ("GET", f"{place}/deliveries/{uuid4()}", None),
        ("POST", f"{place}/deliveries/{uuid4()}/redeliver", None),
    ):
        assert refused(404, method, path, body) == "Подписка не найдена"
    assert ok("GET", "/api/webhooks")["total"] == 0


def test_there_may_be_a_hundred(fake_aws: FakeAws, monkeypatch: pytest.MonkeyPatch) -> None:
    assert model.MAX_SUBSCRIPTIONS == 100
    monkeypatch.setattr(model, "MAX_SUBSCRIPTIONS", 3)
    for _ in range(3):
        subscribe()
    assert refused(409, "POST", "/api/webhooks", BODY) == "Подписок не может быть больше 3"


@pytest.mark.parametrize(
    "url",
    ["http://example.com/", "https://localhost/x", "https://127.0.0.1/", "https://10.0.0.7/hook"],
)
def test_on_a_deployed_stage_only_public_addresses_are_accepted(
    fake_aws: FakeAws, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    assert subscribe(url)["url"] == url
    monkeypatch.setenv("JWT_SECRET_ARN", signing())
    deploy_to_prod(monkeypatch)
    manager = signed_in(person("manager"))
    assert list(wrong_fields("POST", "/api/webhooks", BODY | {"url": url}, manager)) == ["body.url"]


@pytest.mark.parametrize("host", ["169.254.169.254", "[fd00:ec2::254]", "metadata.google.internal"])
def test_metadata_of_a_cloud_is_no_receiver_on_any_stage(fake_aws: FakeAws, host: str) -> None:
    url = f"http://{host}/latest/meta-data/iam/security-credentials/"
    assert list(wrong_fields("POST", "/api/webhooks", BODY | {"url": url})) == ["body.url"]
    made = subscribe()
    assert list(wrong_fields("PATCH", f"/api/webhooks/{made['uuid']}", {"url": url})) == ["body.url"]


def test_no_log_line_has_the_key(fake_aws: FakeAws, capsys: pytest.CaptureFixture[str]) -> None:
    key = "whsec_" + base64.b64encode(b"very secret key of mine!").decode()
    made = subscribe(secret_key=key)
    ok("POST", f"/api/webhooks/{made['uuid']}/rotate_secret", {"secret_key": key + key[6:]})
    ask("POST", "/api/webhooks", BODY | {"secret_key": key, "url": HERE, "retry_count": 99})
    ask("POST", f"/api/webhooks/test?secret_key={key}", {"a": 1})
    assert key[6:] not in capsys.readouterr().err
