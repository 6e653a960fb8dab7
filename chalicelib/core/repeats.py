"""Retries of DynamoDB calls, with the pauses and limits of retries.py. A call is repeated after a failure of one kind:

- `contention`: another writer has the item, for milliseconds.
- `throttled`: the table accepts no more at the moment, or has processed a part of the request.
- `lost`: it is unknown whether the call was carried out. botocore has repeated it already; it is repeated twice more,
  as the same call: a transaction has its ClientRequestToken, a single write the mark that `write_once` reads. So
  neither is carried out twice, and neither is refused because of its own success. Reads by one key, queries and scans
  are not repeated here after a lost response.

Contention or throttling for longer raises Busy, which is no outage (circuits.py): a worker stops its run and continues
later.
"""

from collections import Counter
from collections.abc import Callable
from time import monotonic, sleep
from typing import Any, Literal, TypeAlias

from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError

from chalicelib.core.errors import Busy
from chalicelib.core.outages import THROTTLED
from chalicelib.core.retries import (
    DYNAMODB_CONTENTION,
    DYNAMODB_LOST_ANSWER,
    DYNAMODB_THROTTLING,
    THROTTLING_SECONDS,
    USE_CASE,
    RetrySetting,
)

CONDITION_FAILED = "ConditionalCheckFailedException"
CANCELLED = "TransactionCanceledException"

Failure: TypeAlias = ClientError | BotoCoreError
Kind = Literal["contention", "throttled", "lost"]
Item = dict[str, Any]
_SETTINGS: dict[Kind, RetrySetting] = {
    "contention": DYNAMODB_CONTENTION,
    "throttled": DYNAMODB_THROTTLING,
    "lost": DYNAMODB_LOST_ANSWER,
}
_CONTENTION = frozenset({"TransactionConflict", "TransactionConflictException", "ReplicatedWriteConflictException"})
_LOST = frozenset({"InternalServerError", "InternalFailure", "ServiceUnavailable", "TransactionInProgressException"})


def code_of(error: BaseException) -> str:
    """Return the code of an AWS error; empty for any other error."""
    return str(error.response.get("Error", {}).get("Code", "")) if isinstance(error, ClientError) else ""


def kind_of(error: BaseException) -> Kind | None:
    """Return why a call may be repeated; None when it may not."""
    if not isinstance(error, ClientError):
        return "lost" if isinstance(error, (ConnectionError, HTTPClientError)) else None
    codes = {code_of(error), *(reason.get("Code") for reason in error.response.get("CancellationReasons", []))}
    if codes & _CONTENTION:
        return "contention"
    if codes & THROTTLED:
        return "throttled"
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return "lost" if codes & _LOST or status >= 500 else None


class Repeats:
    """The attempts of one call. A call that is not `patient` is repeated by the client only; then Busy is raised, also
    when its response is lost.
    """

    def __init__(self, *, patient: bool = True) -> None:
        self._patient = patient
        self._begun, self._paused = monotonic(), 0.0
        self._counts: Counter[Kind] = Counter()

    def wait(self, error: Failure | None = None) -> None:
        """Pause before the next attempt. Without a next one, raise the error or Busy. No error: a part was not done."""
        kind = kind_of(error) if error else "throttled"
        if kind is None or (kind == "lost" and self._counts[kind] + 1 >= DYNAMODB_LOST_ANSWER.max_attempts):
            assert error
            raise error
        self._counts[kind] += 1
        if not self._patient or self._is_over(kind):
            raise Busy from error
        seconds = _SETTINGS[kind].random_backoff(self._counts[kind])
        self._paused += seconds
        sleep(seconds)

    def _is_over(self, kind: Kind) -> bool:
        if kind == "throttled":
            return max(self._paused, monotonic() - self._begun) >= THROTTLING_SECONDS
        return self._counts[kind] >= DYNAMODB_CONTENTION.max_attempts


def back_off(attempt: int) -> None:
    """Wait before a use case is repeated; `attempt` counts from 0."""
    sleep(USE_CASE.random_backoff(attempt + 1))


def call_with_retries(call: Callable[[], Item], *, only: Kind | None = None) -> Item:
    """Make a call that may be carried out more than once, with retries; with `only`, after failures of one kind."""
    repeats = Repeats()
    while True:
        try:
            return call()
        except (ClientError, BotoCoreError) as error:
            if only and kind_of(error) != only:
                raise
            repeats.wait(error)


def write_once(write: Callable[[], Item], find_own_write: Callable[[], Item | None], *, patient: bool = True) -> Item:
    """Make a conditional write of one item, with retries when its response is lost.

    `find_own_write` is called when the condition does not hold and the write was repeated: it returns the item if this
    write has succeeded before.
    """
    repeats, repeated = Repeats(patient=patient), False
    while True:
        try:
            return write()
        except (ClientError, BotoCoreError) as error:
            if code_of(error) == CONDITION_FAILED:
                if (repeated or _repeated_by_client(error)) and (found := find_own_write()) is not None:
                    return found
                raise
            repeats.wait(error)
            repeated = True


def _repeated_by_client(error: Failure) -> bool:
    response: Any = error.response if isinstance(error, ClientError) else {}
    return bool(response.get("ResponseMetadata", {}).get("RetryAttempts", 0))
