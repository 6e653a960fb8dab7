"""The kinds of operations, their common statuses, and the statuses of each kind."""

from collections.abc import Collection, Mapping
from typing import Literal, get_args

Kind = Literal["background", "deferred", "schedule", "long", "saga"]
Status = Literal["waiting", "running", "done", "failed", "cancelled", "paused"]

Replayable = Literal["deferred", "saga"]

KINDS: tuple[Kind, ...] = get_args(Kind)

STATUSES: Mapping[Kind, Mapping[str, tuple[Status, ...]]] = {
    "background": {
        "PENDING": ("waiting",),
        "PROGRESS": ("running",),
        "SUCCESS": ("done",),
        "FAILURE": ("failed", "cancelled"),
    },
    "deferred": {
        "pending": ("waiting",),
        "processing": ("running",),
        "completed": ("done",),
        "failed": ("failed",),
        "cancelled": ("cancelled",),
    },
    "schedule": {"active": ("waiting",), "paused": ("paused",)},
    "long": {"pending": ("waiting", "running"), "done": ("done",), "failed": ("failed",)},
    "saga": {
        "pending": ("waiting",),
        "executing": ("running",),
        "compensating": ("running",),
        "completed": ("done",),
        "failed": ("failed",),
        "compensated": ("failed",),
        "cancelled": ("cancelled",),
    },
}
"""Status of a kind -> the common statuses it may stand for; views.py chooses among several."""

NO_RETRY_HINTS: Mapping[str, str] = {
    "background": "фоновые задачи не повторяются: отправьте запрос, который создал задачу, еще раз",
    "schedule": "расписание не повторяется: запустите его вне очереди, POST /api/v1/schedules/{id}/run",
    "long": "долгие задачи не повторяются: создайте задачу заново",
}
"""Kind without a retry -> the hint to the user."""


def raw_statuses(kind: Kind, statuses: Collection[Status]) -> set[str]:
    """Return the statuses of a kind that may stand for one of these common statuses."""
    return {raw for raw, meanings in STATUSES[kind].items() if not set(meanings).isdisjoint(statuses)}
