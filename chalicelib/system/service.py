"""Use cases of administrators: read the state of the system and its dead letters, and move these back."""

from datetime import UTC, datetime
from typing import Any

import chalicelib
from chalicelib.core import circuits, clock, dead_letters, logs
from chalicelib.core.auth import Actor
from chalicelib.core.aws import client
from chalicelib.core.breaker import BreakerView
from chalicelib.core.dead_letters import QUEUES, Message
from chalicelib.core.errors import NotFound
from chalicelib.core.settings import settings
from chalicelib.core.texts import text
from chalicelib.core.threads import map_in_parallel
from chalicelib.migrations import service as migrations
from chalicelib.quotas import model as quotas
from chalicelib.system.schemas import (
    CircuitState,
    DeadLetter,
    DeadLetterCount,
    DeadLetters,
    Migrations,
    MovedBack,
    QueueState,
    System,
    SystemSettings,
)
from chalicelib.webhooks import model as webhooks_model
from chalicelib.webhooks import service as webhooks

MAX_MOVED = 500  # messages of one request
MAX_BODY_LENGTH = 20_000  # shown characters
MAX_ERROR_LENGTH = 1_000


def get(actor: Actor) -> System:
    """Return the deployment with the state of its circuits and queues."""
    return System(
        time_zone=settings().time_zone,
        version=chalicelib.VERSION,
        stage=settings().stage,
        stack=settings().stack_name,
        region=settings().aws_region,
        time=clock.now(),
        circuits=_circuits(),
        queues=_queues(),
        migrations=Migrations.model_validate(migrations.describe()),
        settings=_settings(),
    )


def list_dead_letters(actor: Actor, *, queue: str) -> DeadLetters:
    """Return up to ten messages of the dead letter queue of a queue, without removing them."""
    letters = _dead_letters(queue)
    size = dead_letters.size(client("sqs"), _dlq_name(queue))
    items = [_dead_letter(message) for message in letters.peek()] if size.waiting else []
    return DeadLetters(queue=queue, messages=size.waiting + size.in_flight, items=items)


def replay(actor: Actor, *, queue: str) -> MovedBack:
    """Move messages of a dead letter queue back to their queue, as many as one request may."""
    moved = _dead_letters(queue).replay(MAX_MOVED)
    logs.log.warning("dead letters are moved back", extra={"queue": queue, "moved": moved, "user": actor.user_id})
    return MovedBack(moved=moved, more=moved >= MAX_MOVED)


def _dead_letters(queue: str) -> dead_letters.DeadLetters:
    if queue not in QUEUES:
        raise NotFound(text("Очередь не найдена, есть: {names}", names=", ".join(QUEUES)))
    return dead_letters.DeadLetters(client("sqs"), settings().stack_name, queue)


def _dlq_name(queue: str) -> str:
    return f"{settings().stack_name}-{queue}-dlq"


def _dead_letter(message: Message) -> DeadLetter:
    body, about = message["Body"], message["Attributes"]
    return DeadLetter(
        id=message["MessageId"],
        body=body[:MAX_BODY_LENGTH],
        body_cut=len(body) > MAX_BODY_LENGTH,
        receive_count=int(about["ApproximateReceiveCount"]),
        sent_at=datetime.fromtimestamp(int(about["SentTimestamp"]) / 1_000, UTC),
        error_code=_attribute_of(message, "ERROR_CODE"),
        error_message=_attribute_of(message, "ERROR_MESSAGE"),
    )


def _attribute_of(message: Message, name: str) -> str | None:
    """Return a text attribute of a message; None when it has none."""
    found: dict[str, Any] = message.get("MessageAttributes", {}).get(name, {})
    text: str | None = found.get("StringValue")
    return text[:MAX_ERROR_LENGTH] if text else None


def _circuits() -> list[CircuitState]:
    """Return the circuits of the service and of the hosts of webhooks."""
    names = [*circuits.DEPENDENCIES, *webhooks.breaker_names()]
    found = circuits.read_circuits_or_none(names)
    if found is None:
        return [CircuitState(name=name, state="unknown", failures=0, successes=0, retry_at=None) for name in names]
    return [CircuitState(name=name, **_circuit(found[name])) for name in names]


def _circuit(circuit: BreakerView) -> dict[str, Any]:
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
    current = settings()
    return SystemSettings(
        auth_required=current.auth_required,
        registration=current.registration,
        mail_from_set=bool(current.mail_from),
        public_url=current.public_url or None,
        cors_origins=[origin for text in current.cors_origins.split(",") if (origin := text.strip())],
        close_requires_aggregation=current.close_requires_aggregation,
        daily_quotas=quotas.parse_limits(current.daily_quotas),
        deferred_in_flight=current.deferred_in_flight,
        listing_shards=current.listing_shards,
        counter_shards=current.counter_shards,
        log_level=current.log_level,
        log_retention_days=logs.RETENTION_DAYS,
        dead_letter_retention_days=dead_letters.RETENTION_DAYS,
        delivery_retention_days=webhooks_model.RETENTION.days,
    )
