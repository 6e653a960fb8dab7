"""How subscriptions do: their health, and the list of what fails now over all of them."""

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.core import clock
from chalicelib.core.outgoing import Failed, OutsideResponse
from chalicelib.webhooks import deliveries_store, model, store
from tests.failure_injection import fault, throttled
from tests.integration.webhooks.fake_aws import OK, FakeAws
from tests.integration.webhooks.subscribing import HERE, delivery, happen, subscribe
from tests.production import ask, ok, refused, wrong_fields

OTHER = "https://two.example/hook"
BAD = OutsideResponse(500, "broken", 7)
UNUSED = {
    "success_rate": None, "delivered": 0, "failed": 0, "pending": 0, "last_error": None, "last_error_at": None,
    "last_delivered_at": None, "circuit": "closed", "circuit_retry_at": None,
}  # fmt: skip


def health(subscription: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = ok("GET", f"/api/webhooks/{subscription['uuid']}")["health"]
    return found


def failing(query: str = "") -> dict[str, Any]:
    found: dict[str, Any] = ok("GET", f"/api/webhooks/failing{query}")
    return found


def deliver(fake_aws: FakeAws, *answers: OutsideResponse | Failed) -> None:
    """An event for each answer, delivered one after the other."""
    for answer in answers:
        fake_aws.answers[HERE] = [answer]
        happen()
        fake_aws.run()


def test_health_counts_what_was_delivered_and_what_was_not(fake_aws: FakeAws) -> None:
    made = subscribe(retry_count=0)
    assert made["health"] == health(made) == UNUSED
    deliver(fake_aws, OK, OK, BAD)
    happen()  # not sent yet
    fake_aws.stream()
    fake_aws.fan_out()
    found = health(made)
    assert (found["success_rate"], found["delivered"], found["failed"], found["pending"]) == (66.6, 2, 1, 1)
    failed, *delivered = ok("GET", f"/api/webhooks/{made['uuid']}/deliveries?offset=1")["items"]
    assert found["last_delivered_at"] == delivered[0]["delivered_at"]
    assert (found["last_error"], found["last_error_at"]) == ("Получатель ответил 500", failed["updated_at"])
    assert found["circuit"] == "closed" and found["circuit_retry_at"] is None


def test_an_attempt_that_is_made_again_is_the_last_error_and_no_failed_delivery(fake_aws: FakeAws) -> None:
    made = subscribe()
    fake_aws.answers[HERE] = [Failed("connection", "Нет соединения", 3), OK]
    happen()
    fake_aws.run()
    found = health(made)
    assert (found["success_rate"], found["delivered"], found["failed"], found["pending"]) == (100.0, 1, 0, 0)
    assert found["last_error"] == "Нет соединения"
    assert found["last_error_at"] < found["last_delivered_at"]


def test_the_list_has_the_health_of_each_subscription(fake_aws: FakeAws) -> None:
    good, bad = subscribe(OTHER), subscribe(retry_count=0)
    deliver(fake_aws, BAD, BAD)
    page = ok("GET", "/api/webhooks")
    shown = {item["uuid"]: item["health"] for item in page["items"]}
    assert shown == {one["uuid"]: health(one) for one in (good, bad)}
    assert [(shown[one["uuid"]]["delivered"], shown[one["uuid"]]["failed"]) for one in (good, bad)] == [(2, 0), (0, 2)]


def test_redelivering_and_deleting_leave_the_counts_true(fake_aws: FakeAws) -> None:
    made = subscribe(retry_count=0)
    deliver(fake_aws, BAD)
    again = f"/api/webhooks/{made['uuid']}/deliveries/{delivery(made)['uuid']}/redeliver"
    ok("POST", again)
    assert (health(made)["failed"], health(made)["pending"]) == (0, 1)
    fake_aws.answers[HERE] = [OK]
    fake_aws.run()
    assert (health(made)["failed"], health(made)["delivered"], health(made)["pending"]) == (0, 1, 0)
    assert ask("DELETE", f"/api/webhooks/{made['uuid']}").status == 204
    assert deliveries_store.fetch(store.HealthItem, made["uuid"]) is None


def test_an_open_circuit_is_shown_with_its_end(fake_aws: FakeAws, later: Callable[..., None]) -> None:
    made = subscribe(retry_count=0)
    deliver(fake_aws, *[BAD] * 5)
    found = health(made)
    assert found["circuit"] == "open"
    assert clock.to_json(clock.now()) < found["circuit_retry_at"]
    later(seconds=11)
    assert (health(made)["circuit"], health(made)["circuit_retry_at"]) == ("half_open", None)
    deliver(fake_aws, OK)
    assert health(made)["circuit"] == "closed"


def test_a_delivery_that_waits_for_an_open_circuit_says_so(fake_aws: FakeAws) -> None:
    made = subscribe(retry_count=0)
    deliver(fake_aws, *[BAD] * 5)
    assert delivery(made, failing()["items"][0]["uuid"])["reason"] is None
    happen()
    fake_aws.stream()
    fake_aws.fan_out()
    fake_aws._deliver()
    (waiting,) = ok("GET", f"/api/webhooks/{made['uuid']}/deliveries?status=pending")["items"]
    shown = delivery(made, waiting["uuid"])
    assert (shown["reason"], shown["attempts"]) == (model.POSTPONED, 0)
    assert shown["next_attempt_at"] > clock.to_json(clock.now())
    listed = failing()["items"][0]
    assert listed == {**waiting, "subscription_url": HERE}
    fake_aws.answers[HERE] = [OK]
    fake_aws.run()
    assert delivery(made, waiting["uuid"])["reason"] is None


def test_health_does_not_stand_in_the_way_of_a_change(fake_aws: FakeAws) -> None:
    made = subscribe()
    path = f"/api/webhooks/{made['uuid']}"
    tag = ask("GET", path).headers["ETag"]
    assert ask("GET", path, headers={"If-None-Match": tag}).status == 304
    deliver(fake_aws, OK)
    now = ask("GET", path, headers={"If-None-Match": tag})
    assert (now.status, now.json["health"]["delivered"]) == (200, 1) and now.headers["ETag"] != tag
    changed = ask("PATCH", path, {"timeout": 5}, {"If-Match": tag})
    assert (changed.status, changed.headers["ETag"]) == (200, ask("GET", path).headers["ETag"])
    assert ask("PATCH", path, {"timeout": 6}, {"If-Match": now.headers["ETag"]}).status == 412


def test_what_was_sent_is_not_sent_again_because_health_is_throttled(fake_aws: FakeAws) -> None:
    made = subscribe(retry_count=0)
    happen()
    with fault(throttled, of={"UpdateItem"}.__contains__, table="shopfloor-test-webhook_health") as calls:
        fake_aws.run()
    assert calls and len(fake_aws.got(HERE)) == 1
    assert (health(made)["delivered"], health(made)["last_delivered_at"]) == (1, None)


def test_what_fails_now_is_listed_over_all_subscriptions(fake_aws: FakeAws) -> None:
    once, often = subscribe(OTHER, retry_count=0), subscribe(retry_count=3)
    fake_aws.answers = {HERE: [BAD], OTHER: [OutsideResponse(400, "no", 1)]}
    happen("batch.created")
    fake_aws.stream()
    fake_aws.fan_out()
    assert failing() == {"items": [], "limit": 25, "next_cursor": None}  # on their way is not failing
    fake_aws._deliver()
    found = {item["subscription_id"]: item for item in failing()["items"]}
    assert found.keys() == {once["uuid"], often["uuid"]}
    assert [found[one["uuid"]]["subscription_url"] for one in (once, often)] == [OTHER, HERE]
    waiting, ended = found[often["uuid"]], found[once["uuid"]]
    assert (waiting["status"], waiting["attempts"]) == ("pending", 1)
    assert waiting["error_message"] == "Получатель ответил 500"
    assert (waiting["event_type"], waiting["response_status"], waiting["reason"]) == ("batch.created", 500, None)
    assert waiting["next_attempt_at"] is not None
    assert (ended["status"], ended["next_attempt_at"], ended["response_body"]) == ("failed", None, "no")
    fake_aws.answers = {}
    fake_aws.run()
    assert [item["subscription_id"] for item in failing()["items"]] == [once["uuid"]]
    ok("POST", f"/api/webhooks/{once['uuid']}/deliveries/{ended['uuid']}/redeliver")
    assert failing()["items"] == []


def test_what_fails_is_read_page_by_page_newest_first(fake_aws: FakeAws) -> None:
    made = subscribe(retry_count=0)
    ended = []
    for _ in range(5):
        deliver(fake_aws, OutsideResponse(400, "no", 1))
        ended.append(ok("GET", f"/api/webhooks/{made['uuid']}/deliveries?limit=1")["items"][0]["uuid"])
    seen, cursor = [], ""
    while cursor is not None:
        page = failing(f"?limit=2{cursor and f'&cursor={cursor}'}")
        seen.append([item["uuid"] for item in page["items"]])
        cursor = page["next_cursor"]
    assert seen == [ended[4:2:-1], ended[2:0:-1], ended[:1]]
    assert list(wrong_fields("GET", "/api/webhooks/failing?cursor=AAAA")) == ["query.cursor"]
    assert list(wrong_fields("GET", "/api/webhooks/failing?limit=0")) == ["query.limit"]


def test_what_failed_for_a_deleted_subscription_stays_without_its_address(fake_aws: FakeAws) -> None:
    made = subscribe(retry_count=0)
    deliver(fake_aws, BAD)
    assert ask("DELETE", f"/api/webhooks/{made['uuid']}").status == 204
    (item,) = failing()["items"]
    assert (item["subscription_id"], item["subscription_url"]) == (made["uuid"], None)
    assert refused(404, "GET", f"/api/webhooks/{made['uuid']}") == "Подписка не найдена"


@pytest.mark.parametrize(
    ("delivered", "failed", "rate"),
    [(0, 0, None), (1, 0, 100.0), (0, 1, 0.0), (9_999, 1, 99.9), (1, 2, 33.3), (10**9, 1, 99.9)],
)
def test_the_rate_of_success_is_rounded_down(delivered: int, failed: int, rate: float | None) -> None:
    assert model.success_rate(delivered, failed) == rate
