"""The data of events of production control: batches, products, work centres, imports."""

from uuid import UUID

from pydantic import AwareDatetime

from chalicelib.events.data.base import EventData


class BatchData(EventData):
    """`batch.deleted`, and the fields that all events of a batch have."""

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
    """`batch.aggregated`: the number of products that the request aggregated."""

    aggregated_at: AwareDatetime
    count: int


class BatchReportGenerated(BatchData):
    """`batch.report_generated`"""

    report_type: str
    file_url: str
    expires_at: AwareDatetime


class BatchReportMail(BatchData):
    """`batch.report_mail_requested`: the address, the figures in the email, and its language; null in events of earlier
    releases.
    """

    report_type: str
    file_id: UUID
    user_email: str
    total: int
    aggregated: int
    language: str | None = None


class ProductAggregated(EventData):
    """`product.aggregated`"""

    product_id: UUID
    batch_id: UUID
    aggregated_at: AwareDatetime


class WorkCenterDeleted(EventData):
    """`work_center.deleted`"""

    work_center_id: UUID


class ImportCompleted(EventData):
    """`batch.import_completed`: about the task, not about one batch."""

    task_id: UUID
    update_existing: bool
    total_rows: int
    created: int
    updated: int
    failed: int
