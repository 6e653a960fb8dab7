"""From an event to its receiver: what is sent, how often, and what comes of it."""

import base64
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from chalicelib.core import clock
from chalicelib.core.outgoing import Failed, OutsideResponse
from chalicelib.core.transactions import transaction
from chalicelib.webhooks import model, sending, store
from tests.failure_injection import fault, throttled
from tests.integration.webhooks.fake_aws import OK, Call, FakeAws, deliveries
from tests.integration.webhooks.subscribing import HERE, KEY, delivery, delivery_list, happen, happen_many, subscribe
from tests.production import ask, ok

OTHER = "https://two.example/hook"
BAD = OutsideResponse(500, "broken", 7)


def standard(key: str | bytes, call: Call) -> Any:
    """What the official library says; the clock of the test may be ahead of its own."""
    headers = dict(call.headers)
    seconds = int(clock.now().timestamp()) - int(headers["webhook-timestamp"])
    assert 0 <= seconds < 300
    return Webhook(key).verify(call.body, headers)


def test_an_event_reaches_its_subscription_signed_and_is_shown(fake_aws: FakeAws) -> None:
    made = subscribe()
    happen(batch_number=7)
    fake_aws.run()
    (call,) = fake_aws.got(HERE)
    shown = delivery(made)
    assert set(call.envelope) == {"event", "timestamp", "data"}
    assert call.envelope["event"] == "batch.created"
    assert call.envelope["data"] == shown["payload"]
    assert call.envelope["data"]["batch_number"] == 7
    assert call.body == json.dumps(call.envelope, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    assert call.headers["X-Webhook-Event"] == "batch.created"
    assert call.headers["X-Webhook-Signature"] == "sha256=" + hmac.new(KEY.encode(), call.body, "sha256").hexdigest()
    assert call.headers["webhook-id"] == shown["uuid"]
    assert standard(KEY.encode(), call) == call.envelope
    assert call.timeout == 10
    assert shown["status"] == "success"
    assert (shown["attempts"], shown["response_status"], shown["response_body"]) == (1, 200, "OK")
    assert shown["error_message"] is None
    assert shown["delivered_at"] and shown["next_attempt_at"] is None
    assert [(one["status"], one["ms"], one["error"]) for one in shown["attempt_log"]] == [(200, 5, None)]


@pytest.mark.parametrize("answer", [OK, BAD])
def test_what_was_sent_is_not_sent_again_because_breakers_are_throttled(
    fake_aws: FakeAws, answer: OutsideResponse
) -> None:
    subscribe(retry_count=0)
    happen()
    fake_aws.run()  # a success: the endpoint is known to answer
    fake_aws.answers[HERE] = [answer]
    happen()
    with fault(throttled, of={"UpdateItem"}.__contains__, table="shopfloor-test-breakers") as calls:
        fake_aws.run()
    assert calls
    fake_aws.run()
    assert len(fake_aws.got(HERE)) == 2


def test_a_list_item_has_the_fields_of_the_contract(fake_aws: FakeAws) -> None:
    made = subscribe()
    happen()
    fake_aws.run()
    page = delivery_list(made)
    assert (page["total"], page["limit"], page["offset"]) == (1, 25, 0)
    contract = {
        "uuid", "created_at", "updated_at", "subscription_id", "event_type", "payload", "status", "attempts",
        "response_status", "response_body", "error_message", "delivered_at",
    }  # fmt: skip
    assert contract <= set(page["items"][0])
    assert page["items"][0]["subscription_id"] == made["uuid"]


def test_the_key_of_a_standard_secret_is_its_base64(fake_aws: FakeAws) -> None:
    key = "whsec_" + base64.b64encode(b"k" * 24).decode()
    subscribe(secret_key=key)
    happen()
    fake_aws.run()
    (call,) = fake_aws.calls
    assert standard(key, call) == call.envelope
    assert call.headers["X-Webhook-Signature"] == "sha256=" + hmac.new(key.encode(), call.body, "sha256").hexdigest()
    with pytest.raises(WebhookVerificationError):
        standard(b"another", call)


def test_only_subscriptions_to_an_event_receive_it(fake_aws: FakeAws) -> None:
    closed = subscribe(OTHER, events=["batch.closed"])
    subscribe(events=["batch.created"])
    off = subscribe("https://off.example/", is_active=False)
    happen("batch.created")
    fake_aws.run()
    assert len(fake_aws.calls) == len(fake_aws.got(HERE)) == 1
    assert delivery_list(closed)["total"] == delivery_list(off)["total"] == 0


def test_many_events_of_one_message_become_a_delivery_each(fake_aws: FakeAws) -> None:
    subscriptions = [subscribe(url, events=["product.aggregated"]) for url in (HERE, OTHER)]
    happen_many(100)
    fake_aws.stream()
    fake_aws.fan_out()
    assert len(fake_aws.queues["deliveries"]) == 200
    for made in subscriptions:
        mine = [item for item in deliveries() if item.subscription_id == made["uuid"]]
        assert {json.loads(item.payload)["aggregate_id"] for item in mine} == {str(number) for number in range(100)}
        assert delivery_list(made, "?status=pending")["total"] == 100


def test_a_receiver_that_asks_to_wait_is_asked_again_later(fake_aws: FakeAws) -> None:
    subscribe(retry_count=2)
    fake_aws.answers[HERE] = [OutsideResponse(503, "", 1, retry_after=30), OutsideResponse(429, "", 1, 3_600), OK]
    happen()
    fake_aws.run()
    first, second, third = (call.at for call in fake_aws.got(HERE))
    assert 30 <= (second - first).total_seconds() < 30.1
    assert 60 <= (third - second).total_seconds() < 60.1


def test_a_failure_is_tried_again_with_growing_pauses_under_the_same_id(fake_aws: FakeAws) -> None:
    made = subscribe(retry_count=3)
    fake_aws.answers[HERE] = [BAD, Failed("timeout", "Нет ответа за 10 с", 10), OutsideResponse(302, "", 3), OK]
    happen()
    fake_aws.run()
    calls = fake_aws.got(HERE)
    assert len({(call.headers["webhook-id"], call.body) for call in calls}) == 1
    gaps = [(after.at - before.at).total_seconds() for before, after in zip(calls, calls[1:], strict=False)]
    for gap, base in zip(gaps, (1, 2, 4), strict=True):
        assert base * 0.5 <= gap <= base * 1.5 + 0.5
    shown = delivery(made)
    assert (shown["status"], shown["attempts"]) == ("success", 4)
    assert [one["error"] for one in shown["attempt_log"]] == [
        "Получатель ответил 500",
        "Нет ответа за 10 с",
        "Получатель ответил 302: перенаправления не выполняются",
        None,
    ]
    assert [one["at"] for one in shown["attempt_log"]] == sorted(one["at"] for one in shown["attempt_log"])


@pytest.mark.parametrize("retry_count", [0, 2])
def test_there_are_as_many_attempts_as_retries_and_one(fake_aws: FakeAws, retry_count: int) -> None:
    made = subscribe(retry_count=retry_count)
    fake_aws.answers[HERE] = [BAD]
    happen()
    fake_aws.run()
    shown = delivery(made)
    assert len(fake_aws.calls) == shown["attempts"] == retry_count + 1
    assert (shown["status"], shown["response_status"], shown["response_body"]) == ("failed", 500, "broken")
    assert shown["error_message"] == "Получатель ответил 500"
    assert shown["delivered_at"] is None


def test_gone_disables_the_subscription_with_an_event(fake_aws: FakeAws) -> None:
    made = subscribe()
    subscribe(OTHER, events=["webhook.disabled"])
    fake_aws.answers[HERE] = [OutsideResponse(410, "", 1)]
    happen()
    fake_aws.run()
    shown = ok("GET", f"/api/webhooks/{made['uuid']}")
    assert (shown["is_active"], shown["disabled_reason"]) == (False, model.GONE)
    assert delivery(made)["attempts"] == 1
    (notice,) = fake_aws.got(OTHER)
    assert notice.envelope["data"]["subscription_id"] == made["uuid"]
    assert notice.envelope["data"]["reason"] == model.GONE
    happen()
    fake_aws.run()
    assert len(fake_aws.got(HERE)) == 1


def test_forty_failures_in_a_row_switch_it_off(fake_aws: FakeAws) -> None:
    made = subscribe(retry_count=0)
    subscribe(OTHER, events=["webhook.disabled"])
    fake_aws.answers[HERE] = [OutsideResponse(404, "", 1)] * 3 + [OK] + [OutsideResponse(404, "", 1)]
    for _ in range(4):
        happen()
    fake_aws.run()
    assert store.get(made["uuid"]).failures == 0  # the success was the last
    with transaction() as tx:
        store.change(tx, store.get(made["uuid"]), clock.now(), failures=38)
    happen()
    fake_aws.run()
    assert ok("GET", f"/api/webhooks/{made['uuid']}")["is_active"]
    happen()
    fake_aws.run()
    shown = ok("GET", f"/api/webhooks/{made['uuid']}")
    assert (shown["is_active"], shown["disabled_reason"]) == (False, "40 неудачных попыток подряд: подписка отключена")
    (notice,) = fake_aws.got(OTHER)
    assert notice.envelope["data"]["failures"] == 40
    assert ok("PATCH", f"/api/webhooks/{made['uuid']}", {"is_active": True})["disabled_reason"] is None
    happen()
    fake_aws.run()
    assert ok("GET", f"/api/webhooks/{made['uuid']}")["is_active"]


def test_what_is_pending_when_it_is_switched_off_or_deleted_fails_with_the_reason(fake_aws: FakeAws) -> None:
    made, other = subscribe(), subscribe(OTHER)
    happen()
    fake_aws.stream()
    fake_aws.fan_out()
    ok("PATCH", f"/api/webhooks/{made['uuid']}", {"is_active": False})
    ok("DELETE", f"/api/webhooks/{other['uuid']}")
    fake_aws.run()
    assert fake_aws.calls == []
    shown = delivery(made)
    assert (shown["status"], shown["attempts"], shown["error_message"]) == ("failed", 0, model.INACTIVE)
    (left,) = [item for item in deliveries() if item.subscription_id == other["uuid"]]
    assert (left.status, left.error_message) == ("failed", model.DELETED)
    assert ask("GET", f"/api/webhooks/{other['uuid']}/deliveries").status == 404


def test_two_messages_for_one_delivery_send_once(fake_aws: FakeAws) -> None:
    subscribe()
    happen()
    fake_aws.stream()
    fake_aws.queues["webhooks"] *= 2
    fake_aws.run()
    (item,) = deliveries()
    assert sending.deliver([item.uuid]) == ["skipped"]
    assert len(fake_aws.calls) == 1


def test_deliveries_to_a_dead_endpoint_are_postponed_without_attempts(fake_aws: FakeAws) -> None:
    made = subscribe(retry_count=10)
    fine = subscribe(OTHER)
    fake_aws.answers[HERE] = [Failed("connection", "Нет соединения: ConnectionRefusedError", 1)]
    for _ in range(8):
        happen()
    start = clock.now()
    fake_aws.run(minutes=1)
    assert clock.now() - start < timedelta(minutes=2)
    assert len(fake_aws.got(HERE)) < 15  # of 48 attempts: five, and a probe every ten seconds
    assert delivery_list(fine, "?status=success")["total"] == 8
    fake_aws.answers[HERE] = [OK]
    fake_aws.run(minutes=10)
    items = delivery_list(made, "?limit=100")["items"]
    assert {item["status"] for item in items} == {"success"}
    attempts = len(fake_aws.got(HERE))
    assert sum(item["attempts"] for item in items) == attempts


def test_a_subscription_hears_of_its_errors_in_the_language_of_the_request_that_made_it(fake_aws: FakeAws) -> None:
    english = {"Accept-Language": "en"}
    body = {"url": HERE, "events": ["batch.created"], "secret_key": KEY, "retry_count": 0}
    made = ask("POST", "/api/webhooks", body, english).json
    fake_aws.answers[HERE] = [OutsideResponse(410, "", 1)]
    happen()
    fake_aws.run()
    assert delivery(made)["error_message"] == "The receiver answered 410"
    reason = ok("GET", f"/api/webhooks/{made['uuid']}")["disabled_reason"]
    assert reason == "The receiver answered 410: the subscription is disabled"
