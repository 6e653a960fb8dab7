"""Webhooks on the deployed stack, to a real receiver: signed, tried again, made again, switched off."""

from typing import Any

import pytest
from standardwebhooks import Webhook

from chalicelib.events.types import get
from tests.e2e.production import new_batch, new_center, ok
from tests.e2e.receiver import Got, Receiver
from tests.e2e.stack import Stack
from tests.waiting import wait_for

pytestmark = pytest.mark.usefixtures("no_subscriptions", "no_sweep")

KEY = "webhook_secret_key"


def subscribe(stack: Stack, target: Receiver, path: str, **fields: Any) -> dict[str, Any]:
    body = {"url": target.url(path), "events": ["batch.created", "batch.closed"], "secret_key": KEY}
    made: dict[str, Any] = ok(stack, "POST", "/api/webhooks", body | fields)
    return made


def arrived(target: Receiver, path: str, number: int = 1) -> list[Got]:
    """What came to a path, once there are that many."""
    wait_for(lambda: len(target.at(path)) >= number)
    return target.at(path)


def settled(stack: Stack, made: dict[str, Any], number: int = 1) -> list[dict[str, Any]]:
    """The deliveries of a subscription, once there are that many and all have ended."""

    def ended() -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = ok(stack, "GET", f"/api/webhooks/{made['uuid']}/deliveries?limit=100")["items"]
        return items if len(items) >= number and all(item["status"] != "pending" for item in items) else []

    return wait_for(ended, every=0.2)


def test_a_batch_is_told_to_who_subscribed_signed_in_both_ways(stack: Stack, target: Receiver) -> None:
    made = subscribe(stack, target, "/hook")
    batch = new_batch(stack)
    (got,) = arrived(target, "/hook")
    envelope = Webhook(KEY.encode()).verify(got.body, got.headers)
    assert envelope == got.envelope
    assert envelope["data"]["batch_id"] == batch["uuid"]
    get("batch.created").check(envelope["data"])
    (delivery,) = settled(stack, made)
    assert (delivery["uuid"], delivery["status"], delivery["response_body"]) == (got.id, "success", "OK")
    assert delivery["payload"] == envelope["data"]
    headers = {name: value for name, value in got.headers.items() if name != "host"}
    own = stack.call("POST", f"/api/webhooks/test?secret_key={KEY}", data=got.body, headers=headers).json()
    assert (own["signature_valid"], own["event"], own["payload"]) == (True, "batch.created", envelope)


def test_it_is_tried_again_and_the_attempts_are_shown_in_order(stack: Stack, target: Receiver) -> None:
    target.answers["/flaky"] = [500, 503, 200]
    made = subscribe(stack, target, "/flaky")
    new_batch(stack)
    got = arrived(target, "/flaky", 3)
    assert len({(one.id, one.body) for one in got}) == 1
    assert got[1].at - got[0].at >= 0.5
    (delivery,) = settled(stack, made)
    log = ok(stack, "GET", f"/api/webhooks/{made['uuid']}/deliveries/{delivery['uuid']}")["attempt_log"]
    assert [attempt["status"] for attempt in log] == [500, 503, 200]
    assert [attempt["at"] for attempt in log] == sorted(attempt["at"] for attempt in log)


def test_a_delivery_that_failed_can_be_made_again(stack: Stack, target: Receiver) -> None:
    target.answers["/later"] = [400, 400, 200]
    made = subscribe(stack, target, "/later", retry_count=0)
    place = f"/api/webhooks/{made['uuid']}"
    for _ in range(2):
        new_batch(stack)
    failed = settled(stack, made, 2)
    assert [item["status"] for item in failed] == ["failed"] * 2
    ok(stack, "POST", f"{place}/deliveries/{failed[0]['uuid']}/redeliver")
    arrived(target, "/later", 3)
    since = failed[-1]["created_at"]
    assert ok(stack, "POST", f"{place}/redeliver", {"since": since}) == {"redelivered": 1, "more": False}
    assert [item["status"] for item in wait_for(lambda: _all_fine(stack, made))] == ["success"] * 2
    assert {one.id for one in target.at("/later")} == {item["uuid"] for item in failed}


def _all_fine(stack: Stack, made: dict[str, Any]) -> list[dict[str, Any]]:
    items = settled(stack, made, 2)
    return items if all(item["status"] == "success" for item in items) else []


