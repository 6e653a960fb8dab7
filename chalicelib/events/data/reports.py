"""The data of events of reports and of their sagas."""

from uuid import UUID

from chalicelib.events.data.base import EventData


class ReportDeleted(EventData):
    """`report.deleted`"""

    report_id: int


class ReportMail(EventData):
    """`report.mail_requested`: the address, and the language; null in events of earlier releases."""

    report_id: int
    user_email: str
    language: str | None = None


class ReportData(EventData):
    """The fields that the events of a report and its saga have."""

    report_id: int
    user_id: int
    saga_id: UUID


class ReportCreated(ReportData):
    """`report.created`"""

    template_id: int


class ReportCompleted(ReportData):
    """`report.completed`"""

    file_path: str
    file_size: int
    md5_hash: str


class ReportEnded(ReportData):
    """`report.failed`, `report.cancelled`"""

    error: str | None


class SagaData(EventData):
    """`saga.started`, `saga.completed`, and the fields that all events of a saga have."""

    saga_id: UUID
    report_id: int


class SagaStep(SagaData):
    """`saga.step_started`, `saga.step_completed`, `saga.step_compensated`"""

    step: int
    step_name: str
    attempt: int


class SagaStepFailed(SagaStep):
    """`saga.step_failed`"""

    reason: str | None


class SagaCompensation(SagaData):
    """`saga.compensating`, `saga.compensated`, `saga.failed`, `saga.cancelled`: why the saga did not complete."""

    reason: str | None


class SagaRun(SagaData):
    """`saga.retried`, `saga.resumed`: the number of the run."""

    run: int
