"""Request and response models of webhooks."""

import re
from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import AfterValidator, Field, WithJsonSchema

from chalicelib.core import addresses
from chalicelib.core.breaker import State
from chalicelib.core.fields import LINE, MAIL, Cursor, Flag, Input, ListAnswer, Moment, Output, check_email
from chalicelib.core.retries import WEBHOOK_DELIVERY
from chalicelib.core.texts import text
from chalicelib.events.types import webhook_names
from chalicelib.webhooks import signing
from chalicelib.webhooks.model import Status

_KEY = re.compile(LINE["pattern"])

# JSON Schemas of what the functions below accept. Hosts may be IP addresses too.
URL: dict[str, Any] = {"pattern": r"^https?://[A-Za-z]{1,60}\.[A-Za-z]{1,60}(:[1-9][0-9]{0,3})?(/[!-\[\]-~]*)?$"}
ADDRESS: dict[str, Any] = {"anyOf": [{"type": "string", "maxLength": 254, **MAIL}, {"type": "string", "maxLength": 0}]}


def _url(url: str) -> str:
    addresses.check(url)
    return url


def _event(name: str) -> str:
    known = webhook_names()
    if name not in known:
        raise ValueError(text("допустимые значения: {known}", known=", ".join(known)))
    return name


def _once(names: list[str]) -> list[str]:
    return list(dict.fromkeys(names))


MIN_KEY_BYTES = 16  # behind whsec_


def _key(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise ValueError(text("недопустимые символы"))
    if key.startswith(signing.PREFIX) and len(signing.standard_key(key)) < MIN_KEY_BYTES:
        raise ValueError(text("после whsec_ ожидается base64 не меньше {count} байт", count=MIN_KEY_BYTES))
    return key


def _email(email: str) -> str:
    return check_email(email) if email else email


Url = Annotated[
    str, Field(strict=True, max_length=addresses.MAX_URL_LENGTH, json_schema_extra=URL), AfterValidator(_url)
]
EventName = Annotated[str, Field(strict=True, json_schema_extra={"enum": [*webhook_names()]}), AfterValidator(_event)]
EventNames = Annotated[list[EventName], Field(min_length=1, max_length=100), AfterValidator(_once)]
SecretKey = Annotated[
    str, Field(strict=True, min_length=6, max_length=256, json_schema_extra=LINE), AfterValidator(_key)
]
RetryCount = Annotated[int, Field(strict=True, ge=0, le=10)]
Timeout = Annotated[int, Field(strict=True, ge=1, le=30)]
Email = Annotated[str, Field(strict=True, max_length=254), AfterValidator(_email), WithJsonSchema(ADDRESS)]
"""Empty: no emails."""


class SubscriptionCreate(Input):
    """A new subscription."""

    url: Url
    events: EventNames
    secret_key: SecretKey
    is_active: Flag = True
    retry_count: RetryCount = WEBHOOK_DELIVERY.max_attempts - 1
    timeout: Timeout = 10
    notify_email: Email | None = None


class SubscriptionPatch(Input):
    """Changed fields; null means unchanged. A new `secret_key` replaces the old one at once."""

    url: Url | None = None
    events: EventNames | None = None
    secret_key: SecretKey | None = None
    is_active: Flag | None = None
    retry_count: RetryCount | None = None
    timeout: Timeout | None = None
    notify_email: Email | None = None


class Rotation(Input):
    """The new secret key; for 24 hours the old one signs too."""

    secret_key: SecretKey


class WebhookHealth(Output):
    """Exact counts of the deliveries of a subscription in the last 30 days, tests included.

    `success_rate`: percent of the ended ones, rounded down; null when none has ended. `pending` is the backlog.
    `circuit` is the circuit breaker of the host, which other subscriptions may share; while it is open, nothing is sent
    before `circuit_retry_at`.
    """

    success_rate: float | None
    delivered: int
    failed: int
    pending: int
    last_error: str | None
    last_error_at: datetime | None
    last_delivered_at: datetime | None
    circuit: State
    circuit_retry_at: datetime | None


class Subscription(Output):
    """A subscription without its key. `disabled_reason`: why the service has disabled it.

    `keeps_events_until`: after too many failures its events are kept until then, as failed deliveries to send again.
    """

    CHANGES_BY_ITSELF: ClassVar[frozenset[str]] = frozenset({"health"})

    uuid: UUID
    created_at: datetime
    updated_at: datetime | None
    url: str
    events: list[str]
    is_active: bool
    retry_count: int
    timeout: int
    notify_email: str | None
    disabled_reason: str | None
    keeps_events_until: datetime | None
    health: WebhookHealth


class SubscriptionQuery(Input):
    """The list of subscriptions, newest first."""

    limit: Annotated[int, Field(ge=1, le=100)] = 25
    offset: Annotated[int, Field(ge=0, le=10**9)] = 0
    cursor: Cursor = None
    event_type: EventName | None = None


class DeliveryQuery(Input):
    """The list of deliveries of a subscription, newest first."""

    limit: Annotated[int, Field(ge=1, le=100)] = 25
    offset: Annotated[int, Field(ge=0, le=10**9)] = 0
    cursor: Cursor = None
    status: Status | None = None
    event_type: EventName | None = None


class Delivery(Output):
    """The delivery of one event to one subscription. `reason`: why it waits without an attempt."""

    uuid: UUID
    created_at: datetime
    updated_at: datetime | None
    subscription_id: UUID
    event_type: str
    payload: dict[str, Any]
    status: Status
    attempts: int
    response_status: int | None
    response_body: str | None
    error_message: str | None
    delivered_at: datetime | None
    is_test: bool
    next_attempt_at: datetime | None
    reason: str | None


class Attempt(Output):
    """One attempt: time, status of the response, duration, and the error if it is no success."""

    at: datetime
    status: int | None
    ms: int
    error: str | None


class DeliveryDetails(Delivery):
    """A delivery with its attempts, oldest first."""

    attempt_log: list[Attempt]


class FailingQuery(Input):
    """The list of failing deliveries, newest first."""

    limit: Annotated[int, Field(ge=1, le=100)] = 25
    cursor: Cursor = None


class FailingDelivery(Delivery):
    """A delivery that has failed or waits for a retry; the URL is null when its subscription was deleted."""

    subscription_url: str | None


class FailingDeliveries(ListAnswer):
    """A page of failing deliveries. `next_cursor` is null on the last one."""

    items: list[FailingDelivery]
    limit: int
    next_cursor: str | None


class RedeliverSince(Input):
    """Failed deliveries of events since that time are sent again."""

    since: Moment


class Redelivered(Output):
    """How many are sent again; `more`: send the request again for the rest."""

    redelivered: int
    more: bool


class ExampleSend(Input):
    """The event type whose example is sent."""

    event: EventName


class ReceiverQuery(Input):
    """The key for checking the signature."""

    secret_key: Annotated[str | None, Field(max_length=1_000)] = None


class Received(Output):
    """What the test receiver has received."""

    status: str
    received_at: datetime
    event: str | None
    signature_valid: bool | None
    headers: dict[str, str]
    payload: Any
