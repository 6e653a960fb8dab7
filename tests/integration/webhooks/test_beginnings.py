"""What a subscription gets: events from its beginning on, under a URL and a key that belong together."""

import hmac
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from chalicelib.core import clock
from chalicelib.core.aws import client
from chalicelib.core.errors import Unavailable
from chalicelib.core.outgoing import OutsideResponse
from chalicelib.core.retries import INCONSISTENT_READ
from chalicelib.core.transactions import transaction
from chalicelib.webhooks import model, store
from tests.aws_calls import Call, patch_calls
from tests.crash_injection import Died, after_write, die
from tests.integration.webhooks.fake_aws import FakeAws
from tests.integration.webhooks.subscribing import HERE, KEY, delivery_list, happen, happen_many, subscribe
from tests.production import ask, ok

THERE, NEXT = "https://two.example/hook", "another_webhook_key"


def got(fake_aws: FakeAws, url: str = HERE) -> list[str]:
    """The events a receiver got, in order."""
    return [call.envelope["event"] for call in fake_aws.got(url)]


def test_an_event_from_before_a_subscription_that_comes_late_is_not_for_it(fake_aws: FakeAws) -> None:
    subscribe(THERE)  # so that the relay sends such events at all
    happen()
    subscribe()
    fake_aws.run()
    assert (got(fake_aws), got(fake_aws, THERE)) == ([], ["batch.created"])
    happen("batch.closed")
    fake_aws.run()
    assert got(fake_aws) == ["batch.closed"]


def test_a_message_of_the_bus_that_comes_late_is_not_for_it_either(fake_aws: FakeAws) -> None:
    subscribe(THERE, events=["product.aggregated"])
    happen_many(3)
    assert fake_aws.stream()
    subscribe(events=["product.aggregated"])
    happen_many(2)
    fake_aws.run()
    assert (len(got(fake_aws)), len(got(fake_aws, THERE))) == (2, 5)


def test_an_event_of_the_very_moment_is_for_it(fake_aws: FakeAws) -> None:
    made = subscribe()
    happen(at=clock.from_text(store.get(made["uuid"]).created_at))
    fake_aws.run()
    assert got(fake_aws) == ["batch.created"]


def test_a_disabled_subscription_receives_events_since_it_was_enabled(
    fake_aws: FakeAws, later: Callable[..., None]
) -> None:
    made = subscribe()
    subscribe(THERE)
    place = f"/api/webhooks/{made['uuid']}"
    ok("PATCH", place, {"is_active": False})
    later(seconds=1)
    happen()
    later(seconds=1)
    ok("PATCH", place, {"is_active": True})
    fake_aws.run()
    assert (got(fake_aws), got(fake_aws, THERE)) == ([], ["batch.created"])
    happen()
    ok("PATCH", place, {"is_active": True, "timeout": 7})  # it is on: nothing begins anew
    fake_aws.run()
    assert got(fake_aws) == ["batch.created"]


@pytest.fixture
def tired(fake_aws: FakeAws) -> dict[str, Any]:
    """A subscription that was disabled because its receiver has failed too often."""
    made = subscribe(retry_count=0)
    with transaction() as tx:
        store.change(tx, store.get(made["uuid"]), clock.now(), failures=model.MAX_FAILURES_IN_ROW - 1)
    fake_aws.answers[HERE] = [OutsideResponse(503, "", 1), OutsideResponse(200, "", 1)]
    happen("batch.created")
    fake_aws.run()
    assert not ok("GET", f"/api/webhooks/{made['uuid']}")["is_active"]
    return made


def test_what_happens_while_failures_have_disabled_it_is_kept_and_sent_again_once(
    fake_aws: FakeAws, later: Callable[..., None], tired: dict[str, Any]
) -> None:
    place = f"/api/webhooks/{tired['uuid']}"
    later(days=7)
    missed = [happen("batch.closed") for _ in range(2)]
    fake_aws.run()
    assert got(fake_aws) == ["batch.created"]  # no call while it is off
    kept = {model.delivery_id(event, tired["uuid"]) for event in missed}
    assert kept < {item["uuid"] for item in delivery_list(tired, "?status=failed")["items"]}
    last = happen("batch.closed")
    assert ok("PATCH", place, {"is_active": True})["keeps_events_until"] is None
    fake_aws.run()
    assert got(fake_aws) == ["batch.created", "batch.closed"]  # the one that was on its way when it was switched on
    assert ok("POST", f"{place}/redeliver", {"since": tired["created_at"]}) == {"redelivered": 3, "more": False}
    fake_aws.run()
    arrived = [call.headers["webhook-id"] for call in fake_aws.got(HERE)[1:]]
    assert sorted(arrived) == sorted({*kept, arrived[1], model.delivery_id(last, tired["uuid"])})
    assert delivery_list(tired, "?status=success")["total"] == 4


