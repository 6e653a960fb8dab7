"""What travels about sites."""

from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from chalicelib.core.fields import Input, ListQuery, Name, Output
from chalicelib.sites.model import SiteStatus

Version = Annotated[int, Field(strict=True, ge=1, le=10**15)]
"""The version a client has seen: with it, a change of anything else is refused."""


class SiteCreate(Input):
    """A new site; `customer_id` is the UUID of a user with the role customer."""

    code: Name
    name: Name
    address: Name | None = None
    customer_id: UUID | None = None
    status: SiteStatus = "active"


class SitePatch(Input):
    """What changes. Null takes away the address or the customer; for the other fields it is the same as absent."""

    code: Name | None = None
    name: Name | None = None
    address: Name | None = None
    customer_id: UUID | None = None
    status: SiteStatus | None = None
    version: Version | None = None


class Site(Output):
    """A site as clients see it."""

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
    """The list of sites. A customer's list has the customer's own sites, whatever `customer_id` says."""

    SORTS: ClassVar[tuple[str, ...]] = ("created_at", "updated_at", "code", "name", "status")

    code: Name | None = None
    status: SiteStatus | None = None
    customer_id: UUID | None = None
