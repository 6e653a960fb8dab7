"""Request and response models of templates. The only schemas that load the layouts: functions that create reports for
tasks or sweep sagas start without them.
"""

from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import Field

from chalicelib.core.fields import Input, ListAnswer, Name, Output
from chalicelib.reports.layouts import BUILT_IN
from chalicelib.reports.schemas import Description, Parameters


class Template(Output):
    """A template; one of a user is a built-in template (`base_template_id`) with parameters filled in."""

    id: int
    name: str
    description: str
    base_template_id: int
    parameters: str
    is_builtin: bool
    created_at: datetime | None
    updated_at: datetime | None


class TemplateWrite(Input):
    """A template to be created or replaced."""

    name: Name
    description: Description = None
    base_template_id: Annotated[int, Field(strict=True, ge=1, le=max(BUILT_IN))] = 2
    parameters: Parameters = "{}"


class Templates(ListAnswer):
    """A page of templates, the built-in ones first."""

    ITEMS: ClassVar[str] = "templates"

    templates: list[Template]
    total: int
    page: int
    limit: int
    next_cursor: str | None = None
