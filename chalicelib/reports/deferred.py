"""The deferred task type `generate_report`: creates a report at the time of the task."""

from chalicelib.deferred_tasks.service import Job, Result, task_type
from chalicelib.reports import service
from chalicelib.reports.schemas import ReportCreate


@task_type("generate_report")
def generate_report(payload: ReportCreate, job: Job) -> Result:
    """Create a report for the owner of the task; one report, however often the task runs."""
    accepted = service.create(job.owner, body=payload, key=job.key)
    return {"report_id": accepted.id, "saga_id": str(accepted.saga_id)}
