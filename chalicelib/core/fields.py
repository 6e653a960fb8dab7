"""Field types and the list query that the schemas of all packages share."""

import re
import unicodedata
from datetime import UTC, date, datetime
from typing import Annotated, Any, ClassVar, Generic, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
)
from pydantic_core import PydanticCustomError

from chalicelib.core.paging import CREATED, PageOf, PageRequest

YEARS = range(1900, 3000)  # leaves room for any time zone on both sides of what a datetime can hold
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_ATOM, _LABEL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+", r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = re.compile(rf"(?=.{{1,64}}@){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+")
_INVISIBLE = ("Cc", "Cf", "Zl", "Zp", "Zs")  # controls, formats such as the zero-width space, separators

T = TypeVar("T")


def _visible(text: str) -> str:
    if not text[:1].isalnum() and all(unicodedata.category(char) in _INVISIBLE for char in text):
        raise PydanticCustomError("blank", "не должно быть пустым")
    return text


def _printable(text: str) -> str:
    _visible(text)
    if _CONTROL.search(text):
        raise PydanticCustomError("control_characters", "управляющие символы не допускаются")
    return text


def _readable(text: str) -> str:
    _printable(text.translate({9: " ", 10: " ", 13: " "}))
    return text


def _calendar(value: Any) -> Any:
    """Days and instants come as text with the day as ISO 8601 has it; digits are not taken for seconds since 1970."""
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        raise PydanticCustomError("string_type", "должно быть строкой")
    if not _ISO_DAY.match(value):
        raise PydanticCustomError("date_format", "дата должна быть в формате ГГГГ-ММ-ДД")
    return value


def _day(value: Any) -> Any:
    if isinstance(value, str) and len(value) != len("2025-01-20"):
        raise PydanticCustomError("date_format", "ожидается дата в формате ГГГГ-ММ-ДД")
    return value


def _email(text: str) -> str:
    if not _EMAIL.fullmatch(text):
        raise PydanticCustomError("email", "ожидается адрес электронной почты")
    return text


def _sane(moment: Any) -> Any:
    if moment.year not in YEARS:
        raise PydanticCustomError("date_range", "год должен быть от 1900 до 2999")
    return moment


def _utc(moment: datetime) -> datetime:
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


_TRIMMED = StringConstraints(strip_whitespace=True, min_length=1, strict=True)

Name = Annotated[str, _TRIMMED, Field(max_length=200), AfterValidator(_printable)]
"""A line of text that lists sort by: 1 to 200 characters, trimmed, without control characters."""

LongText = Annotated[str, _TRIMMED, Field(max_length=10_000), AfterValidator(_readable)]
"""Free text, which may have line breaks."""

Email = Annotated[str, _TRIMMED, Field(max_length=254), AfterValidator(_email)]
"""An address that mail goes to: ASCII, with a domain of at least two labels."""

PositiveInt = Annotated[int, Field(strict=True, gt=0, le=10**15)]
Flag = Annotated[bool, Field(strict=True)]
Day = Annotated[date, BeforeValidator(_day), BeforeValidator(_calendar), AfterValidator(_sane)]
"""A calendar day, `YYYY-MM-DD`."""

Moment = Annotated[datetime, BeforeValidator(_calendar), AfterValidator(_sane), AfterValidator(_utc)]
"""An instant, ISO 8601; an offset is honoured, none means UTC; answered in UTC."""

Instant = Annotated[AwareDatetime, BeforeValidator(_calendar), AfterValidator(_sane), AfterValidator(_utc)]
"""The same where the offset has to be there, or `Z`."""


class Input(BaseModel):
    """The base of what clients send. Unknown fields are ignored."""

    model_config = ConfigDict(extra="ignore", str_max_length=100_000, defer_build=True)


class Output(BaseModel):
    """The base of what clients get."""

    model_config = ConfigDict(from_attributes=True, defer_build=True)


class ListQuery(Input):
    """The query of every list of production control. A list names its sort fields in `SORTS`."""

    SORTS: ClassVar[tuple[str, ...]] = (CREATED,)

    limit: Annotated[int, Field(ge=1, le=100)] = 25
    offset: Annotated[int, Field(ge=0, le=10**9)] = 0
    sort_field: str = CREATED
    sort_direction: str = "DESC"
    cursor: Annotated[str | None, Field(max_length=4_000)] = None

    @field_validator("sort_field")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in cls.SORTS:
            raise PydanticCustomError("sort_field", "допустимые поля: {fields}", {"fields": ", ".join(cls.SORTS)})
        return value

    @field_validator("sort_direction")
    @classmethod
    def _direction(cls, value: str) -> str:
        if value.upper() not in ("ASC", "DESC"):
            raise PydanticCustomError("sort_direction", "допустимые значения: ASC, DESC")
        return value.upper()

    def request(self) -> PageRequest:
        """What the listing engine understands: the fields a list adds are its filters."""
        filters = self.model_dump(exclude=set(ListQuery.model_fields))
        descending = self.sort_direction == "DESC"
        return PageRequest(self.limit, self.offset, self.sort_field, descending, filters, self.cursor)


class Page(Output, Generic[T]):
    """A page of a list. `next_cursor` is null on the last one."""

    items: list[T]
    total: int
    limit: int
    offset: int
    next_cursor: str | None = None

    @classmethod
    def of(cls, page: PageOf[Any], items: list[T]) -> "Page[T]":
        """The page with its items as clients see them."""
        return cls(items=items, total=page.total, limit=page.limit, offset=page.offset, next_cursor=page.next_cursor)
