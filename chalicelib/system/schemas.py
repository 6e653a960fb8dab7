"""Request and response models of `/api/v1/system`."""

from datetime import datetime
from typing import Literal

from chalicelib.core.breaker import State
from chalicelib.core.fields import Output


class CircuitState(Output):
    """A circuit breaker, with the calls counted in its window of 30 s; it lets no call through before `retry_at`.

    `unknown` while the state cannot be read.
    """

    name: str
    state: State | Literal["unknown"]
    failures: int
    successes: int
    retry_at: datetime | None


class DeadLetterCount(Output):
    """What a dead letter queue has, about: messages that wait, and those that are just being moved."""

    messages: int
    in_flight: int


class QueueState(Output):
    """A queue with the numbers of SQS, which are approximate: what waits, is worked on, or waits for its time."""

    name: str
    messages: int
    in_flight: int
    delayed: int
    dead_letters: DeadLetterCount


class SystemSettings(Output):
    """What a deployment is set to, without secrets."""

    auth_required: bool
    registration: str
    mail_from_set: bool
    public_url: str | None
    cors_origins: list[str]
    close_requires_aggregation: bool
    daily_quotas: dict[str, int]
    deferred_in_flight: int
    listing_shards: int
    counter_shards: int
    log_level: str
    log_retention_days: int
    dead_letter_retention_days: int
    delivery_retention_days: int


class System(Output):
    """Which deployment this is, and the state of its circuits and queues. `time_zone`: that of all times in answers."""

    version: str
    stage: str
    stack: str
    region: str
    time_zone: Literal["UTC"] = "UTC"
    time: datetime
    circuits: list[CircuitState]
    queues: list[QueueState]
    settings: SystemSettings


class DeadLetter(Output):
    """A message that failed five times. A body of more than 20,000 characters is cut: `body_cut`.

    `receive_count` includes those who looked at it here. The error is there where a service that could not send it has
    named it (the Scheduler, the bus); what a function has against a message is in its log.
    """

    id: str
    body: str
    body_cut: bool
    receive_count: int
    sent_at: datetime
    error_code: str | None
    error_message: str | None


class DeadLetters(Output):
    """Up to ten messages of a dead letter queue, in no order; `messages` is about how many there are."""

    queue: str
    messages: int
    items: list[DeadLetter]


class MovedBack(Output):
    """How many messages are in their queue again; `more`: there may be others, send the request again."""

    moved: int
    more: bool
