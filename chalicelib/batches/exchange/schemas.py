"""Request and response models of import and export."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from chalicelib.background_tasks.schemas import Accepted
from chalicelib.batches.schemas import BatchFields, BatchFilters, Codes
from chalicelib.core.fields import CONTROLS, Flag, Input, Moment, Name, Output
from chalicelib.core.warnings import Warned

FILE_NAME = rf"^[^{CONTROLS}]*\.([xX][lL][sS][xXmM]?|[oO][dD][sS]|[cC][sS][vV]|[tT][xX][tT]|[tT][sS][vV]) *$"


class BatchRow(BatchFields):
    """A row of an import. Without `is_closed` a batch stays as it is, a new one is open, or closed with `closed_at`."""

    work_center_identifier: Name
    work_center_name: Name | None = None
    is_closed: Flag | None = None
    closed_at: Moment | None = None
    products: Codes = Field(default_factory=list)

    @property
    def key(self) -> tuple[int, date]:
        """The number and date that identify a batch."""
        return self.batch_number, self.batch_date


class ImportOptions(Input):
    """Options of an import: whether to change existing batches, and whether only to check."""

    update_existing: bool | None = None
    dry_run: bool | None = None


class ImportForm(Input):
    """The form of an import: the file (xlsx, xlsm, xls, ods, csv) and options unless the query has them."""

    file: bytes
    update_existing: bool = False
    dry_run: bool = False


class ImportOfUpload(ImportOptions):
    """An import of an uploaded file."""

    upload_id: UUID


class ImportAccepted(Accepted, Warned):
    """An import was started. `warnings`: why it will fail, as far as its start shows it; absent if empty."""


class TemplateQuery(Input):
    """The query of the template."""

    format: Literal["xlsx", "csv"] = "xlsx"


class UploadRequest(Input):
    """A file to upload."""

    file_name: Annotated[Name, Field(json_schema_extra={"pattern": FILE_NAME})]


class UploadPlace(Output):
    """Where to upload: a form with these fields and then the file, by POST to `url` until `expires_at`."""

    upload_id: UUID
    url: str
    fields: dict[str, str]
    expires_at: datetime


class ExportFormat(Input):
    """The format of an export."""

    format: Literal["xlsx", "csv"]


class ExportFilters(BatchFilters):
    """The filters of an export, those of the list: the batches that match all of them are exported."""


class ExportQuery(ExportFilters, ExportFormat):
    """The query of an export: its format, and filters, which the body may have instead."""

    delimiter: Literal["comma", "semicolon", "tab"] = "comma"