@pytest.mark.parametrize("ended", ["by a user", "by time"])
def test_events_are_kept_until_a_user_switches_it_off_or_thirty_days_have_passed(
    fake_aws: FakeAws, later: Callable[..., None], tired: dict[str, Any], ended: str
) -> None:
    if ended == "by a user":
        ok("PATCH", f"/api/webhooks/{tired['uuid']}", {"is_active": False})
    else:
        later(days=model.RETENTION.days, seconds=1)
    happen("batch.closed")
    fake_aws.run()
    ok("PATCH", f"/api/webhooks/{tired['uuid']}", {"is_active": True})
    fake_aws.run()
    assert got(fake_aws) == ["batch.created"]
    assert delivery_list(tired, "?event_type=batch.closed")["total"] == 0


def test_an_event_type_is_heard_from_its_addition_on_and_the_others_as_before(fake_aws: FakeAws) -> None:
    made = subscribe(events=["batch.created"])
    subscribe(THERE)
    happen("batch.created")
    happen("batch.closed")
    ok("PATCH", f"/api/webhooks/{made['uuid']}", {"events": ["batch.closed", "batch.created"]})
    fake_aws.run()
    assert got(fake_aws) == ["batch.created"]
    happen("batch.closed")
    fake_aws.run()
    assert got(fake_aws) == ["batch.created", "batch.closed"]


@pytest.fixture
def pair() -> Iterator[Callable[[dict[str, Any]], tuple[str, bool, list[str]]]]:
    """What a subscription is sent with: URL, whether it is on, keys."""

    def read(made: dict[str, Any]) -> tuple[str, bool, list[str]]:
        ((item, keys),) = store.with_keys([made["uuid"]], clock.now()).values()
        return item.url, item.is_active, list(keys)

    yield read


@pytest.mark.parametrize("number", [1, 2, 3])
def test_url_fields_and_key_change_together_wherever_the_request_dies(
    fake_aws: FakeAws, pair: Callable[[dict[str, Any]], Any], number: int
) -> None:
    made = subscribe()
    change = {"url": THERE, "is_active": False, "secret_key": NEXT}
    with after_write(number, die) as writes, suppress(Died):
        ask("PATCH", f"/api/webhooks/{made['uuid']}", change)
    assert writes
    assert pair(made) == (THERE, False, [NEXT])
    ok("PATCH", f"/api/webhooks/{made['uuid']}", {"url": HERE, "secret_key": KEY, "is_active": True})
    happen()
    fake_aws.run()
    (call,) = fake_aws.got(HERE)
    assert call.headers["X-Webhook-Signature"] == "sha256=" + hmac.new(KEY.encode(), call.body, "sha256").hexdigest()


@pytest.mark.parametrize("number", [1, 2])
def test_a_rotation_is_one_write(fake_aws: FakeAws, pair: Callable[[dict[str, Any]], Any], number: int) -> None:
    made = subscribe()
    with after_write(number, die), suppress(Died):
        ask("POST", f"/api/webhooks/{made['uuid']}/rotate_secret", {"secret_key": NEXT})
    assert pair(made) == (HERE, True, [NEXT, KEY])
    assert ok("GET", f"/api/webhooks/{made['uuid']}")["updated_at"]


def test_a_url_of_now_with_a_key_of_before_is_read_again(
    fake_aws: FakeAws, pair: Callable[[dict[str, Any]], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = subscribe()
    half: list[Any] = []

    def around(real: Call) -> Call:
        def call(client: Any, operation: str, arguments: Any) -> Any:
            answer = real(client, operation, arguments)
            if operation == "BatchGetItem" and half:
                answer["Responses"]["shopfloor-test-webhook_secrets"] = half.pop()
            return answer

        return call

    with monkeypatch.context() as patch:
        patch_calls(patch, around)
        before = client("dynamodb").get_item(
            TableName="shopfloor-test-webhook_secrets", Key={"uuid": {"S": made["uuid"]}}
        )["Item"]
        ok("PATCH", f"/api/webhooks/{made['uuid']}", {"url": THERE, "secret_key": NEXT})
        half.append([before])
        assert pair(made) == (THERE, True, [NEXT])
        half.extend([[before]] * INCONSISTENT_READ.max_attempts)
        with pytest.raises(Unavailable):
            pair(made)
