"""Announcement of overdue defects, once for each due date."""

from dataclasses import replace
from itertools import islice
from typing import Any

from chalicelib.core import clock
from chalicelib.core.transactions import optimistic, transaction
from chalicelib.defects import store, writing

SWEEP_LIMIT = 1_000  # defects


def sweep() -> int:
    """Record `defect.overdue` for newly overdue defects; return how many. Concurrent sweeps record each once."""
    return sum(_announce(defect_id) for defect_id in list(islice(store.unannounced(clock.site_today()), SWEEP_LIMIT)))


@optimistic
def _announce(defect_id: str) -> bool:
    """Announce a defect; False when it is announced already, or not overdue: the index may lag behind."""
    defect, at = store.find(defect_id), clock.now()
    if defect is None or defect.unannounced is None or not defect.is_overdue(clock.site_today()):
        return False
    assignee_id = defect.assignee.id if defect.assignee else None
    about: dict[str, Any] = {"due_date": defect.unannounced, "status": defect.status, "assignee_id": assignee_id}
    with transaction() as tx:
        store.save(tx, defect, replace(defect, overdue_for=defect.due_date))
        writing.record(tx, "defect.overdue", defect, at, **about)
    return True
