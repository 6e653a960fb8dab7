"""Request and response models of quotas."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from chalicelib.core.envelope import Data, DataPage
from chalicelib.core.fields import Cursor, Day, Input, Output


class Use(Output):
    """The use of one quota in a day; `limit` null: there is no limit."""

    used: int
    limit: int | None


class DailyUse(Output):
    """The use of all quotas of a user in a day; `resets_at`: the end of the day."""

    user_id: int
    day: date
    resets_at: datetime
    quotas: dict[str, Use]


class QuotaQuery(Input):
    """The use of all users in a day, by default today, by user number."""

    day: Day | None = None
    limit: Annotated[int, Field(ge=1, le=1_000)] = 100
    offset: Annotated[int, Field(ge=0, le=10**9)] = 0
    cursor: Cursor = None


MyUse = Data[DailyUse]
UsePage = DataPage[DailyUse]
