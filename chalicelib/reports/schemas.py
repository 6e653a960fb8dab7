"""What travels about reports, templates and sagas."""

import json
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from chalicelib.core.errors import AppError
from chalicelib.core.fields import (
    PROSE_OR_BLANK,
    Cursor,
    Email,
    Input,
    ListAnswer,
    LongText,
    Name,
    Output,
    PositiveInt,
)
from chalicelib.core.paging import PageRequest
from chalicelib.core.request import parse_json
from chalicelib.reports.model import ReportStatus, SagaStatus, StepStatus
from chalicelib.reports.render import FORMATS, Format

MAX_PARAMETERS = 20_000  # characters: an item of DynamoDB has 400 KB
MAX_RECIPIENTS = 20
PAGE, LARGEST_PAGE = 20, 100


def _parameters(value: Any) -> Any:
    """A JSON string stays as it is, an object becomes one; either must be an object."""
    if isinstance(value, dict):
        text = json.dumps(value, ensure_ascii=False)
    elif isinstance(value, str):
        text = value
        _check_object(text)
    else:
        raise PydanticCustomError("json_type", "ожидается объект JSON или строка с ним")
    if len(text) > MAX_PARAMETERS:
        raise PydanticCustomError("too_long", "длина не больше {limit}", {"limit": MAX_PARAMETERS})
    return text


def _check_object(text: str) -> None:
    try:
        value = parse_json(text.encode())
    except AppError as error:
        raise PydanticCustomError("json_invalid", "{reason}", {"reason": f"ожидается JSON: {error.message}"}) from error
    if not isinstance(value, dict):
        raise PydanticCustomError("json_type", "ожидается объект JSON")


