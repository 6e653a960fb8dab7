"""Field types, and the base models of requests, responses and lists, for the schemas of all packages."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any, ClassVar, Generic, Self, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    PrivateAttr,
    StringConstraints,
    ValidationError,
    ValidatorFunctionWrapHandler,
    field_validator,
)
from pydantic_core import CoreSchema, ErrorDetails, InitErrorDetails, PydanticCustomError

from chalicelib.core import clock
from chalicelib.core.paging import CREATED, CursorAfter, PageOf, PageRequest
from chalicelib.core.validation import MAX_PROBLEMS, broken_rule

YEARS = range(1900, 3000)  # far enough from the limits of datetime for any time zone
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])")
_ISO_TIME = re.compile(r"[Tt_ ]([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?")
_NONE = r"\ufdd0-\ufdef\ufffe\uffff"  # noncharacters of Unicode; XML does not allow the last two
CONTROLS = rf"\x00-\x1f\x7f-\x9f{_NONE}"
_VISIBLE_CHAR = (  # visible characters: no blanks, fillers, marks of direction
    r"[^\x00-\x20\x7f-\xa0\xad\u061c\u115f\u1160\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\u3164\ufeff\uffa0]"
)
_CONTROLS_BUT_BREAKS = rf"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f{_NONE}"  # the controls without tab and line breaks
CODE_CONTROLS = rf"\x00-\x1c\x1e\x1f\x7f-\x9f{_NONE}"  # the controls without the group separator of GS1
_BLANKS = r"\t-\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"  # no other controls
_BLANKS_AROUND = re.compile(rf"\A[{_BLANKS}]+|[{_BLANKS}]+\Z")
_CODE_CONTROL = re.compile(f"[{CODE_CONTROLS}]")
_CONTROL = re.compile(f"[{CONTROLS}]")
_CONTROL_BUT_BREAKS = re.compile(f"[{_CONTROLS_BUT_BREAKS}]")
_VISIBLE = re.compile(_VISIBLE_CHAR)
_ATOM, _LABEL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+", r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = re.compile(rf"(?=.{{1,64}}@){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+")

_OTHER_LETTERS_BEFORE = "адрес электронной почты: перед @ допускаются только латинские буквы, цифры и знаки"
_OTHER_LETTERS_BEHIND = "адрес электронной почты: домен из других букв пишется латиницей, в виде xn--…"
# The rules of the functions below as JSON Schemas.
LINE: dict[str, Any] = {"pattern": f"^[^{CONTROLS}]*{_VISIBLE_CHAR}[^{CONTROLS}]*$"}
CODE: dict[str, Any] = {"pattern": f"^[{_BLANKS}]*[^{CODE_CONTROLS}]*{_VISIBLE_CHAR}[^{CODE_CONTROLS}]*[{_BLANKS}]*$"}
PROSE: dict[str, Any] = {"pattern": f"^[^{_CONTROLS_BUT_BREAKS}]*{_VISIBLE_CHAR}[^{_CONTROLS_BUT_BREAKS}]*$"}
PROSE_OR_BLANK: dict[str, Any] = {"pattern": rf"^\s*$|{PROSE['pattern']}"}
MAIL: dict[str, Any] = {"format": "email", "pattern": f"^{_EMAIL.pattern}$"}
YEAR: dict[str, Any] = {"pattern": "^(19|2[0-9])[0-9]{2}-"}

PART_SIZE = 1_000  # items that are validated together
MAX_ITEMS = 100_000

T = TypeVar("T")


def check_line(text: str, controls: re.Pattern[str] = _CONTROL) -> str:
    """Return the text, trimmed, if it is one line with a visible character."""
    if not _VISIBLE.search(text):
        raise broken_rule("blank", "не должно быть пустым")
    if controls.search(text):
        raise broken_rule("control_characters", "управляющие символы не допускаются")
    return text.strip()


def check_code(text: str) -> str:
    """Return the text of a scanned code with its group separators (GS1), without blanks and line ends around it."""
    if not _VISIBLE.search(text):
        raise broken_rule("blank", "не должно быть пустым")
    if not _CONTROL.search(text):
        return text.strip()
    text = _BLANKS_AROUND.sub("", text)
    if found := _CODE_CONTROL.search(text):
        reason = "управляющий символ U+{code} не допускается: из них только разделитель групп GS (U+001D)"
        raise broken_rule("control_characters", reason, code=f"{ord(found[0]):04X}")
    return text


def _check_prose(text: str) -> str:
    return check_line(text, _CONTROL_BUT_BREAKS)


def _check_date(value: Any) -> Any:
    """Check that a day or instant is a text with a day in ISO 8601. Digits are not seconds since 1970."""
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        raise broken_rule("string_type", "должно быть строкой")
    if not _ISO_DAY.match(value):
        raise broken_rule("date_format", "дата должна быть в формате ГГГГ-ММ-ДД")
    try:
        date.fromisoformat(value[:10])
    except ValueError:
        raise broken_rule("no_such_day", "такого дня нет в календаре") from None
    return value


def _check_time(value: Any) -> Any:
    """Check the day, and that the time of the day exists."""
    value = _check_date(value)
    found = _ISO_TIME.match(value[10:]) if isinstance(value, str) else None
    if found and (int(found[1]) > 23 or any(int(part) > 59 for part in found.groups()[1:] if part)):
        raise broken_rule("no_such_time", "такого времени суток нет")
    return value


def _check_day(value: Any) -> Any:
    if isinstance(value, str) and len(value) != len("2025-01-20"):
        raise broken_rule("date_format", "ожидается дата в формате ГГГГ-ММ-ДД")
    return value


def check_email(text: str) -> str:
    """Return the text if it is the address of an email."""
    text = text.strip()
    if not _EMAIL.fullmatch(text):
        reason = "ожидается адрес электронной почты"
        if "@" in text and not text.isascii():
            reason = _OTHER_LETTERS_BEHIND if text.partition("@")[0].isascii() else _OTHER_LETTERS_BEFORE
        raise broken_rule("email", reason)
    return text


def _check_year(moment: Any) -> Any:
    if moment.year not in YEARS:
        raise broken_rule("date_range", "год должен быть от 1900 до 2999")
    return moment


def _to_utc(moment: datetime) -> datetime:
    return (moment if moment.tzinfo else moment.replace(tzinfo=clock.site_zone())).astimezone(UTC)


FILLED = StringConstraints(min_length=1, strict=True)

Name = Annotated[str, FILLED, Field(max_length=200, json_schema_extra=LINE), AfterValidator(check_line)]
"""A line of text: 1 to 200 characters, trimmed, without control characters. Lists can sort by it."""

Code = Annotated[str, FILLED, Field(max_length=200, json_schema_extra=CODE), AfterValidator(check_code)]
"""A product's code: like a name, and with the group separators U+001D of a full marking code."""

