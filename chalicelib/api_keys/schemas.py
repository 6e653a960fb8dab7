"""Request and response models of API keys. Only the response that creates a key has the key."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from chalicelib.core.envelope import Data, DataPage
from chalicelib.core.fields import Cursor, Input, Moment, Name, Output
from chalicelib.users.service import Roles


class ApiKeyCreate(Input):
    """A new key; without `expires_at` it is valid until it is revoked."""

    name: Name
    roles: Roles
    expires_at: Moment | None = None


class ApiKeyView(Output):
    """An API key. `id` and `number` are those of its account in `/users`; `prefix` is the beginning of the key;
    `last_used_at` is exact to a minute.
    """

    id: UUID = Field(validation_alias="uuid")
    number: int
    name: str
    roles: list[str]
    prefix: str
    created_at: datetime
    created_by: UUID
    expires_at: datetime | None
    last_used_at: datetime | None


class NewApiKey(ApiKeyView):
    """A new API key with the key itself."""

    key: str


class DeletedApiKey(Output):
    """A deleted key."""

    message: str
    deleted_api_key: ApiKeyView = Field(serialization_alias="deletedApiKey")


class ApiKeyQuery(Input):
    """The list of keys, newest first unless `sort_direction=ASC`."""

    limit: Annotated[int, Field(ge=1, le=1_000)] = 100
    offset: Annotated[int, Field(ge=0, le=10**9)] = 0
    cursor: Cursor = None
    sort_direction: Literal["ASC", "DESC"] = "DESC"


ApiKeyData = Data[ApiKeyView]
ApiKeyPage = DataPage[ApiKeyView]
NewApiKeyData = Data[NewApiKey]
DeletedApiKeyData = Data[DeletedApiKey]
