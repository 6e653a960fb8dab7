"""Use cases of assignments: one defect, or up to a hundred, each in its own transaction."""

from collections import Counter
from datetime import date
from uuid import UUID

from chalicelib.core import clock
from chalicelib.core.auth import Actor
from chalicelib.core.errors import AppError
from chalicelib.core.threads import map_in_parallel
from chalicelib.core.transactions import optimistic, transaction
from chalicelib.defects import model, schemas, workflow, writing
from chalicelib.defects.model import Defect, Person
from chalicelib.defects.schemas import Assigned, Assignment, BulkAssigned, BulkAssignment
from chalicelib.defects.service import assignable, view


def assign(actor: Actor, *, defect_id: UUID, body: Assignment) -> schemas.Defect:
    """Set the assignee and the due date of a defect."""
    defect, _ = _assign(actor, defect_id, assignable(body.assignee_id), body.due_date, body.version)
    return view(actor, defect)


def assign_many(actor: Actor, *, body: BulkAssignment) -> BulkAssigned:
    """Set the assignee and the due date of many defects; the result of each has its error, if any."""
    assignee, ids = assignable(body.assignee_id), list(dict.fromkeys(body.ids))

    def attempt(defect_id: UUID) -> Assigned:
        try:
            _, changed = _assign(actor, defect_id, assignee, body.due_date, None)
        except AppError as refusal:
            return Assigned(id=defect_id, outcome="failed", error=refusal.message)
        return Assigned(id=defect_id, outcome="assigned" if changed else "unchanged")

    results = map_in_parallel(attempt, ids)
    counts = Counter(result.outcome for result in results)
    return BulkAssigned(
        assigned=counts["assigned"], unchanged=counts["unchanged"], failed=counts["failed"], results=results
    )


@optimistic
def _assign(
    actor: Actor, defect_id: UUID, assignee: Person, due_date: date | None, version: int | None
) -> tuple[Defect, bool]:
    """Return the assigned defect, and whether it has changed."""
    before, at = writing.visible(actor, defect_id), clock.now()
    model.check_version(before, version)
    after = workflow.assign(before, assignee, due_date)
    if after == before:
        return before, False
    with transaction() as tx:
        after = writing.write(tx, actor, before, after, at, "assigned")
        writing.record_assignment(tx, actor, before, after, at)
    return after, True
