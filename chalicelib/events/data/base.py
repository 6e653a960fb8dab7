"""The base of the data of all events."""

from pydantic import AwareDatetime, BaseModel, ConfigDict


class EventData(BaseModel):
    """The fields that all events have: the id of the aggregate, and when the event occurred."""

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)

    aggregate_id: str
    occurred_at: AwareDatetime
