"""Request and response models of long tasks; names and order of fields are those of their specification."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from chalicelib.core.fields import Cursor, Input, LongText, Name, Output
from chalicelib.long_tasks.model import Status

LARGEST_PAGE = 10_000


class PersonCreate(Input):
    """A new user, who has no email address and cannot log in."""

    name: Name


class Person(Output):
    """A user in this API area: `id` is the number."""

    id: int
    name: str


class LongTaskCreate(Input):
    """A new task: the work as one text."""

    task: LongText


class LongTaskCreated(Output):
    """A task was made; the message has its number."""

    message: str


class LongTask(Output):
    """A task. `result` and `error` are empty while it is pending, `result` is "error" when it failed."""

    id: int
    status: Status
    task: str
    result: str
    error: str
    created_at: datetime = Field(serialization_alias="createdAt")
    ended_at: datetime | None = Field(serialization_alias="endedAt")
    user_id: int = Field(serialization_alias="userId")


class LongTaskQuery(Input):
    """A part of a user's tasks, counted from the oldest; without `limit`, all that follow and fit into a response."""

    limit: Annotated[int | None, Field(ge=1, le=LARGEST_PAGE)] = None
    offset: Annotated[int, Field(ge=0, le=10**9)] = 0
    cursor: Cursor = None
