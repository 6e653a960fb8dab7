"""What a built-in template is.

`check` refuses parameters that do not fit, `collect` sends rows to the sink and returns a summary (both of JSON
values), `document` makes the report of them alone: making it twice gives the same. `collect` is told the owner: the
user whose things alone the report may show, or None for everybody's. Production is open to all who get there.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from chalicelib.core.errors import Invalid
from chalicelib.core.validation import problems_of
from chalicelib.reports.render import Document
from chalicelib.users.service import User

Summary = dict[str, Any]
Row = list[Any]
P = TypeVar("P", bound=BaseModel)


class Sink(Protocol):
    """Where collected rows go."""

    def expect(self, total: int) -> None:
        """About how many rows will come; progress is told by it."""

    def add(self, row: Row) -> None:
        """One row."""


@dataclass(frozen=True)
class Heading:
    """What the title block says of the report itself."""

    name: str
    description: str
    created_at: datetime
    meta: Mapping[str, str]

    @property
    def subtitle(self) -> str:
        """Name and description."""
        return f"{self.name}\n{self.description}" if self.description else self.name


@dataclass(frozen=True)
class Layout:
    """A built-in template; `example` are parameters that fit it."""

    name: str
    description: str
    example: Mapping[str, str]
    check: Callable[[Mapping[str, Any]], None]
    collect: Callable[[Mapping[str, Any], Sink, User | None], Summary]
    document: Callable[[Heading, Summary, Iterator[Row]], Document]


def read(kind: type[P], parameters: Mapping[str, Any]) -> P:
    """The parameters as the layout wants them; Invalid names the one that does not fit."""
    try:
        return kind.model_validate(dict(parameters))
    except ValidationError as error:
        raise Invalid(fields=problems_of(error, "parameters")) from None


def moment(text: str | None) -> datetime | None:
    """An instant of the collected data."""
    return datetime.fromisoformat(text) if text else None


def per_hour(count: int, start: datetime, end: datetime) -> Decimal:
    """How many an hour, with two decimals."""
    seconds = Decimal((end - start).total_seconds())
    return (Decimal(count * 3600) / seconds if seconds > 0 else Decimal(0)).quantize(Decimal("0.01"))
