"""The data of events of reports and of their sagas."""

from uuid import UUID

from chalicelib.events.data.base import EventData


class ReportDeleted(EventData):
    """`report.deleted`"""

    report_id: int


class ReportMail(ReportDeleted):
    """`report.mail_requested`: the address."""

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
    """A step started, finished or was compensated."""

    step: int
    step_name: str
    attempt: int


class SagaStepFailed(SagaStep):
    """`saga.step_failed`"""

    reason: str | None


class SagaCompensation(SagaData):
    """Compensation started or finished."""

    reason: str | None


class SagaRun(SagaData):
    """The saga continues in another run or execution."""

    run: int
