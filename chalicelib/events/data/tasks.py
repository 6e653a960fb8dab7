"""The data of events of deferred and of long tasks."""

from chalicelib.events.data.base import EventData


class DeferredTaskData(EventData):
    """`deferred_task.cancelled`, and the fields that all events of a deferred task have."""

    deferred_task_id: int
    task_type: str
    user_id: int


class DeferredTaskCompleted(DeferredTaskData):
    """`deferred_task.completed`"""

    attempts: int


class DeferredTaskFailed(DeferredTaskData):
    """`deferred_task.failed`"""

    attempts: int
    error: str


class LongTaskData(EventData):
    """The fields that all events of a long task have."""

    long_task_id: int
    user_id: int


class LongTaskCompleted(LongTaskData):
    """`long_task.completed`"""

    result: str


class LongTaskFailed(LongTaskData):
    """`long_task.failed`"""

    error: str
