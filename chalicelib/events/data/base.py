"""What the data of all events have."""

from pydantic import AwareDatetime, BaseModel, ConfigDict


class EventData(BaseModel):
    """What the data of every event have: the id of the thing it happened to, and when."""

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)

    aggregate_id: str
    occurred_at: AwareDatetime
