"""The type `generate_report` of deferred tasks: a report is asked for when the time has come."""

from chalicelib.core import idempotency
from chalicelib.deferred_tasks.service import Job, Result, task_type
from chalicelib.reports import service
from chalicelib.reports.schemas import ReportAccepted, ReportCreate


@task_type("generate_report")
def generate_report(payload: ReportCreate, job: Job) -> Result:
    """Ask for a report in the name of the task's owner; once, also when a worker died after it."""
    accepted: list[ReportAccepted] = []
    idempotency.once(f"report#{job.key}", lambda: accepted.append(service.create(job.owner, body=payload)))
    return {"report_id": accepted[0].id, "saga_id": str(accepted[0].saga_id)} if accepted else None