def test_gone_switches_it_off_and_others_are_told(stack: Stack, target: Receiver) -> None:
    target.answers["/gone"] = [410]
    made = subscribe(stack, target, "/gone", notify_email="boss@example.com")
    subscribe(stack, target, "/watch", events=["webhook.disabled"])
    new_batch(stack)
    (notice,) = arrived(target, "/watch")
    assert notice.envelope["data"]["subscription_id"] == made["uuid"]
    shown = ok(stack, "GET", f"/api/webhooks/{made['uuid']}")
    assert (shown["is_active"], shown["disabled_reason"]) == (False, "Получатель ответил 410: подписка отключена")
    wait_for(lambda: list((stack.state / "mail").glob("* boss@example.com.eml")))
    new_batch(stack)
    assert len(target.at("/gone")) == 1


def test_a_rotated_key_and_the_one_before_both_verify(stack: Stack, target: Receiver) -> None:
    made = subscribe(stack, target, "/rotated")
    ok(stack, "POST", f"/api/webhooks/{made['uuid']}/rotate_secret", {"secret_key": "whsec_bmV4dCBzZWNyZXQga2V5IQ=="})
    ok(stack, "POST", f"/api/webhooks/{made['uuid']}/test", {"event": "batch.closed"})
    (got,) = arrived(target, "/rotated")
    for key in (KEY.encode(), "whsec_bmV4dCBzZWNyZXQga2V5IQ=="):
        assert Webhook(key).verify(got.body, got.headers)["event"] == "batch.closed"
    assert got.headers["x-webhook-test"] == "true"


def test_a_redirect_is_not_followed_and_deleting_ends_it(stack: Stack, target: Receiver) -> None:
    target.answers["/moved"] = [302]
    made = subscribe(stack, target, "/moved", retry_count=0, events=["work_center.deleted"])
    ok(stack, "DELETE", f"/api/work_centers/{new_center(stack)}")
    (delivery,) = settled(stack, made)
    assert (delivery["status"], delivery["response_status"]) == ("failed", 302)
    assert len(target.at("/moved")) == 1
    ok(stack, "DELETE", f"/api/webhooks/{made['uuid']}")
    assert stack.call("GET", f"/api/webhooks/{made['uuid']}/deliveries").status_code == 404


def test_what_lost_its_message_is_found_by_the_sweep(stack: Stack, target: Receiver) -> None:
    made = subscribe(stack, target, "/lost")
    new_batch(stack)
    delivery = settled(stack, made)[0]
    key = {"TableName": f"{stack.name}-webhook_deliveries", "Key": {"uuid": {"S": delivery["uuid"]}}}
    stack.client("dynamodb").update_item(
        **key,
        UpdateExpression="SET #status = :pending, due_at = :due",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":pending": {"S": "pending"}, ":due": {"S": "2025-01-20T18:00:00.000000Z"}},
    )
    answer = stack.client("lambda").invoke(FunctionName=f"{stack.name}-sweep", Payload=b"{}")
    assert "FunctionError" not in answer, answer["Payload"].read()
    wait_for(lambda: [got.id for got in target.at("/lost")].count(delivery["uuid"]) == 2)


def test_old_deliveries_are_removed_by_the_sweep(stack: Stack, target: Receiver) -> None:
    made = subscribe(stack, target, "/old")
    new_batch(stack)
    (delivery,) = settled(stack, made)
    dynamodb, table = stack.client("dynamodb"), f"{stack.name}-webhook_deliveries"
    old = "2025-01-20T18:00:00.000000Z"
    dynamodb.update_item(
        TableName=table,
        Key={"uuid": {"S": delivery["uuid"]}},
        UpdateExpression="SET created_at = :old, s_created_at = :key",
        ExpressionAttributeValues={":old": {"S": old}, ":key": {"S": f"{old}\x1f{delivery['uuid']}"}},
    )
    stack.client("lambda").invoke(FunctionName=f"{stack.name}-sweep", Payload=b"{}")
    listed = ok(stack, "GET", f"/api/webhooks/{made['uuid']}/deliveries")
    assert (listed["items"], listed["total"]) == ([], 0)


def test_at_rest_each_event_arrives_by_one_attempt(stack: Stack, target: Receiver) -> None:
    made = subscribe(stack, target, "/quick", events=["work_center.deleted"])
    centers = [new_center(stack) for _ in range(5)]
    for number, center in enumerate(centers, 1):
        ok(stack, "DELETE", f"/api/work_centers/{center}")
        arrived(target, "/quick", number)
    assert [got.envelope["data"]["work_center_id"] for got in target.at("/quick")] == centers
    assert [delivery["attempts"] for delivery in settled(stack, made, 5)] == [1] * 5