def _none_if_blank(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


def _distinct(addresses: list[str]) -> list[str]:
    """Each address once, whatever its case."""
    return list({address.lower(): address for address in addresses}.values())


_OBJECT: dict[str, Any] = {"format": "json-object", "contentMediaType": "application/json"}
_Text = Annotated[str, Field(json_schema_extra=_OBJECT)]
_Prose = Annotated[str, Field(max_length=10_000, json_schema_extra=PROSE_OR_BLANK)]
Parameters = Annotated[str, BeforeValidator(_parameters, json_schema_input_type=_Text | dict[str, Any])]
Recipients = Annotated[list[Email], Field(max_length=MAX_RECIPIENTS), AfterValidator(_distinct)]
Description = Annotated[LongText | None, BeforeValidator(_none_if_blank, json_schema_input_type=_Prose | None)]


class ReportCreate(Input):
    """A report to be made. `format` may also stand inside `parameters`; `recipients` get the file by email."""

    name: Name
    template_id: PositiveInt
    description: Description = None
    parameters: Parameters = "{}"
    format: Format | None = None
    recipients: Recipients = []

    @model_validator(mode="after")
    def _format(self) -> "ReportCreate":
        if self.format is None:
            wanted = json.loads(self.parameters).get("format", "pdf")
            if wanted not in FORMATS:
                raise PydanticCustomError(
                    "parameters_format", "format: допустимые значения: {formats}", {"formats": ", ".join(FORMATS)}
                )
            self.format = wanted
        return self


class ReportAccepted(Output):
    """A report is on its way."""

    id: int
    status: ReportStatus
    message: str
    saga_id: UUID


class Report(Output):
    """A report as clients see it; the file's fields are null until it is ready."""

    id: int
    name: str
    description: str
    template_id: int
    user_id: int
    status: ReportStatus
    parameters: str
    format: str
    saga_id: UUID
    file_path: str | None
    file_size: int | None
    md5_hash: str | None
    error: str | None
    recipients: list[str]
    created_at: datetime
    updated_at: datetime


class ListQuery(Input):
    """Pages of a list of this area; `limit` 0 means the default, over 100 means 100."""

    page: Annotated[int, Field(ge=0, le=10**9)] = 1
    limit: Annotated[int, Field(ge=0)] = PAGE
    cursor: Cursor = None

    @field_validator("page")
    @classmethod
    def _first(cls, value: int) -> int:
        return max(1, value)

    @field_validator("limit")
    @classmethod
    def _clamped(cls, value: int) -> int:
        return min(value or PAGE, LARGEST_PAGE)

    @property
    def offset(self) -> int:
        """How many come before the page."""
        return (self.page - 1) * self.limit

    def request(self, **filters: Any) -> PageRequest:
        """What the listing engine understands."""
        return PageRequest(self.limit, self.offset, filters=filters, cursor=self.cursor)


class ReportQuery(ListQuery):
    """The list of reports, newest first."""

    status: ReportStatus | None = None


class SagaQuery(ListQuery):
    """The list of sagas, newest first."""

    status: SagaStatus | None = None


class Reports(ListAnswer):
    """A page of reports."""

    ITEMS: ClassVar[str] = "reports"

    reports: list[Report]
    total: int
    page: int
    limit: int
    next_cursor: str | None = None


class Template(Output):
    """A template. One made by a user is a built-in one (`base_template_id`) with parameters filled in."""

    id: int
    name: str
    description: str
    base_template_id: int
    parameters: str
    is_builtin: bool
    created_at: datetime | None
    updated_at: datetime | None


class TemplateWrite(Input):
    """A template, new or replaced."""

    name: Name
    description: Description = None
    base_template_id: Annotated[int, Field(strict=True, ge=1, le=4)] = 2
    parameters: Parameters = "{}"


class Templates(ListAnswer):
    """A page of templates, the built-in ones first."""

    ITEMS: ClassVar[str] = "templates"

    templates: list[Template]
    total: int
    page: int
    limit: int
    next_cursor: str | None = None


class StepView(Output):
    """A step of a saga."""

    id: int
    name: str
    status: StepStatus
    attempts: int
    started_at: datetime | None
    completed_at: datetime | None
    error: str | None


class SagaView(Output):
    """A saga as clients see it."""

    saga_id: UUID
    report_id: int
    status: SagaStatus
    steps: list[StepView]
    created_at: datetime
    updated_at: datetime | None
    completed_at: datetime | None
    error: str | None


class Sagas(ListAnswer):
    """A page of sagas."""

    ITEMS: ClassVar[str] = "sagas"

    sagas: list[SagaView]
    total: int
    page: int
    limit: int
    next_cursor: str | None = None


class SagaProgress(Output):
    """How far a saga is."""

    saga_id: UUID
    status: SagaStatus
    total_steps: int
    completed_steps: int
    failed_steps: int
    compensated_steps: int
    progress_percent: int
    current_step: str | None


class SagaMoved(Output):
    """A saga was cancelled, or is tried again."""

    saga_id: UUID
    report_id: int
    status: SagaStatus
    message: str


class SagaEvent(Output):
    """An entry of the event log of a saga."""

    id: UUID
    event: str
    occurred_at: datetime
    data: dict[str, Any]


class SagaEvents(ListAnswer):
    """The event log of a saga, oldest first. `next_cursor`: there are more than an answer has room for."""

    ITEMS: ClassVar[str] = "events"

    saga_id: UUID
    events: list[SagaEvent]
    total: int
    next_cursor: str | None = None


class SagaEventQuery(Input):
    """Where in the event log to start."""

    cursor: Cursor = None


class ReportUnderway(Output):
    """The state of a report that is being made."""

    id: int
    status: Literal["pending", "processing"]
    progress: int


class ReportReady(Output):
    """The state of a report that can be fetched."""

    id: int
    status: Literal["completed"]
    file_path: str


class ReportMissed(Output):
    """The state of a report that there will be no file of."""

    id: int
    status: Literal["failed", "cancelled"]
    error: str | None


ReportState = ReportUnderway | ReportReady | ReportMissed


class ReportStopped(Output):
    """A report was cancelled."""

    id: int
    status: Literal["cancelled"] = "cancelled"
    message: str = "Отчет отменен"
