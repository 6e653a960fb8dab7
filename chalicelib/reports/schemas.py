"""Request and response models of reports."""

import json
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, cast
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

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
from chalicelib.core.texts import LANGUAGES
from chalicelib.core.validation import broken_rule
from chalicelib.core.warnings import Warned
from chalicelib.reports.model import ReportStatus
from chalicelib.reports.render import FORMATS, Format

MAX_PARAMETERS = 20_000  # characters; an item of DynamoDB has at most 400 KB
MAX_RECIPIENTS = 20
DEFAULT_LIMIT, MAX_LIMIT = 20, 100  # items of a page


def _parameters(value: Any) -> Any:
    """Return the parameters as text: a JSON string as it is, an object as JSON. Both must hold a JSON object."""
    if isinstance(value, dict):
        text = json.dumps(value, ensure_ascii=False)
    elif isinstance(value, str):
        text = value
        _check_object(text)
    else:
        raise broken_rule("json_type", "ожидается объект JSON или строка с ним")
    if len(text) > MAX_PARAMETERS:
        raise broken_rule("too_long", "длина не больше {limit}", limit=MAX_PARAMETERS)
    return text


def _check_object(text: str) -> None:
    try:
        value = parse_json(text.encode())
    except AppError as error:
        raise broken_rule("json_invalid", "ожидается JSON: {reason}", reason=error.message) from error
    if not isinstance(value, dict):
        raise broken_rule("json_type", "ожидается объект JSON")


def _none_if_blank(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


def _distinct(addresses: list[str]) -> list[str]:
    """Return each address once; addresses that differ in case only are the same."""
    return list({address.lower(): address for address in addresses}.values())


Language = Literal["ru", "en"]
_OBJECT: dict[str, Any] = {"format": "json-object", "contentMediaType": "application/json"}
_Text = Annotated[str, Field(json_schema_extra=_OBJECT)]
_Prose = Annotated[str, Field(max_length=10_000, json_schema_extra=PROSE_OR_BLANK)]
Parameters = Annotated[str, BeforeValidator(_parameters, json_schema_input_type=_Text | dict[str, Any])]
Recipients = Annotated[list[Email], Field(max_length=MAX_RECIPIENTS), AfterValidator(_distinct)]
Description = Annotated[LongText | None, BeforeValidator(_none_if_blank, json_schema_input_type=_Prose | None)]


class ReportCreate(Input):
    """A report to be created. `format` and `language` may also be inside `parameters`; `recipients` get the file by
    email.
    """

    name: Name
    template_id: PositiveInt
    description: Description = None
    parameters: Parameters = "{}"
    format: Format | None = None
    language: Language | None = None
    recipients: Recipients = []

    @model_validator(mode="after")
    def _format(self) -> "ReportCreate":
        inside = json.loads(self.parameters)
        if self.format is None:
            requested = inside.get("format", "pdf")
            if requested not in FORMATS:
                raise broken_rule(
                    "parameters_format", "format: допустимые значения: {formats}", formats=", ".join(FORMATS)
                )
            self.format = requested
        if self.language is None and (wanted := inside.get("language")) is not None:
            self.language = checked_language(wanted)
        return self


def checked_language(wanted: Any) -> Language:
    """Return a language of reports, or raise the error of a validator."""
    if wanted not in LANGUAGES:
        raise broken_rule(
            "parameters_language", "language: допустимые значения: {languages}", languages=", ".join(LANGUAGES)
        )
    return cast("Language", wanted)


class ReportAccepted(Warned):
    """A report that is accepted and not made yet; `warnings`: why it will fail."""

    id: int
    status: ReportStatus
    message: str
    saga_id: UUID


class Report(Output):
    """A report; the fields of its file are null until it is ready."""

    id: int
    name: str
    description: str
    template_id: int
    user_id: int
    status: ReportStatus
    parameters: str
    format: str
    language: str
    saga_id: UUID
    file_path: str | None
    file_size: int | None
    md5_hash: str | None
    error: str | None
    recipients: list[str]
    created_at: datetime
    updated_at: datetime


class ListQuery(Input):
    """The query of a list of this API; `limit` 0 means the default, over 100 means 100."""

    page: Annotated[int, Field(ge=0, le=10**9)] = 1
    limit: Annotated[int, Field(ge=0)] = DEFAULT_LIMIT
    cursor: Cursor = None

    @field_validator("page")
    @classmethod
    def _first(cls, value: int) -> int:
        return max(1, value)

    @field_validator("limit")
    @classmethod
    def _clamped(cls, value: int) -> int:
        return min(value or DEFAULT_LIMIT, MAX_LIMIT)

    def request(self, **filters: Any) -> PageRequest:
        """Return the request for the listing engine."""
        return PageRequest(self.limit, (self.page - 1) * self.limit, filters=filters, cursor=self.cursor)


class ReportQuery(ListQuery):
    """The query of the list of reports, newest first."""

    status: ReportStatus | None = None


class Reports(ListAnswer):
    """A page of reports."""

    ITEMS: ClassVar[str] = "reports"

    reports: list[Report]
    total: int
    page: int
    limit: int
    next_cursor: str | None = None


class ReportInProgress(Output):
    """The status of a report that is being made."""

    id: int
    status: Literal["pending", "processing"]
    progress: int


class ReportReady(Output):
    """The status of a report whose file can be downloaded."""

    id: int
    status: Literal["completed"]
    file_path: str


class ReportFailed(Output):
    """The status of a report that failed or was cancelled and has no file."""

    id: int
    status: Literal["failed", "cancelled"]
    error: str | None


ReportState = ReportInProgress | ReportReady | ReportFailed


class ReportCancelled(Output):
    """A report that was cancelled."""

    id: int
    status: Literal["cancelled"] = "cancelled"
    message: str
