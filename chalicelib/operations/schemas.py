"""What travels about operations."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from chalicelib.core.fields import Cursor, Flag, Input, Instant, ListAnswer, Output
from chalicelib.core.paging import PageRequest
from chalicelib.operations.model import HELP, Kind, Replayable, Status

PAGE, LARGEST_PAGE = 25, 100
MOST_IDS = 100
_Id = Annotated[str, Field(pattern=r"^([1-9][0-9]{0,17}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$")]
_TYPE = Field(min_length=1, max_length=50)


class OperationProgress(Output):
    """How far it is, in the pieces that its kind counts: rows, products, steps."""

    done: int
    total: int
    percent: int


class OperationLink(Output):
    """A call of the API."""

    method: Literal["GET", "POST", "DELETE"]
    href: str


class OperationLinks(Output):
    """What may be asked about an operation now, by the one who asks; null: it may not."""

    itself: OperationLink = Field(serialization_alias="self")
    cancel: OperationLink | None
    retry: OperationLink | None
    attempts: OperationLink | None


class Operation(Output):
    """Something that runs, waits, or has ended; null where its kind keeps no such figure.

    `attempts`: how often it was started. `next_attempt_at`: when it is started next.
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
    """A page of operations, newest first. `next_cursor` is null on the last one; a page before it may be short."""

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
    limit: Annotated[int, Field(ge=0)] = PAGE
    cursor: Cursor = None

    @field_validator("limit")
    @classmethod
    def _clamped(cls, value: int) -> int:
        return min(value or PAGE, LARGEST_PAGE)

    def request(self) -> PageRequest:
        """What a cursor of this list belongs to."""
        filters = {name: getattr(self, name) for name in ("type", "owner_id", "created_from", "created_to")}
        filters |= {"kind": ",".join(sorted(set(self.kind))), "status": ",".join(sorted(set(self.status)))}
        return PageRequest(self.limit, filters=filters, cursor=self.cursor)


def _with_retry(kind: Any) -> Any:
    if isinstance(kind, str) and kind in HELP:
        raise PydanticCustomError("not_replayable", "{reason}", {"reason": HELP[kind]})
    return kind


class Replay(Input):
    """Which failed operations of a kind are made again: those of `ids`, or all that the other fields choose.

    An id is the one that the list has. The other kinds have no retry.
    """

    kind: Annotated[Replayable, BeforeValidator(_with_retry, Replayable), Field(examples=["deferred"])]
    type: Annotated[str | None, _TYPE, Field(examples=["http_callback"])] = None
    failed_from: Instant | None = None
    failed_to: Instant | None = None
    ids: Annotated[list[_Id] | None, Field(min_length=1, max_length=MOST_IDS, examples=[None])] = None
    dry_run: Annotated[Flag, Field(examples=[True])]
    cursor: Annotated[Cursor, Field(examples=[None])] = None

    @model_validator(mode="after")
    def _one_way(self) -> "Replay":
        if self.ids and (self.type or self.failed_from or self.failed_to or self.cursor):
            raise ValueError("укажите либо ids, либо type, failed_from, failed_to")
        return self

    def request(self) -> PageRequest:
        """What a cursor of this replay belongs to."""
        filters = {name: getattr(self, name) for name in ("kind", "type", "failed_from", "failed_to")}
        return PageRequest(filters=filters, cursor=self.cursor)


class Skipped(Output):
    """An operation that is not made again, and why."""

    id: str
    reason: str


class Replayed(Output):
    """What was made again, or would be. `next_cursor`: how to ask for the rest; null when there is none."""

    kind: Kind
    dry_run: bool
    matched: int
    replayed: int
    items: list[Operation]
    skipped: list[Skipped]
    next_cursor: str | None