LongText = Annotated[str, FILLED, Field(max_length=10_000, json_schema_extra=PROSE), AfterValidator(_check_prose)]
"""Free text, which may have line breaks."""

Email = Annotated[str, FILLED, Field(max_length=254, json_schema_extra=MAIL), AfterValidator(check_email)]
"""The address of an email: ASCII, with a domain of at least two labels."""

_YEARS = Field(json_schema_extra=YEAR)

PositiveInt = Annotated[int, Field(strict=True, gt=0, le=10**15)]
Flag = Annotated[bool, Field(strict=True)]
Day = Annotated[date, BeforeValidator(_check_day), BeforeValidator(_check_date), AfterValidator(_check_year), _YEARS]
"""A calendar day, `YYYY-MM-DD`."""

Moment = Annotated[datetime, BeforeValidator(_check_time), AfterValidator(_check_year), AfterValidator(_to_utc), _YEARS]
"""An instant, ISO 8601, converted to UTC; without an offset it is UTC."""

Instant = Annotated[
    AwareDatetime, BeforeValidator(_check_time), AfterValidator(_check_year), AfterValidator(_to_utc), _YEARS
]
"""An instant that must have an offset or `Z`."""


Cursor = Annotated[str | None, Field(max_length=4_000)]
"""Where a page of a list starts: the `next_cursor` of the page before. It is used instead of offset or page."""


def validate_in_parts(value: Any, validate: ValidatorFunctionWrapHandler) -> Any:
    """Validate a long list in parts, and stop when an answer has no room for further problems.

    For `WrapValidator`, around a list with `max_length=MAX_ITEMS`.
    """
    if not isinstance(value, list) or len(value) <= PART_SIZE:
        return validate(value)
    if len(value) > MAX_ITEMS:
        raise broken_rule("too_long", "элементов не больше {max_length}", max_length=MAX_ITEMS)
    valid, problems = list[Any](), list[InitErrorDetails]()
    for start in range(0, len(value), PART_SIZE):
        try:
            valid += validate(value[start : start + PART_SIZE])
        except ValidationError as error:
            problems += (_shifted(found, start) for found in error.errors(include_url=False, include_input=False))
            if len(problems) >= MAX_PROBLEMS:
                break
    if problems:
        raise ValidationError.from_exception_data("list", problems[:MAX_PROBLEMS])
    return valid


