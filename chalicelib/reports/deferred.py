"""The deferred task type `generate_report`: creates a report at the time of the task."""

from collections.abc import Collection

from chalicelib.core import clock
from chalicelib.core.errors import FieldProblem
from chalicelib.deferred_tasks.service import Job, Result, task_type
from chalicelib.reports import service
from chalicelib.reports.schemas import ReportCreate


def _foresee(payload: ReportCreate, roles: Collection[str]) -> list[FieldProblem]:
    """Return why the report of a task would fail if an owner with these roles made it now."""
    from chalicelib.reports import plans  # loads the layouts, which the function that runs tasks does not need

    return plans.problems_of(
        plans.Wanted(payload.template_id, payload.parameters, str(payload.format), lambda: roles, clock.now())
    )


@task_type("generate_report", foresee=_foresee)
def generate_report(payload: ReportCreate, job: Job) -> Result:
    """Create a report for the owner of the task; one report, however often the task runs."""
    accepted = service.create(job.owner, body=payload, key=job.key)
    return {"report_id": accepted.id, "saga_id": str(accepted.saga_id)}
