"""Looking at deliveries, making them again, sending examples, and forgetting the old ones."""

from collections.abc import Callable
from typing import Any

import pytest
from standardwebhooks import Webhook

from chalicelib.core import clock, mail
from chalicelib.core.errors import Unavailable
from chalicelib.core.outgoing import OutsideResponse
from chalicelib.core.recount import ListCounters, compare
from chalicelib.events.types import get
from chalicelib.webhooks import deliveries as use_cases
from chalicelib.webhooks import deliveries_store, notices, signing, sweep
from chalicelib.webhooks.deliveries_store import DELIVERIES, DeliveryItem
from tests.integration.webhooks.fake_aws import OK, FakeAws, deliveries
from tests.integration.webhooks.subscribing import HERE, KEY, delivery, delivery_list, happen, happen_many, subscribe
from tests.production import ask, ok, refused, wrong_fields

NEXT = "the_next_secret"
BAD = OutsideResponse(400, "no", 1)


def test_the_list_is_filtered_by_status_and_event(fake_aws: FakeAws) -> None:
    made = subscribe()
    fake_aws.answers[HERE] = [OK, BAD, OK]
    for name in ("batch.created", "batch.closed", "batch.created"):
        happen(name)
        fake_aws.run()
    statuses = [(item["event_type"], item["status"]) for item in delivery_list(made)["items"]]
    assert statuses == [("batch.created", "success"), ("batch.closed", "success"), ("batch.created", "success")]
    ok("PATCH", f"/api/webhooks/{made['uuid']}", {"retry_count": 0})
    fake_aws.answers[HERE] = [BAD]
    happen("batch.closed")
    fake_aws.run()

    def found(query: str) -> tuple[int, int]:
        page = delivery_list(made, query)
        return page["total"], len(page["items"])

    assert found("") == (4, 4)
    assert found("?status=failed") == (1, 1)
    assert found("?status=pending") == (0, 0)
    assert found("?event_type=batch.created") == (2, 2)
    assert found("?event_type=batch.closed&status=success") == (1, 1)
    assert found("?limit=1&offset=1&status=success") == (3, 1)
    wrong = wrong_fields("GET", f"/api/webhooks/{made['uuid']}/deliveries?status=lost&event_type=x&limit=0")
    assert set(wrong) == {"query.status", "query.event_type", "query.limit"}


