"""Jobs of the sweep function, which runs every minute. A job may run twice at the same time."""

from chalicelib.background_tasks import service as background_tasks
from chalicelib.batches import aggregation
from chalicelib.core.later_work import Sweep
from chalicelib.defects import files, overdue
from chalicelib.deferred_tasks import schedules
from chalicelib.deferred_tasks import service as deferred_tasks
from chalicelib.events import relay
from chalicelib.long_tasks import service as long_tasks
from chalicelib.migrations import service as migrations
from chalicelib.reports import sagas
from chalicelib.webhooks import subscribed, sweep

SWEEPS: dict[str, Sweep] = {
    "published": lambda: relay.sweep(subscribed.event_names),
    "sagas": sagas.sweep,
    "tasks": lambda: background_tasks.sweep(aggregation.is_waiting),
    "late_deliveries": sweep.announce_late,
    "old_deliveries": sweep.remove_old,
    "deferred_tasks": deferred_tasks.sweep,
    "schedules": schedules.sweep,
    "long_tasks": long_tasks.sweep,
    "overdue_defects": overdue.sweep,
    "attachment_files": files.sweep,
    "migrations": migrations.sweep,
}
