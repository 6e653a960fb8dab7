"""Request and response models of sites."""

from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from chalicelib.core.fields import Input, ListQuery, Name, Output
from chalicelib.sites.model import SiteStatus

Version = Annotated[int, Field(strict=True, ge=1, le=10**15)]
"""The version that the client has read: with it, a change of any other version is refused."""


class SiteCreate(Input):
    """A new site; `customer_id` is the UUID of a user with the role customer."""

    code: Name
    name: Name
    address: Name | None = None
    customer_id: UUID | None = None
    status: SiteStatus = "active"


class SitePatch(Input):
    """The fields to change. Null removes the address or the customer; for other fields it is the same as absent."""

    code: Name | None = None
    name: Name | None = None
    address: Name | None = None
    customer_id: UUID | None = None
    status: SiteStatus | None = None
    version: Version | None = None


class Site(Output):
    """A construction site."""

    id: UUID = Field(validation_alias="uuid")
    code: str
    name: str
    address: str | None
    customer_id: UUID | None
    status: SiteStatus
    created_at: datetime
    updated_at: datetime | None
    version: int


class SiteQuery(ListQuery):
    """The list of sites. A customer gets the own sites with any `customer_id`."""

    SORTS: ClassVar[tuple[str, ...]] = ("created_at", "updated_at", "code", "name", "status")

    code: Name | None = None
    status: SiteStatus | None = None
    customer_id: UUID | None = None
