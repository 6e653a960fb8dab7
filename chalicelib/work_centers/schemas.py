"""Request and response models of work centres."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from chalicelib.core.fields import Input, ListQuery, Name, Output


class WorkCenterCreate(Input):
    """A new work centre."""

    identifier: Name
    name: Name


class WorkCenterPatch(Input):
    """Changes of a work centre; null is the same as absent."""

    identifier: Name | None = None
    name: Name | None = None


class WorkCenter(Output):
    """A work centre."""

    uuid: UUID
    created_at: datetime
    updated_at: datetime | None
    identifier: str
    name: str


class WorkCenterQuery(ListQuery):
    """The list of work centres."""

    SORTS: ClassVar[tuple[str, ...]] = ("created_at", "updated_at", "identifier", "name")

    identifier: Name | None = None
