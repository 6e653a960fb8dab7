"""Request and response models of operations."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from chalicelib.core.fields import Cursor, Flag, Input, Instant, ListAnswer, Output
from chalicelib.core.paging import PageRequest
from chalicelib.core.texts import text
from chalicelib.core.validation import broken_rule
from chalicelib.operations.model import NO_RETRY_HINTS, Kind, Replayable, Status

DEFAULT_LIMIT, MAX_LIMIT = 25, 100
MAX_IDS = 100
_Id = Annotated[str, Field(pattern=r"^([1-9][0-9]{0,17}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$")]
_TYPE = Field(min_length=1, max_length=50)


class OperationProgress(Output):
    """The progress, in the units of the kind: rows, products, steps."""

    done: int
    total: int
    percent: int


class OperationLink(Output):
    """A call of the API."""

    method: Literal["GET", "POST", "DELETE"]
    href: str


class OperationLinks(Output):
    """The calls that the caller may make for an operation now; null: not allowed."""

    itself: OperationLink = Field(serialization_alias="self")
    cancel: OperationLink | None
    retry: OperationLink | None
    attempts: OperationLink | None


class Operation(Output):
    """Work that runs, waits or has ended; fields that its kind does not record are null.

    `attempts`: the number of starts. `next_attempt_at`: the time of the next start.
    """

    kind: Kind
    id: str
    type: str
    title: str
    status: Status
    raw_status: str
    progress: OperationProgress | None
    owner_id: int
    owner_name: str | None
    attempts: int | None
    max_attempts: int | None
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    next_attempt_at: datetime | None
    error: str | None
    links: OperationLinks


class Operations(ListAnswer):
    """A page of operations, newest first. `next_cursor` is null on the last page; other pages may be short."""

    items: list[Operation]
    limit: int
    next_cursor: str | None = None


class OperationQuery(Input):
    """The list of operations. `kind` and `status` may be given several times; `limit` 0 means the default."""

    kind: list[Kind] = []
    status: list[Status] = []
    type: Annotated[str | None, _TYPE] = None
    owner_id: Annotated[int | None, Field(ge=1, le=10**15)] = None
    created_from: Instant | None = None
    created_to: Instant | None = None
    limit: Annotated[int, Field(ge=0)] = DEFAULT_LIMIT
    cursor: Cursor = None

    @field_validator("limit")
    @classmethod
    def _clamped(cls, value: int) -> int:
        return min(value or DEFAULT_LIMIT, MAX_LIMIT)

    def request(self) -> PageRequest:
        """Return the request with the filters that its cursors belong to."""
        filters = {name: getattr(self, name) for name in ("type", "owner_id", "created_from", "created_to")}
        filters |= {"kind": ",".join(sorted(set(self.kind))), "status": ",".join(sorted(set(self.status)))}
        return PageRequest(self.limit, filters=filters, cursor=self.cursor)


def _check_retryable(kind: Any) -> Any:
    if isinstance(kind, str) and kind in NO_RETRY_HINTS:
        raise broken_rule("not_replayable", NO_RETRY_HINTS[kind])
    return kind


class Replay(Input):
    """The failed operations of a kind to retry: those of `ids`, or all that match the other fields.

    `ids` are those of the list. The other kinds have no retry.
    """

    kind: Annotated[Replayable, BeforeValidator(_check_retryable, Replayable), Field(examples=["deferred"])]
    type: Annotated[str | None, _TYPE, Field(examples=["http_callback"])] = None
    failed_from: Instant | None = None
    failed_to: Instant | None = None
    ids: Annotated[list[_Id] | None, Field(min_length=1, max_length=MAX_IDS, examples=[None])] = None
    dry_run: Annotated[Flag, Field(examples=[True])]
    cursor: Annotated[Cursor, Field(examples=[None])] = None

    @model_validator(mode="after")
    def _check_selection(self) -> "Replay":
        if self.ids and (self.type or self.failed_from or self.failed_to or self.cursor):
            raise ValueError(text("укажите либо ids, либо type, failed_from, failed_to"))
        return self

    def request(self) -> PageRequest:
        """Return the request with the filters that its cursors belong to."""
        filters = {name: getattr(self, name) for name in ("kind", "type", "failed_from", "failed_to")}
        return PageRequest(filters=filters, cursor=self.cursor)


class Skipped(Output):
    """An operation that is not retried, and why."""

    id: str
    reason: str


class Replayed(Output):
    """The retried operations, or those of the preview. `next_cursor`: for the rest; null when there is none."""

    kind: Kind
    dry_run: bool
    matched: int
    replayed: int
    items: list[Operation]
    skipped: list[Skipped]
    next_cursor: str | None
