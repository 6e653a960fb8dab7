"""What travels about defects. Attachments: attachment_schemas.py."""

from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from chalicelib.core.fields import Day, Input, ListQuery, LongText, Name, Output
from chalicelib.defects.model import Action, Severity, Status
from chalicelib.sites.schemas import Version

MOST_AT_ONCE = 100  # defects of one bulk assignment
Comment = Annotated[LongText, Field(max_length=4_000)]


class DefectCreate(Input):
    """A new defect; `assignee_id` is for managers."""

    site_id: UUID
    title: Name
    description: LongText | None = None
    location: Name | None = None
    severity: Severity = "medium"
    assignee_id: UUID | None = None
    due_date: Day | None = None


class DefectPatch(Input):
    """What changes. Null takes away the location or the due date; for the other fields it is the same as absent."""

    title: Name | None = None
    description: LongText | None = None
    location: Name | None = None
    severity: Severity | None = None
    due_date: Day | None = None
    version: Version | None = None


class StatusChange(Input):
    """A step of the way."""

    status: Status
    comment: Comment | None = None
    version: Version | None = None


class Assignment(Input):
    """Who is to fix it, and until when; without `due_date` the one there is stays."""

    assignee_id: UUID
    due_date: Day | None = None
    version: Version | None = None


class BulkAssignment(Input):
    """The same for many at once."""

    ids: Annotated[list[UUID], Field(min_length=1, max_length=MOST_AT_ONCE)]
    assignee_id: UUID
    due_date: Day | None = None


class Assigned(Output):
    """What became of one defect; `error` says why not."""

    id: UUID
    outcome: Literal["assigned", "unchanged", "failed"]
    error: str | None = None


class BulkAssigned(Output):
    """What became of each, in the order asked for."""

    assigned: int
    unchanged: int
    failed: int
    results: list[Assigned]


class CommentCreate(Input):
    """A new comment."""

    text: Comment


class Participant(Output):
    """A user, by the name he had then."""

    id: UUID
    name: str


class Defect(Output):
    """A defect as clients see it. `is_overdue`: it is open and its due date is before today, in UTC.

    What the one who asks may do with it now: `allowed_moves` to other statuses, `can_edit`, `can_assign`.
    """

    id: UUID
    number: int
    site_id: UUID
    title: str
    description: str
    location: str | None
    severity: Severity
    status: Status
    reporter: Participant
    assignee: Participant | None
    due_date: date | None
    is_overdue: bool
    fixed_at: datetime | None
    closed_at: datetime | None
    times_reopened: int
    comments: int
    created_at: datetime
    updated_at: datetime
    version: int
    allowed_moves: list[Status]
    can_edit: bool
    can_assign: bool


class CommentView(Output):
    """A comment; numbered from 1 within its defect."""

    number: int
    author: Participant
    text: str
    created_at: datetime


class Change(Output):
    """One field of a change."""

    field: str
    old: Any = Field(serialization_alias="from")
    new: Any = Field(serialization_alias="to")


class HistoryEntry(Output):
    """Who did what to a defect, and when."""

    number: int
    at: datetime
    by: Participant
    action: Action
    changes: list[Change]
    comment: str | None


class Week(Output):
    """Of the defects there are now: how many were found, fixed, and closed in the week that begins on that Monday."""

    week_start: date
    created: int
    fixed: int
    closed: int


class Progress(Output):
    """How far a site is. `percent_closed` is of those that were not rejected; hours are from found to fixed."""

    site_id: UUID
    total: int
    open: int
    overdue: int
    percent_closed: float
    mean_hours_to_fix: float | None
    by_status: dict[Status, int]
    by_severity: dict[Severity, int]
    open_by_severity: dict[Severity, int]
    weeks: list[Week]


class ProgressQuery(Input):
    """How many weeks the trend has, this one included."""

    weeks: Annotated[int, Field(ge=1, le=104)] = 12


class DefectQuery(ListQuery):
    """The list of defects. `severity` and `status` sort by rank: low to critical, new to rejected."""

    SORTS: ClassVar[tuple[str, ...]] = ("created_at", "updated_at", "due_date", "severity", "status")

    site_id: UUID | None = None
    number: Annotated[int | None, Field(ge=1, le=10**15)] = None
    status: Status | None = None
    severity: Severity | None = None
    assignee_id: UUID | None = None
    reporter_id: UUID | None = None
    overdue: bool | None = None
    due_from: Day | None = None
    due_to: Day | None = None

    @model_validator(mode="after")
    def _order(self) -> Self:
        if self.due_from and self.due_to and self.due_from > self.due_to:
            raise PydanticCustomError("period", "due_from: должно быть не позже due_to")
        return self


class RecordQuery(ListQuery):
    """History or comments of one defect: newest first unless asked otherwise."""
