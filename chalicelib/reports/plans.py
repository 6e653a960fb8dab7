"""The plan of a report: its layout, and its parameters completed by those of its template and checked.

The saga makes it when it begins; a request for a report makes one to see what will fail.
"""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.core.errors import AppError, FieldProblem, Invalid, NotFound
from chalicelib.reports import model, store
from chalicelib.reports.layouts import BUILT_IN
from chalicelib.reports.layouts.layout import language_of
from chalicelib.reports.layouts.period import with_days, with_defaults


@dataclass(frozen=True)
class Wanted:
    """What a report is asked for: `parameters` is JSON, `roles` reads those of its author."""

    template_id: int
    parameters: str
    format: str
    roles: Callable[[], Collection[str]]
    at: datetime


def make(wanted: Wanted) -> dict[str, Any]:
    """Return layout, parameters and language, so that later changes of a template have no effect.

    NotFound for an unknown template or batch, Invalid for parameters that do not fit, Refused for the roles.
    """
    number, parameters = _layout_of(wanted)
    layout = BUILT_IN[number]
    if layout.shows_production:
        model.check_may_see_production(wanted.roles())
    parameters = with_days(parameters, wanted.at)
    layout.check(parameters)
    if wanted.format == "csv":
        layout.table_of(parameters)
    return {"layout": number, "parameters": parameters, "language": language_of(parameters)}


def _layout_of(wanted: Wanted) -> tuple[int, dict[str, Any]]:
    number, parameters = wanted.template_id, json.loads(wanted.parameters)
    if number in BUILT_IN:
        return number, parameters
    template = store.find_template(number)
    if template is None:
        raise model.template_not_found(number)
    return int(template.base_template_id), with_defaults(json.loads(template.parameters), parameters)


def problems_of(wanted: Wanted) -> list[FieldProblem]:
    """Return why a report could not be made now; none when it could."""
    try:
        make(wanted)
    except Invalid as refusal:
        return [{**one, "loc": ["body", "parameters", *one["loc"][1:]]} for one in refusal.fields] or [
            _problem("parameters", refusal)
        ]
    except (NotFound, model.Refused) as refusal:
        return [_problem("template_id" if _is_unknown(wanted.template_id) else "parameters", refusal)]
    return []


def _is_unknown(template_id: int) -> bool:
    return template_id not in BUILT_IN and store.find_template(template_id) is None


def _problem(field: str, refusal: AppError) -> FieldProblem:
    return {"loc": ["body", field], "msg": refusal.message, "type": refusal.error_code.lower()}
