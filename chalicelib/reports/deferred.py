"""The type `generate_report` of deferred tasks: a report is asked for when the time has come."""

from chalicelib.deferred_tasks.service import Job, Result, task_type
from chalicelib.reports import service
from chalicelib.reports.schemas import ReportCreate


@task_type("generate_report")
def generate_report(payload: ReportCreate, job: Job) -> Result:
    """Ask for a report in the name of the task's owner; one report, however often its worker dies."""
    accepted = service.create(job.owner, body=payload, key=job.key)
    return {"report_id": accepted.id, "saga_id": str(accepted.saga_id)}
