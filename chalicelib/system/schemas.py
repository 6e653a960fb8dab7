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
    """Approximate numbers of a dead letter queue: waiting messages, and those being moved."""

    messages: int
    in_flight: int


class QueueState(Output):
    """A queue with the approximate numbers of SQS: waiting, in process, and delayed messages."""

    name: str
    messages: int
    in_flight: int
    delayed: int
    dead_letters: DeadLetterCount


class MigrationState(Output):
    """A migration of older items, with the items that it has read and changed."""

    number: int
    title: str
    status: Literal["waiting", "running", "done"]
    percent: int
    read: int
    changed: int
    applied_at: datetime | None


class Migrations(Output):
    """The migrations in their order. Those that wait begin at `settled_at`; `error`: why the last try has stopped."""

    items: list[MigrationState]
    settled_at: datetime | None
    error: str | None


class SystemSettings(Output):
    """The settings of a deployment, without secrets."""

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
    """A deployment with its circuits and queues. `time_zone`: of the site."""

    version: str
    stage: str
    stack: str
    region: str
    time_zone: str
    time: datetime
    circuits: list[CircuitState]
    queues: list[QueueState]
    migrations: Migrations
    settings: SystemSettings


class DeadLetter(Output):
    """A message that failed five times. A body of more than 20,000 characters is cut: `body_cut`.

    `receive_count` includes reads of this list. The error is present when a service that could not send the message
    (the Scheduler, the bus) has recorded it; errors of functions are in their logs.
    """

    id: str
    body: str
    body_cut: bool
    receive_count: int
    sent_at: datetime
    error_code: str | None
    error_message: str | None


class DeadLetters(Output):
    """Up to ten messages of a dead letter queue, in no order; `messages`: their approximate number."""

    queue: str
    messages: int
    items: list[DeadLetter]


class MovedBack(Output):
    """The number of messages moved back; `more`: there may be others, repeat the request."""

    moved: int
    more: bool
