"""Request and response models of quotas."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from chalicelib.core.envelope import Data, DataPage
from chalicelib.core.fields import Cursor, Day, Input, Output


class Use(Output):
    """How much of one thing was made in a day; `limit` null: it is not bounded."""

    used: int
    limit: int | None


class DailyUse(Output):
    """What a user has made in a day, by what is counted; `resets_at`: when the day is over."""

    user_id: int
    day: date
    resets_at: datetime
    quotas: dict[str, Use]


class QuotaQuery(Input):
    """The use of all users of a day, of today when none is given, those with the lowest numbers first."""

    day: Day | None = None
    limit: Annotated[int, Field(ge=1, le=1_000)] = 100
    offset: Annotated[int, Field(ge=0, le=10**9)] = 0
    cursor: Cursor = None


OneUse = Data[DailyUse]
UsePage = DataPage[DailyUse]
