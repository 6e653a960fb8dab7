"""Words of operations: the kinds, the statuses that all kinds share, and what each kind's own statuses mean."""

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
"""What a kind's own status may mean. Where it may mean several things, the operation itself tells which."""

HELP: Mapping[str, str] = {
    "background": "фоновые задачи не повторяются: отправьте запрос, который создал задачу, еще раз",
    "schedule": "расписание не повторяется: запустите его вне очереди, POST /api/v1/schedules/{id}/run",
    "long": "долгие задачи не повторяются: создайте задачу заново",
}
"""Kind that cannot be made again -> what helps instead."""


def raw_statuses(kind: Kind, wanted: Collection[Status]) -> set[str]:
    """The statuses of a kind that may mean one of those."""
    return {raw for raw, meanings in STATUSES[kind].items() if not set(meanings).isdisjoint(wanted)}
