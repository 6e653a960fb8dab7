"""Use cases of operators: look at the system, at its dead letters, and move those back."""

from datetime import UTC, datetime
from typing import Any

import chalicelib
from chalicelib.core import circuits, clock, dead_letters, logs
from chalicelib.core.auth import Actor
from chalicelib.core.aws import client
from chalicelib.core.breaker import Circuit
from chalicelib.core.dead_letters import QUEUES, Message
from chalicelib.core.errors import NotFound
from chalicelib.core.settings import settings
from chalicelib.core.threads import map_in_parallel
from chalicelib.quotas import model as quotas
from chalicelib.system.schemas import (
    CircuitState,
    DeadLetter,
    DeadLetterCount,
    DeadLetters,
    MovedBack,
    QueueState,
    System,
    SystemSettings,
)
from chalicelib.webhooks import model as webhooks_model
from chalicelib.webhooks import service as webhooks

MAX_REPLAYED = 500  # of one request
MAX_BODY = 20_000  # characters of a message that are shown
MAX_ERROR = 1_000


def get(actor: Actor) -> System:
    """Which deployment this is, and the state of its circuits and queues."""
    return System(
        version=chalicelib.VERSION,
        stage=settings().stage,
        stack=settings().stack_name,
        region=settings().aws_region,
        time=clock.now(),
        circuits=_circuits(),
        queues=_queues(),
        settings=_settings(),
    )


def list_dead_letters(actor: Actor, *, queue: str) -> DeadLetters:
    """Up to ten messages of the dead letter queue of a queue; they stay there."""
    letters = _dead_letters(queue)
    size = dead_letters.size(client("sqs"), _dlq_name(queue))
    items = [_dead_letter(message) for message in letters.first()] if size.waiting else []
    return DeadLetters(queue=queue, messages=size.waiting + size.in_flight, items=items)


def replay(actor: Actor, *, queue: str) -> MovedBack:
    """Move the messages of a dead letter queue back into their queue, as many as one request can."""
    moved = _dead_letters(queue).replay(MAX_REPLAYED)
    logs.log.warning("dead letters are moved back", extra={"queue": queue, "moved": moved, "user": actor.user_id})
    return MovedBack(moved=moved, more=moved >= MAX_REPLAYED)


def _dead_letters(queue: str) -> dead_letters.DeadLetters:
    if queue not in QUEUES:
        raise NotFound(f"Очередь не найдена, есть: {', '.join(QUEUES)}")
    return dead_letters.DeadLetters(client("sqs"), settings().stack_name, queue)


def _dlq_name(queue: str) -> str:
    return f"{settings().stack_name}-{queue}-dlq"


def _dead_letter(message: Message) -> DeadLetter:
    body, about = message["Body"], message["Attributes"]
    return DeadLetter(
        id=message["MessageId"],
        body=body[:MAX_BODY],
        body_cut=len(body) > MAX_BODY,
        receive_count=int(about["ApproximateReceiveCount"]),
        sent_at=datetime.fromtimestamp(int(about["SentTimestamp"]) / 1_000, UTC),
        error_code=_named(message, "ERROR_CODE"),
        error_message=_named(message, "ERROR_MESSAGE"),
    )


def _named(message: Message, name: str) -> str | None:
    """A text that the sender has put beside the body."""
    found: dict[str, Any] = message.get("MessageAttributes", {}).get(name, {})
    text: str | None = found.get("StringValue")
    return text[:MAX_ERROR] if text else None


def _circuits() -> list[CircuitState]:
    """Those of the service itself, and those of the hosts that webhooks are sent to."""
    names = [*circuits.DEPENDENCIES, *webhooks.breaker_names()]
    found = circuits.read_circuits(names)
    if found is None:
        return [CircuitState(name=name, state="unknown", failures=0, successes=0, retry_at=None) for name in names]
    return [CircuitState(name=name, **_circuit(found[name])) for name in names]


def _circuit(circuit: Circuit) -> dict[str, Any]:
    counts = {"failures": circuit.failures, "successes": circuit.successes}
    return {"state": circuit.state, "retry_at": circuit.retry_at, **counts}


def _queues() -> list[QueueState]:
    names = [f"{settings().stack_name}-{name}" for name in QUEUES]
    sqs = client("sqs")
    sizes = map_in_parallel(lambda name: dead_letters.size(sqs, name), [*names, *(f"{name}-dlq" for name in names)])
    return [
        QueueState(
            name=name,
            messages=own.waiting,
            in_flight=own.in_flight,
            delayed=own.delayed,
            dead_letters=DeadLetterCount(messages=dead.waiting, in_flight=dead.in_flight),
        )
        for name, own, dead in zip(QUEUES, sizes[: len(QUEUES)], sizes[len(QUEUES) :], strict=True)
    ]


def _settings() -> SystemSettings:
    given = settings()
    return SystemSettings(
        auth_required=given.auth_required,
        registration=given.registration,
        mail_from_set=bool(given.mail_from),
        public_url=given.public_url or None,
        cors_origins=[origin for one in given.cors_origins.split(",") if (origin := one.strip())],
        close_requires_aggregation=given.close_requires_aggregation,
        daily_quotas=quotas.parse_limits(given.daily_quotas),
        deferred_in_flight=given.deferred_in_flight,
        listing_shards=given.listing_shards,
        counter_shards=given.counter_shards,
        log_level=given.log_level,
        log_retention_days=logs.RETENTION_DAYS,
        dead_letter_retention_days=dead_letters.RETENTION_DAYS,
        delivery_retention_days=webhooks_model.RETENTION.days,
    )
