"""The data of events of reports and of their sagas."""

from uuid import UUID

from chalicelib.events.data.base import EventData


class ReportDeleted(EventData):
    """`report.deleted`"""

    report_id: int


class ReportMail(ReportDeleted):
    """`report.mail_requested`: where to."""

    user_email: str


class ReportData(ReportDeleted):
    """An event of a report and its saga."""

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
    """An event of a report's saga."""

    saga_id: UUID
    report_id: int


class SagaStep(SagaData):
    """A step began, ended or was undone."""

    step: int
    step_name: str
    attempt: int


class SagaStepFailed(SagaStep):
    """`saga.step_failed`"""

    reason: str | None


class SagaTurned(SagaData):
    """The saga goes backwards, or has ended so."""

    reason: str | None


class SagaRun(SagaData):
    """The saga goes on in another run."""

    run: int
