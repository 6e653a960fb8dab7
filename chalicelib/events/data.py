"""The data of events, one model for each shape. `types.py` says which event has which."""

from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict


class EventData(BaseModel):
    """What the data of every event have: the id of the thing it happened to, and when."""

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)

    aggregate_id: str
    occurred_at: AwareDatetime


class BatchData(EventData):
    """An event of a batch."""

    batch_id: UUID
    batch_number: int


class BatchCreated(BatchData):
    """`batch.created`"""

    batch_date: str
    work_center_id: UUID


class BatchClosed(BatchData):
    """`batch.closed`"""

    closed_at: AwareDatetime


class BatchOpened(BatchData):
    """`batch.opened`"""

    opened_at: AwareDatetime


class BatchProduct(BatchData):
    """`batch.product_added`, `batch.product_removed`"""

    product_id: UUID
    unique_code: str


class BatchAggregated(BatchData):
    """`batch.aggregated`: how many products were aggregated by it."""

    aggregated_at: AwareDatetime
    count: int


class BatchReport(BatchData):
    """`batch.report_generated`"""

    report_type: str
    file_url: str
    expires_at: AwareDatetime


class BatchReportMail(BatchData):
    """`batch.report_mail_requested`: where to, and the figures of the letter."""

    report_type: str
    file_id: UUID
    user_email: str
    total: int
    aggregated: int


class ProductAggregated(EventData):
    """`product.aggregated`"""

    product_id: UUID
    batch_id: UUID
    aggregated_at: AwareDatetime


class WorkCenterDeleted(EventData):
    """`work_center.deleted`"""

    work_center_id: UUID


class ImportCompleted(EventData):
    """`batch.import_completed`: it has no single batch."""

    task_id: UUID
    update_existing: bool
    total_rows: int
    created: int
    updated: int
    failed: int


class ReportDeleted(EventData):
    """`report.deleted`"""

    report_id: int


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


class WebhookDisabled(EventData):
    """`webhook.disabled`: by us, not by its owner."""

    subscription_id: UUID
    url: str
    reason: str
    failures: int


class UserData(EventData):
    """`user.created`, `user.updated`, `user.deleted`: whom it is about, nothing of what he is."""

    id: UUID
    number: int


class SiteData(EventData):
    """`site.deleted`"""

    site_id: UUID
    code: str


class SiteChanged(SiteData):
    """`site.created`, `site.updated`: how it is now, and which fields are new."""

    status: str
    customer_id: UUID | None
    changed: list[str]


class DefectData(EventData):
    """`defect.deleted`, and what all events of a defect have."""

    defect_id: UUID
    defect_number: int
    site_id: UUID


class DefectCreated(DefectData):
    """`defect.created`"""

    title: str
    severity: str
    reporter_id: UUID
    due_date: str | None


class DefectUpdated(DefectData):
    """`defect.updated`: which fields are new."""

    changed: list[str]
    changed_by: UUID


class DefectAssigned(DefectData):
    """`defect.assigned`"""

    assignee_id: UUID
    assigned_by: UUID
    due_date: str | None


class DefectStatusChanged(DefectData):
    """`defect.status_changed`"""

    old_status: str
    new_status: str
    changed_by: UUID
    comment: str | None


class DefectOverdue(DefectData):
    """`defect.overdue`: its due date has passed; once for each due date."""

    due_date: str
    status: str
    assignee_id: UUID | None


class DefectCommented(DefectData):
    """`defect.commented`: the comment with that number."""

    comment_number: int
    author_id: UUID
    text: str


class DefectAttachment(DefectData):
    """`defect.attachment_added`, `defect.attachment_removed`"""

    attachment_id: UUID
    file_name: str


class DeferredTaskData(EventData):
    """`deferred_task.cancelled`"""

    deferred_task_id: int
    task_type: str
    user_id: int


class DeferredTaskCompleted(DeferredTaskData):
    """`deferred_task.completed`"""

    attempts: int


class DeferredTaskFailed(DeferredTaskCompleted):
    """`deferred_task.failed`"""

    error: str


class LongTaskData(EventData):
    """An event of a long task."""

    long_task_id: int
    user_id: int


class LongTaskCompleted(LongTaskData):
    """`long_task.completed`"""

    result: str


class LongTaskFailed(LongTaskData):
    """`long_task.failed`"""

    error: str


class OrderData(EventData):
    """An event of an order."""

    order_id: UUID
    user_id: UUID


class OrderWritten(OrderData):
    """`order.created`, `order.updated`: `items_total` lines."""

    status: str
    items_total: int
    total_amount: float


class OrderMoved(OrderData):
    """`order.status_changed`"""

    old_status: str
    new_status: str


class OrderDeleted(OrderData):
    """`order.deleted`: as it was."""

    status: str
    total_amount: float