def test_a_cursor_leads_through_the_list(fake_aws: FakeAws) -> None:
    made = subscribe()
    for _ in range(5):
        happen()
    fake_aws.run()
    seen, query = [], "?limit=2"
    while True:
        page = delivery_list(made, query)
        seen += [item["uuid"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        query = f"?limit=2&cursor={page['next_cursor']}"
    assert seen == [item["uuid"] for item in delivery_list(made)["items"]]
    assert len(set(seen)) == 5


def test_a_delivery_of_another_subscription_is_unknown(fake_aws: FakeAws) -> None:
    made, other = subscribe(), subscribe(events=["batch.deleted"])
    happen()
    fake_aws.run()
    path = f"/api/webhooks/{other['uuid']}/deliveries/{delivery(made)['uuid']}"
    assert refused(404, "GET", path) == "Доставка не найдена"
    assert refused(404, "POST", f"{path}/redeliver") == "Доставка не найдена"


def test_redelivery_begins_anew_under_the_same_id(fake_aws: FakeAws) -> None:
    made = subscribe(retry_count=1)
    fake_aws.answers[HERE] = [BAD]
    happen()
    fake_aws.run()
    failed = delivery(made)
    assert (failed["status"], failed["attempts"]) == ("failed", 2)
    fake_aws.answers[HERE] = [BAD, OK]
    answer = ask("POST", f"/api/webhooks/{made['uuid']}/deliveries/{failed['uuid']}/redeliver")
    assert (answer.status, answer.json["status"]) == (202, "pending")
    assert refused(409, "POST", f"/api/webhooks/{made['uuid']}/deliveries/{failed['uuid']}/redeliver")
    fake_aws.run()
    again = delivery(made)
    assert (again["status"], again["attempts"], len(again["attempt_log"])) == ("success", 4, 4)
    assert len({(call.headers["webhook-id"], call.body) for call in fake_aws.calls}) == 1
    assert delivery_list(made, "?status=failed")["total"] == 0
    ok("POST", f"/api/webhooks/{made['uuid']}/deliveries/{failed['uuid']}/redeliver")
    fake_aws.run()
    assert len(fake_aws.calls) == 5


def test_all_failed_since_a_time_are_made_again(
    fake_aws: FakeAws, later: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(use_cases, "DELIVERIES_PER_TRANSACTION", 2)
    monkeypatch.setattr(use_cases, "MAX_RESTARTS", 2)
    made = subscribe(retry_count=0)
    place = f"/api/webhooks/{made['uuid']}/redeliver"
    fake_aws.answers[HERE] = [BAD]
    happen()
    fake_aws.run()
    later(hours=1)
    since = clock.to_json(clock.now())
    for _ in range(3):
        happen()
    fake_aws.run()
    assert delivery_list(made, "?status=failed")["total"] == 4
    fake_aws.answers[HERE] = [OK]
    assert ok("POST", place, {"since": since}) == {"redelivered": 2, "more": True}
    assert ok("POST", place, {"since": since}) == {"redelivered": 1, "more": False}
    fake_aws.run()
    assert (delivery_list(made, "?status=success")["total"], delivery_list(made, "?status=failed")["total"]) == (3, 1)
    assert ok("POST", place, {"since": since}) == {"redelivered": 0, "more": False}
    assert list(wrong_fields("POST", place, {})) == ["body.since"]
    ok("PATCH", f"/api/webhooks/{made['uuid']}", {"is_active": False})
    assert "отключена" in refused(409, "POST", place, {"since": since})


def test_an_example_is_a_delivery_of_its_own(fake_aws: FakeAws) -> None:
    made = subscribe(events=["batch.closed"], retry_count=0)
    answer = ask("POST", f"/api/webhooks/{made['uuid']}/test", {"event": "batch.created"})
    assert answer.status == 202
    assert (answer.json["status"], answer.json["is_test"]) == ("pending", True)
    fake_aws.answers[HERE] = [BAD]
    fake_aws.run()
    (call,) = fake_aws.calls
    assert call.headers["X-Webhook-Test"] == "true"
    assert call.envelope["data"] == get("batch.created").example_data()
    assert call.headers["webhook-id"] == answer.json["uuid"]
    assert delivery(made)["status"] == "failed"
    for body in ({}, {"event": "report.created"}):
        assert list(wrong_fields("POST", f"/api/webhooks/{made['uuid']}/test", body)) == ["body.event"]


def test_after_a_rotation_both_keys_sign_for_a_day(fake_aws: FakeAws, later: Callable[..., None]) -> None:
    made = subscribe()
    rotated = ok("POST", f"/api/webhooks/{made['uuid']}/rotate_secret", {"secret_key": NEXT})
    assert rotated["updated_at"]
    happen()
    fake_aws.run()
    for key in (NEXT, KEY):
        Webhook(key.encode()).verify(fake_aws.calls[0].body, fake_aws.calls[0].headers)
    later(hours=24)
    happen()
    fake_aws.run()
    both, one = fake_aws.calls
    assert both.headers["X-Webhook-Signature"] == signing.signature(NEXT, both.body)
    assert both.headers["X-Webhook-Signature-Previous"] == signing.signature(KEY, both.body)
    assert one.headers["X-Webhook-Signature"] == signing.signature(NEXT, one.body)
    assert "X-Webhook-Signature-Previous" not in one.headers
    assert " " not in one.headers["webhook-signature"]


def test_a_patched_key_counts_at_once(fake_aws: FakeAws) -> None:
    made = subscribe()
    ok("POST", f"/api/webhooks/{made['uuid']}/rotate_secret", {"secret_key": NEXT})
    ok("PATCH", f"/api/webhooks/{made['uuid']}", {"secret_key": "a third one"})
    happen()
    fake_aws.run()
    (call,) = fake_aws.calls
    assert call.headers["X-Webhook-Signature"] == signing.signature("a third one", call.body)
    assert "X-Webhook-Signature-Previous" not in call.headers


def test_deliveries_are_forgotten_after_thirty_days_with_their_counters(
    fake_aws: FakeAws, later: Callable[..., None]
) -> None:
    made = subscribe()
    for _ in range(3):
        happen()
    fake_aws.run()
    later(days=29)
    happen("batch.closed")
    fake_aws.run()
    assert sweep.remove_old() == 0
    later(days=1, hours=1)
    assert sweep.remove_old() == 3
    assert sweep.remove_old() == 0
    assert delivery_list(made)["total"] == len(deliveries()) == 1
    assert delivery_list(made, "?event_type=batch.created")["total"] == 0
    assert compare(ListCounters(DELIVERIES))[:2] == ({}, set())


def test_old_deliveries_go_at_the_rate_they_came_within_bounds(
    fake_aws: FakeAws, later: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sweep.REMOVE_LIMIT >= 20_000  # a minute: 28 million a day
    monkeypatch.setattr(deliveries_store, "DELIVERIES_PER_TRANSACTION", 2)
    monkeypatch.setattr(
        deliveries_store, "REMOVE_TRANSACTIONS", 1
    )  # moto undoes a failed transaction by setting back all tables
    made = subscribe(events=["product.aggregated"])
    happen_many(30)
    fake_aws.run()
    later(days=30, hours=1)
    with monkeypatch.context() as patch:
        patch.setattr(sweep, "REMOVE_LIMIT", 11)
        assert sweep.remove_old() == 11
        patch.setattr(sweep, "REMOVE_SECONDS", 0.0)
        assert sweep.remove_old() == 0
    assert delivery_list(made)["total"] == len(deliveries()) == 19
    oldest = min(deliveries(), key=lambda item: (item.created_at, item.uuid)).uuid
    remove = deliveries_store._remove

    def meets_a_redelivery(chunk: list[DeliveryItem]) -> int:
        if oldest in {item.uuid for item in chunk}:
            ok("POST", f"/api/webhooks/{made['uuid']}/deliveries/{oldest}/redeliver")
        return remove(chunk)

    with monkeypatch.context() as patch:
        patch.setattr(deliveries_store, "_remove", meets_a_redelivery)
        assert sweep.remove_old() == 17  # all but the chunk with that one
    assert sweep.remove_old() == 2
    assert compare(ListCounters(DELIVERIES))[:2] == ({}, set())


def test_the_sweep_announces_only_what_is_late(fake_aws: FakeAws, later: Callable[..., None]) -> None:
    subscribe()
    happen()
    fake_aws.stream()
    fake_aws.fan_out()
    fake_aws.queues["deliveries"].clear()
    assert sweep.announce_late() == 0
    later(seconds=31)
    assert sweep.announce_late() == 1
    fake_aws.run()
    assert len(fake_aws.calls) == 1
    assert sweep.announce_late() == 0


class Post:
    """Keeps what is sent; refuses when it is closed."""

    def __init__(self) -> None:
        self.sent: list[tuple[Any, ...]] = []
        self.closed = False

    def send(self, *message: Any) -> str:
        if self.closed:
            raise Unavailable
        self.sent.append(message)
        return "1"


def test_one_email_is_sent_for_one_disabling(fake_aws: FakeAws, monkeypatch: pytest.MonkeyPatch) -> None:
    post = Post()
    monkeypatch.setattr(mail, "send", post.send)
    made, silent = subscribe(notify_email="boss@example.com"), subscribe("https://two.example/")
    fake_aws.answers[HERE] = fake_aws.answers["https://two.example/"] = [OutsideResponse(410, "", 1)]
    happen()
    fake_aws.run()
    data = {"reason": "Получатель ответил 410"}
    post.closed = True
    with pytest.raises(Unavailable):  # the queue brings the event again
        notices.disabled(data | {"subscription_id": made["uuid"]})
    post.closed = False
    for _ in range(2):
        notices.disabled(data | {"subscription_id": made["uuid"]})
        notices.disabled(data | {"subscription_id": silent["uuid"]})
        notices.disabled(data | {"subscription_id": "00000000-0000-4000-8000-000000000000"})
    ((to, subject, text),) = post.sent
    assert (to, subject) == ("boss@example.com", "Подписка на вебхук отключена")
    assert made["uuid"] in text
    assert HERE in text
    assert "Получатель ответил 410" in text
