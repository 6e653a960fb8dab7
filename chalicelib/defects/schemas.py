"""Request and response models of defects. Attachments: attachment_schemas.py."""

from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from chalicelib.core.fields import Day, Input, ListQuery, LongText, Name, Output
from chalicelib.core.validation import broken_rule
from chalicelib.defects.model import Action, Severity, Status
from chalicelib.sites.schemas import Version

MAX_BULK = 100  # defects of one bulk assignment
Comment = Annotated[LongText, Field(max_length=4_000)]


class DefectCreate(Input):
    """A new defect; only a manager may send `assignee_id`."""

    site_id: UUID
    title: Name
    description: LongText | None = None
    location: Name | None = None
    severity: Severity = "medium"
    assignee_id: UUID | None = None
    due_date: Day | None = None


class DefectPatch(Input):
    """The fields to change. Null removes the location or the due date; for other fields it is the same as absent."""

    title: Name | None = None
    description: LongText | None = None
    location: Name | None = None
    severity: Severity | None = None
    due_date: Day | None = None
    version: Version | None = None


class StatusChange(Input):
    """A new status of a defect."""

    status: Status
    comment: Comment | None = None
    version: Version | None = None


class Assignment(Input):
    """An assignee and a due date; without `due_date` the current one stays."""

    assignee_id: UUID
    due_date: Day | None = None
    version: Version | None = None


class BulkAssignment(Input):
    """An assignee and a due date of many defects."""

    ids: Annotated[list[UUID], Field(min_length=1, max_length=MAX_BULK)]
    assignee_id: UUID
    due_date: Day | None = None


class Assigned(Output):
    """The result of a bulk assignment for one defect."""

    id: UUID
    outcome: Literal["assigned", "unchanged", "failed"]
    error: str | None = None


class BulkAssigned(Output):
    """The results of a bulk assignment, in the order of the request."""

    assigned: int
    unchanged: int
    failed: int
    results: list[Assigned]


class CommentCreate(Input):
    """A new comment."""

    text: Comment


class Participant(Output):
    """A user with the name at the time of the record."""

    id: UUID
    name: str


class Defect(Output):
    """A defect. `is_overdue`: it is open and its due date is before today at the site.

    `allowed_moves`, `can_edit` and `can_assign`: what the caller may do with the defect now.
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
    """The change of one field."""

    field: str
    old: Any = Field(serialization_alias="from")
    new: Any = Field(serialization_alias="to")


class HistoryEntry(Output):
    """An entry of the history of a defect."""

    number: int
    at: datetime
    by: Participant
    action: Action
    changes: list[Change]
    comment: str | None


class Week(Output):
    """How many of the current defects were registered, fixed and closed in the week that starts on that Monday."""

    week_start: date
    created: int
    fixed: int
    closed: int


class Progress(Output):
    """The progress of a site. `percent_closed`: without rejected defects. `mean_hours_to_fix`: since registration."""

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
    """The number of weeks in `weeks`, with the current one."""

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
            raise broken_rule("period", "due_from: должно быть не позже due_to")
        return self


class RecordQuery(ListQuery):
    """The history or the comments of a defect, newest first by default."""