def _shifted(problem: ErrorDetails, start: int) -> InitErrorDetails:
    index, *rest = problem["loc"]
    reason = PydanticCustomError(problem["type"], problem["msg"], problem.get("ctx"))
    return InitErrorDetails(type=reason, loc=(start + int(index), *rest), input=None)


class Input(BaseModel):
    """The base of requests. Unknown fields are ignored."""

    model_config = ConfigDict(extra="ignore", str_max_length=100_000, defer_build=True)


class Output(BaseModel):
    """The base of responses. `CHANGES_BY_ITSELF`: fields that no client changes, which `If-Match` does not compare."""

    model_config = ConfigDict(from_attributes=True, defer_build=True, json_schema_serialization_defaults_required=True)
    CHANGES_BY_ITSELF: ClassVar[frozenset[str]] = frozenset()


class ListQuery(Input):
    """The query of the lists of production control. A list names its sort fields in `SORTS`."""

    SORTS: ClassVar[tuple[str, ...]] = (CREATED,)
    DISPLAY_OPTIONS: ClassVar[frozenset[str]] = frozenset()  # fields of the list that are no filters

    limit: Annotated[int, Field(ge=1, le=100)] = 25
    offset: Annotated[int, Field(ge=0, le=10**9)] = 0
    sort_field: str = CREATED
    sort_direction: str = "DESC"
    cursor: Cursor = None

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Return the schema with the names and directions that the validators below accept."""
        schema = handler.resolve_ref_schema(handler(core))
        schema["properties"]["sort_field"]["enum"] = list(cls.SORTS)
        schema["properties"]["sort_direction"]["enum"] = ["ASC", "DESC"]  # "asc" is accepted too
        return schema

    @field_validator("sort_field")
    @classmethod
    def _check_sort_field(cls, value: str) -> str:
        if value not in cls.SORTS:
            raise broken_rule("sort_field", "допустимые поля: {fields}", fields=", ".join(cls.SORTS))
        return value

    @field_validator("sort_direction")
    @classmethod
    def _check_direction(cls, value: str) -> str:
        if value.upper() not in ("ASC", "DESC"):
            raise broken_rule("sort_direction", "допустимые значения: ASC, DESC")
        return value.upper()

    def request(self) -> PageRequest:
        """Return the query for the listing engine: the fields that a list adds are its filters."""
        filters = self.model_dump(exclude={*ListQuery.model_fields, *self.DISPLAY_OPTIONS})
        descending = self.sort_direction == "DESC"
        return PageRequest(self.limit, self.offset, self.sort_field, descending, filters, self.cursor)


class ListAnswer(Output):
    """The base of pages of lists: the field `ITEMS` has the items, `next_cursor` is null on the last page.

    A page that is too large for an answer is cut by answers.py, with the cursors of its `PageOf`.
    """

    ITEMS: ClassVar[str] = "items"
    _cursor_after: CursorAfter | None = PrivateAttr(None)

    def with_cursors_of(self, page: PageOf[Any]) -> Self:
        """Return the page with the cursors of a `PageOf` of the same items, by which it can be cut."""
        self._cursor_after = page.cursor_after
        return self

    @property
    def shown(self) -> Sequence[Any]:
        """The items."""
        items: Sequence[Any] = getattr(self, self.ITEMS)
        return items

    def cut_to(self, count: int) -> Self:
        """Return the page with its first `count` items."""
        if self._cursor_after is None:
            raise ValueError(f"{type(self).__name__} of {len(self.shown)} items has no cursors")
        cursor = self._cursor_fields(self._cursor_after(count))
        return self.model_copy(update={self.ITEMS: self.shown[:count], **cursor})

    def _cursor_fields(self, cursor: str) -> dict[str, Any]:
        return {"next_cursor": cursor}


class Page(ListAnswer, Generic[T]):
    """A page of a list. `next_cursor` is null on the last page."""

    items: list[T]
    total: int
    limit: int
    offset: int
    next_cursor: str | None = None

    @classmethod
    def of(cls, page: PageOf[Any], items: list[T]) -> "Page[T]":
        """Return the page with its items as clients see them."""
        fields = {name: getattr(page, name) for name in ("total", "limit", "offset", "next_cursor")}
        return cls(items=items, **fields).with_cursors_of(page)
