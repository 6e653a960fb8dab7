"""Warnings: what is accepted because the contract says so, although it will fail later."""

from collections.abc import Sequence
from operator import not_
from typing import Annotated

from pydantic import ConfigDict, Field

from chalicelib.core.errors import FieldProblem
from chalicelib.core.fields import Output


class FieldWarning(Output):
    """What will fail later: the field of the request, the name of the rule that it breaks, and the reason."""

    field: str
    code: str
    message: str


class Warned(Output):
    """The base of answers with `warnings`, which are absent while there are none."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)

    warnings: Annotated[list[FieldWarning], Field(exclude_if=not_)] = []


def warnings_of(problems: Sequence[FieldProblem]) -> list[FieldWarning]:
    """Return problems of a request as warnings."""
    return [
        FieldWarning(field=".".join(map(str, one["loc"][1:])), code=one["type"], message=one["msg"]) for one in problems
    ]
