"""A layout is what a built-in template is: the rules of one kind of report.

`check` rejects parameters that do not fit. `collect` passes rows to the sink and returns a summary; both consist of
JSON values and are stored in S3. `compose` makes the document from them alone, so composing twice gives the same.
`collect` gets an owner when the report may show only what belongs to this user, and None when it may show everything.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from types import MappingProxyType
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ValidationError

from chalicelib.core import clock, texts
from chalicelib.core.errors import Invalid
from chalicelib.core.settings import NO_ZONES
from chalicelib.core.texts import text
from chalicelib.core.validation import problems_of
from chalicelib.reports.render import BRAND, FACTS, Document, Section
from chalicelib.reports.render.values import zone_title
from chalicelib.users.service import User

Summary = dict[str, Any]
Row = list[Any]
P = TypeVar("P", bound=BaseModel)
EMPTY: Mapping[str, str] = MappingProxyType({})


class Sink(Protocol):
    """The receiver of collected rows."""

    def expect(self, total: int) -> None:
        """Set about how many rows will be added; progress is computed from it."""

    def add(self, row: Row) -> None:
        """Add one row."""


@dataclass(frozen=True)
class Heading:
    """What the title block says about the report itself; times are shown in `zone`, that of the collected days."""

    name: str
    description: str
    created_at: datetime
    meta: Mapping[str, str]
    zone: tzinfo = UTC
    company: str = BRAND
    logo: bytes | None = None

    def document(
        self,
        title: str,
        sections: Iterable[Section | None],
        parameters: Mapping[str, str] = EMPTY,
        signatures: Sequence[str] = (),
    ) -> Document:
        """Return the document with this heading, of the sections that there are; the parameters come first in it."""
        zone = {text("Часовой пояс"): zone_title(self.created_at, self.zone)}
        return Document(
            title=title,
            subtitle=f"{self.name}\n{self.description}" if self.description else self.name,
            created_at=self.created_at,
            meta={**parameters, **zone, **self.meta},
            sections=[section for section in sections if section],
            timezone=self.zone,
            signatures=signatures,
            company=self.company,
            logo=self.logo,
        )


@dataclass(frozen=True)
class Layout:
    """A built-in template.

    `number` is the id of the template; `example` has the parameters that the list of templates shows. `reads` has the
    tables that `check` and `collect` read, with the DynamoDB actions they need; `QueryIndex` stands for Query on the
    indexes of a table. The IAM policies are made from it (infra/functions/reports.py). `tables` are the names of the
    tables of the document; a CSV has the first. `shows_production`: the report shows batches or products, so it is
    refused to roles without access to production.
    """

    number: int
    name: str
    description: str
    example: Mapping[str, str]
    check: Callable[[Mapping[str, Any]], None]
    collect: Callable[[Mapping[str, Any], Sink, User | None], Summary]
    compose: Callable[[Heading, Summary, Iterator[Row]], Document]
    reads: Mapping[str, Collection[str]]
    tables: Sequence[str]
    shows_production: bool = False

    def table_of(self, parameters: Mapping[str, Any]) -> str:
        """Return the name of the table that a CSV has; Invalid where the parameter `table` names no table."""
        wanted, names = parameters.get("table") or self.tables[0], [*self.tables, FACTS]
        if wanted not in names:
            raise Invalid(text("table: допустимые значения: {names}", names=", ".join(names)))
        return str(wanted)


def parse(kind: type[P], parameters: Mapping[str, Any]) -> P:
    """Return the parameters as a model; Invalid names the parameter that does not fit."""
    try:
        return kind.model_validate(dict(parameters))
    except ValidationError as error:
        raise Invalid(fields=problems_of(error, "parameters")) from None


def zone_of(parameters: Mapping[str, Any]) -> tzinfo:
    """Return the zone of a report, that of the site unless its `time_zone` names another; Invalid for no zone."""
    name = parameters.get("time_zone")
    if not name:
        return clock.site_zone()
    try:
        if not isinstance(name, str) or name in NO_ZONES:
            raise ZoneInfoNotFoundError
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid(text("time_zone: ожидается часовой пояс IANA, например Europe/Moscow")) from None


def language_of(parameters: Mapping[str, Any]) -> str | None:
    """Return the language that the parameters name, or None; Invalid for one that reports do not have."""
    name = parameters.get("language")
    if name is not None and name not in texts.LANGUAGES:
        raise Invalid(text("language: допустимые значения: {languages}", languages=", ".join(texts.LANGUAGES)))
    return name


def instant(stored: str | None) -> datetime | None:
    """Return an instant of the collected data as a datetime."""
    return datetime.fromisoformat(stored) if stored else None


def ratio(part: int, total: int) -> float:
    """Return `part` divided by `total`; 0.0 when the total is 0."""
    return part / total if total else 0.0
