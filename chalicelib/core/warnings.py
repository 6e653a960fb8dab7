"""Warnings: what is accepted because the contract says so, although it will fail later."""

from collections.abc import Callable, Sequence
from operator import not_
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field

from chalicelib.core.errors import AppError, FieldProblem
from chalicelib.core.fields import Output
from chalicelib.core.logs import log
from chalicelib.core.outages import is_outage


class FieldWarning(Output):
    """What will fail later: the field of the request, the name of the rule that it breaks, and the reason."""

    field: str
    code: str
    message: str


class Warned(Output):
    """The base of answers with `warnings`, which are absent while there are none."""

    CHANGES_BY_ITSELF: ClassVar[frozenset[str]] = frozenset({"warnings"})

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)

    warnings: Annotated[list[FieldWarning], Field(exclude_if=not_)] = []


def foreseen(find: Callable[[], Sequence[FieldProblem]]) -> list[FieldWarning]:
    """Return the problems that `find` returns, as warnings. None when what it reads is out of reach: a warning is no
    reason to refuse a request, which may have been done already.
    """
    try:
        return warnings_of(find())
    except Exception as error:
        if not (isinstance(error, AppError) or is_outage(error)):
            raise
        log.warning("an answer lacks its warnings", extra={"reason": str(error)})
        return []


def warnings_of(problems: Sequence[FieldProblem]) -> list[FieldWarning]:
    """Return problems of a request as warnings."""
    return [
        FieldWarning(field=".".join(map(str, one["loc"][1:])), code=one["type"], message=one["msg"]) for one in problems
    ]
