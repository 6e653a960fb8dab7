"""The deliverer: takes deliveries, makes one attempt of each, writes the result and the time of the next attempt.

The deliveries of a batch are taken together, with their subscriptions and the breakers of their hosts. The attempts are
made in parallel, and the results of those that end at about the same time are written together. A slow endpoint delays
neither the attempts of others nor their results.

When the process dies, a delivery stays pending with its `due_at`: the queue delivers the message again, or the sweep
finds it. An attempt whose result could not be written is made again: receivers recognise it by `webhook-id`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.core import breaker, clock, logs, outgoing, queues, texts
from chalicelib.core.breaker import CircuitOpen, Permit
from chalicelib.core.errors import AppError
from chalicelib.core.outages import is_temporary
from chalicelib.core.retries import WEBHOOK_DELIVERY, WEBHOOK_POSTPONEMENT
from chalicelib.core.threads import own_threads, result_or_error, wait_for_some
from chalicelib.core.transactions import Changed, transaction
from chalicelib.webhooks import deliveries_store, disabling, dispatch, model, signing, store
from chalicelib.webhooks.deliveries_store import DeliveryItem
from chalicelib.webhooks.model import Verdict
from chalicelib.webhooks.store import SubscriptionItem

THREADS = 10  # messages of an SQS batch

Outcome = Literal["success", "again", "failed", "postponed", "skipped"]
Outcomes = dict[str, Outcome | BaseException]
"""The outcome of each delivery, or the exception with which its message fails."""


@dataclass(frozen=True)
class Result:
    """The result of one attempt, and its time."""

    at: datetime
    status: int | None
    body: str | None
    error: str | None
    ms: int
    retry_after: float = 0.0  # seconds that the receiver asks to wait

    @property
    def failed(self) -> bool:
        """Whether the endpoint is out of order: no response, or a 5xx."""
        return self.status is None or self.status >= 500


@dataclass(frozen=True)
class _Attempt:
    """A delivery that was taken, with its subscription, signing keys and permit of the breaker."""

    item: DeliveryItem
    subscription: SubscriptionItem
    keys: Sequence[str]
    permit: Permit


@dataclass
class _End:
    """A delivery to be written: its final status (None: it stays pending), and the pause before the next attempt."""

    item: DeliveryItem
    lease: str
    status: Literal["success", "failed"] | None = None
    seconds: int = 0
    again: Outcome = "again"


def handle(queue_event: dict[str, Any]) -> dict[str, Any]:
    """Make the deliveries of an SQS batch; return the messages to be delivered again."""
    answer, outcomes = queues.process_batch(
        queue_event, lambda messages: deliver([message["delivery_id"] for message in messages])
    )
    logs.note(**{outcome: outcomes.count(outcome) for outcome in sorted(set(outcomes))})
    return answer


def deliver(delivery_ids: Sequence[str]) -> list[Outcome | BaseException]:
    """Make one attempt of each delivery, unless it has ended or another run has it."""
    outcomes: Outcomes = {}
    attempts, ends = _prepare(_take(list(dict.fromkeys(delivery_ids)), outcomes))
    outcomes |= _write(ends)
    with own_threads(THREADS) as pool:
        running = {pool.submit(_send, attempt): attempt for attempt in attempts}
        while running:
            done = wait_for_some(running)
            ended = [(future, running.pop(future)) for future in list(running) if future in done]
            errors = {attempt.item.uuid: error for future, attempt in ended if (error := future.exception())}
            outcomes |= errors
            outcomes |= _conclude([(one, future.result()) for future, one in ended if one.item.uuid not in errors])
    return [outcomes.get(delivery_id, "skipped") for delivery_id in delivery_ids]


def _take(delivery_ids: Sequence[str], outcomes: Outcomes) -> list[DeliveryItem]:
    """Take deliveries together; when that fails, each by itself."""
    at = clock.now()
    if len(delivery_ids) > 1:
        try:
            return list(deliveries_store.take_many(delivery_ids, at).values())
        except Exception as error:
            logs.note(taken_alone=type(error).__name__)
    taken = {
        one: result_or_error(lambda delivery_id: deliveries_store.take(delivery_id, at), one) for one in delivery_ids
    }
    outcomes |= {delivery_id: error for delivery_id, error in taken.items() if isinstance(error, Exception)}
    return [item for item in taken.values() if isinstance(item, DeliveryItem)]


def _prepare(items: Sequence[DeliveryItem]) -> tuple[list[_Attempt], list[_End]]:
    """Return the attempts to be made, and the deliveries that end or wait without one."""
    found = store.with_keys({item.subscription_id for item in items}, clock.now())
    breakers = breaker.read_items(sorted({subscription.breaker for subscription, _ in found.values()}))
    attempts: list[_Attempt] = []
    ends: list[_End] = []
    for item in items:
        subscription, keys = found.get(item.subscription_id, (None, ()))
        if subscription is None or not subscription.is_active:
            item.error_message = model.INACTIVE if subscription else model.DELETED
            item.updated_at = clock.to_text(clock.now())
            ends.append(_End(item, item.due_at, "failed"))
            continue
        name = subscription.breaker
        try:
            permit = breaker.admit(name, breakers.get(name), max_trial_calls=model.MAX_TRIAL_CALLS)
            attempts.append(_Attempt(item, subscription, keys, permit))
        except CircuitOpen as refusal:
            ends.append(_postponed(item, refusal.retry_after))
    return attempts, ends


def _send(attempt: _Attempt) -> Result:
    item, subscription = attempt.item, attempt.subscription
    content = signing.body(item.event_type, item.timestamp, json.loads(item.payload))
    headers = signing.headers(item.uuid, item.event_type, content, list(attempt.keys), clock.now())
    if item.is_test:
        headers["X-Webhook-Test"] = "true"
    with texts.language(subscription.language):
        return _result_of(subscription, headers, content)


def _result_of(subscription: SubscriptionItem, headers: dict[str, str], content: bytes) -> Result:
    try:
        answer = outgoing.request("POST", subscription.url, headers, content, float(subscription.timeout))
    except outgoing.Failed as failure:
        return Result(clock.now(), None, None, failure.text, failure.ms)
    refused = not 200 <= answer.status < 300
    error = model.refusal(answer.status) if refused else None
    return Result(clock.now(), answer.status, answer.body_start, error, answer.ms, answer.retry_after)


def _conclude(ended: Sequence[tuple[_Attempt, Result]]) -> Outcomes:
    """Report attempts to the breakers, write the deliveries, then the subscriptions."""
    _report_to_breakers(ended)
    ends = [_end_of(attempt, result) for attempt, result in ended]
    outcomes = _write([end for end, _ in ends])
    for (attempt, _), (_, verdict) in zip(ended, ends, strict=True):
        item = attempt.item
        if outcomes[item.uuid] in ("success", "failed", "again"):
            error = result_or_error(_count_for_subscription, (attempt, verdict))
            outcomes |= {item.uuid: error} if error else {}
    _save_health(ended)
    return outcomes


def _report_to_breakers(ended: Sequence[tuple[_Attempt, Result]]) -> None:
    """Report attempts to the breakers. When their table is out of order, no attempt is repeated because of that."""
    try:
        breaker.report_all((attempt.permit, result.failed) for attempt, result in ended)
    except (AppError, ClientError, BotoCoreError) as error:
        if not is_temporary(error):
            raise
        logs.log.error("attempts were not reported to a breaker", extra={"reason": str(error)})


def _save_health(ended: Sequence[tuple[_Attempt, Result]]) -> None:
    """Write the results of the last attempts of each subscription, in one write; when that fails, no attempt is
    repeated because of that.
    """
    marks = dict[str, dict[str, str]]()
    for attempt, result in sorted(ended, key=lambda pair: pair[1].at):
        at, mark = clock.to_text(result.at), marks.setdefault(attempt.subscription.uuid, {})
        mark |= {"last_error": result.error, "last_error_at": at} if result.error else {"last_delivered_at": at}
    for subscription_id, mark in marks.items():
        try:
            store.save_health(subscription_id, clock.now(), mark)
        except (AppError, ClientError, BotoCoreError) as error:
            if not is_temporary(error):
                raise
            logs.log.error("the health of a webhook lacks its last attempts", extra={"reason": str(error)})


def _count_for_subscription(result: tuple[_Attempt, Verdict]) -> None:
    attempt, verdict = result
    disabling.record_attempt(attempt.subscription, verdict, is_test=attempt.item.is_test)


def _end_of(attempt: _Attempt, result: Result) -> tuple[_End, Verdict]:
    """Add an attempt to its delivery; return the delivery to be written, and what the result means."""
    item, lease = attempt.item, str(attempt.item.due_at)
    _add_attempt(item, result)
    verdict = model.verdict(result.status, int(item.tries), int(attempt.subscription.retry_count))
    if verdict == "again":
        factor = WEBHOOK_DELIVERY.random_factor()
        return _End(item, lease, seconds=model.pause_seconds(int(item.tries), factor, result.retry_after)), verdict
    item.delivered_at = clock.to_text(result.at) if verdict == "success" else None
    return _End(item, lease, "success" if verdict == "success" else "failed"), verdict


def _add_attempt(item: DeliveryItem, result: Result) -> None:
    began = clock.to_json(result.at - timedelta(milliseconds=result.ms))
    attempt = {"at": began, "status": result.status, "ms": result.ms, "error": result.error}
    item.log = json.dumps([*json.loads(item.log), attempt][-model.MAX_LOG_LENGTH :], ensure_ascii=False)
    item.attempts, item.tries, item.postponed = int(item.attempts) + 1, int(item.tries) + 1, 0
    item.response_status, item.response_body, item.error_message = result.status, result.body, result.error
    item.updated_at = clock.to_text(result.at)


def _postponed(item: DeliveryItem, retry_after: float) -> _End:
    """Postpone a delivery because the breaker of its host is open; that is no attempt."""
    item.postponed = int(item.postponed) + 1
    seconds = model.postponement_seconds(retry_after, item.postponed, WEBHOOK_POSTPONEMENT.random_factor())
    return _End(item, item.due_at, seconds=seconds, again="postponed")


def _write(ends: Sequence[_End]) -> Outcomes:
    """Write ended deliveries with one transaction, then waiting ones, and send the messages of those."""
    settled = [end for end in ends if end.status]
    outcomes: Outcomes = {}
    try:
        _settle(settled)
        outcomes |= {end.item.uuid: end.status for end in settled if end.status}
    except Exception:
        outcomes |= {end.item.uuid: result_or_error(_settle_one, end) for end in settled}
    waiting = [end for end in ends if not end.status]
    outcomes |= {end.item.uuid: result_or_error(_give_back, end) for end in waiting}
    left = [end for end in waiting if outcomes[end.item.uuid] == end.again]
    dispatch.announce_after({end.item.uuid: end.seconds for end in left})
    return outcomes


def _settle(ends: Sequence[_End]) -> None:
    with transaction() as tx:
        for end in ends:
            if end.status:
                end.item.due_at = None
                deliveries_store.settle(tx, end.item, end.lease, end.status)


def _settle_one(end: _End) -> Outcome:
    try:
        _settle([end])
    except Changed:
        return "skipped"
    return end.status or "skipped"


def _give_back(end: _End) -> Outcome:
    end.item.due_at = clock.to_text(clock.now() + timedelta(seconds=end.seconds))
    return end.again if deliveries_store.give_back(end.item, end.lease) else "skipped"
