"""The test receiver of the contract."""

import json

import pytest

from chalicelib.webhooks import signing
from tests.integration.webhooks.fake_aws import FakeAws
from tests.integration.webhooks.subscribing import HERE, KEY, happen, subscribe
from tests.production import ask

PAYLOAD = '{ "batch_id" : "550e8400-e29b-41d4-a716-446655440000" }'
PLACE = "/api/webhooks/test"
EVENT = {"X-Webhook-Event": "batch.created", "Content-Type": "application/json"}


def test_it_answers_as_in_the_contract() -> None:
    right = signing.signature("my_secret_key", PAYLOAD.encode())
    answer = ask("POST", f"{PLACE}?secret_key=my_secret_key", PAYLOAD, EVENT | {"X-Webhook-Signature": right})
    assert answer.status == 200
    assert answer.json["received_at"].endswith("Z")
    assert {name: value for name, value in answer.json.items() if name != "received_at"} == {
        "status": "received",
        "event": "batch.created",
        "signature_valid": True,
        "headers": {"x-webhook-signature": right, "x-webhook-event": "batch.created"},
        "payload": json.loads(PAYLOAD),
    }


@pytest.mark.parametrize(
    ("query", "signature", "expected"),
    [
        ("", None, None),
        ("", "sha256=00", None),
        ("?secret_key=my_secret_key", None, False),
        ("?secret_key=my_secret_key", "sha256=...", False),
        ("?secret_key=my_secret_key", "sha256=\u044f", False),
        ("?secret_key=another", signing.signature("my_secret_key", PAYLOAD.encode()), False),
        ("?secret_key=my_secret_key", signing.signature("my_secret_key", PAYLOAD.replace(" ", "").encode()), False),
    ],
)
def test_the_signature_is_that_of_the_raw_bytes(query: str, signature: str | None, expected: bool | None) -> None:
    headers = EVENT | ({"X-Webhook-Signature": signature} if signature else {})
    assert ask("POST", PLACE + query, PAYLOAD, headers).json["signature_valid"] is expected


@pytest.mark.parametrize("body", ["[1, 2]", '"text"', "1", "null", None])
def test_any_json_is_taken(body: str | None) -> None:
    answer = ask("POST", PLACE, body, {"Content-Type": "application/json"})
    assert answer.status == 200
    assert answer.json["payload"] == (json.loads(body) if body else None)
    assert answer.json["event"] is None


def test_what_is_not_json_is_refused() -> None:
    assert ask("POST", PLACE, "no json").status == 400
    assert ask("POST", PLACE, "<a/>", {"Content-Type": "application/xml"}).status == 415


def test_a_delivery_of_ours_is_received(fake_aws: FakeAws) -> None:
    subscribe()
    happen()
    fake_aws.run()
    (call,) = fake_aws.got(HERE)
    answer = ask("POST", f"{PLACE}?secret_key={KEY}", call.body.decode(), call.headers).json
    assert (answer["signature_valid"], answer["event"]) == (True, "batch.created")
    assert answer["payload"] == call.envelope
    assert answer["headers"]["webhook-id"] == call.headers["webhook-id"]
