"""The deliverer: takes a delivery, makes one attempt, writes what came of it, and says when the next one is.

Whatever dies in between, the delivery stays pending with its `due_at`: the queue brings the message again, or the sweep
finds it. An attempt whose result could not be written is made again: receivers know it by `webhook-id`.
"""

import json
import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from chalicelib.core import breaker, clock, logs, outgoing, queues
from chalicelib.core.breaker import Open, Permit
from chalicelib.core.transactions import Changed, transaction
from chalicelib.webhooks import deliveries_store, dispatch, model, signing, store, switch
from chalicelib.webhooks.deliveries_store import DeliveryItem
from chalicelib.webhooks.store import SubscriptionItem

THREADS = 10  # a whole SQS batch: a slow endpoint does not hold up the others

Outcome = Literal["success", "again", "failed", "postponed", "skipped"]


@dataclass(frozen=True)
class Result:
    """What came of one attempt."""

    status: int | None
    body: str | None
    error: str | None
    ms: int


def handle(queue_event: dict[str, Any]) -> dict[str, Any]:
    """Make the deliveries of an SQS batch; the answer names the messages to be delivered again."""
    answer, outcomes = queues.work_off(queue_event, lambda message: deliver(message["delivery_id"]), THREADS)
    logs.note(**{outcome: outcomes.count(outcome) for outcome in sorted(set(outcomes))})
    return answer


def deliver(delivery_id: str) -> Outcome:
    """One attempt of a delivery, unless it has ended or somebody else has it."""
    item = deliveries_store.take(delivery_id, clock.now())
    if item is None:
        return "skipped"
    subscription, keys = store.with_keys(item.subscription_id, clock.now())
    if subscription is None or not keys:
        return _give_up(item, model.DELETED)
    if not subscription.is_active:
        return _give_up(item, model.INACTIVE)
    try:
        permit = breaker.enter(f"webhook:{subscription.host}", doubtful=model.DOUBTFUL)
    except Open as refusal:
        return _postpone(item, refusal.retry_after)
    result = _attempt(item, subscription, list(keys), permit)
    return _conclude(item, subscription, result)


def _attempt(item: DeliveryItem, subscription: SubscriptionItem, keys: list[str], permit: Permit) -> Result:
    """Send it, and tell the breaker."""
    content = signing.body(item.event_type, item.timestamp, json.loads(item.payload))
    headers = signing.headers(item.uuid, item.event_type, content, keys, clock.now())
    if item.is_test:
        headers["X-Webhook-Test"] = "true"
    try:
        answer = outgoing.request("POST", subscription.url, headers, content, float(subscription.timeout))
    except outgoing.Failed as failure:
        permit.report(failed=True)
        return Result(None, None, failure.text, failure.ms)
    permit.report(failed=answer.status >= 500)
    refused = not 200 <= answer.status < 300
    return Result(answer.status, answer.body_start, model.refusal(answer.status) if refused else None, answer.ms)


def _conclude(item: DeliveryItem, subscription: SubscriptionItem, result: Result) -> Outcome:
    """Write what the attempt means for the delivery, then for the subscription."""
    lease, at = _note_attempt(item, result), clock.now()
    verdict = model.verdict(result.status, int(item.tries), int(subscription.retry_count))
    if verdict == "again":
        pause = model.pause(int(item.tries), random.uniform(0.5, 1.5))
        outcome = _wait(item, lease, pause, "again")
    else:
        item.delivered_at = clock.to_text(at) if verdict == "success" else None
        outcome = _settle(item, lease, "success" if verdict == "success" else "failed")
    if outcome != "skipped":
        switch.heed(subscription, verdict, is_test=item.is_test)
    return outcome


def _note_attempt(item: DeliveryItem, result: Result) -> str:
    """Add an attempt to the item; returns the lease under which it was made."""
    at = clock.now()
    began = clock.to_json(at - timedelta(milliseconds=result.ms))
    attempt = {"at": began, "status": result.status, "ms": result.ms, "error": result.error}
    item.log = json.dumps([*json.loads(item.log), attempt][-model.LOG_LENGTH :], ensure_ascii=False)
    item.attempts, item.tries, item.postponed = int(item.attempts) + 1, int(item.tries) + 1, 0
    item.response_status, item.response_body, item.error_message = result.status, result.body, result.error
    item.updated_at = clock.to_text(at)
    lease: str = item.due_at
    return lease


def _give_up(item: DeliveryItem, reason: str) -> Outcome:
    item.error_message, item.updated_at = reason, clock.to_text(clock.now())
    return _settle(item, item.due_at, "failed")


def _settle(item: DeliveryItem, lease: str, status: Literal["success", "failed"]) -> Outcome:
    item.due_at = None
    try:
        with transaction() as tx:
            deliveries_store.settle(tx, item, lease, status)
    except Changed:
        return "skipped"
    return status


def _postpone(item: DeliveryItem, retry_after: float) -> Outcome:
    """The endpoint's breaker is open: later, and without using up an attempt."""
    item.postponed = int(item.postponed) + 1
    return _wait(item, item.due_at, model.postponement(retry_after, item.postponed, random.random()), "postponed")


def _wait(item: DeliveryItem, lease: str, seconds: int, outcome: Outcome) -> Outcome:
    """Set when the delivery is due, then send the message that comes at that time."""
    item.due_at = clock.to_text(clock.now() + timedelta(seconds=seconds))
    if not deliveries_store.give_back(item, lease):
        return "skipped"
    dispatch.announce([item.uuid], delay=seconds)
    return outcome
