"""What travels about import and export."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from chalicelib.batches.schemas import BatchFields, Codes
from chalicelib.core.fields import CONTROLS, Day, Flag, Input, Moment, Name, Output

FILE_NAME = rf"^[^{CONTROLS}]*\.([xX][lL][sS][xX]|[cC][sS][vV]) *$"


class BatchRow(BatchFields):
    """A row of an import. `is_closed` absent: as it is, or open when the batch is new, or closed with `closed_at`."""

    work_center_identifier: Name
    work_center_name: Name | None = None
    is_closed: Flag | None = None
    closed_at: Moment | None = None
    products: Codes = Field(default_factory=list)

    @property
    def key(self) -> tuple[int, date]:
        """What a batch is known by."""
        return self.batch_number, self.batch_date


class RowError(Output):
    """What is wrong in a row; row 1 is the first after the header."""

    row: int
    column: str | None
    code: str
    error: str


class ImportOptions(Input):
    """How to import: whether to change batches that are there, and whether only to try."""

    update_existing: bool | None = None
    dry_run: bool | None = None


class ImportForm(Input):
    """The form of an import: the file, xlsx or csv, and how, unless the query says it."""

    file: bytes
    update_existing: bool = False
    dry_run: bool = False


class ImportOfUpload(ImportOptions):
    """An import of a file that was uploaded before."""

    upload_id: UUID


class UploadRequest(Input):
    """A file about to be uploaded."""

    file_name: Annotated[Name, Field(json_schema_extra={"pattern": FILE_NAME})]


class UploadPlace(Output):
    """Where to put it: a form with these fields and then the file, by POST to `url` until `expires_at`."""

    upload_id: UUID
    url: str
    fields: dict[str, str]
    expires_at: datetime


class ExportFormat(Input):
    """The query of an export: the format, and filters for those who send no body."""

    format: Literal["xlsx", "csv"]


class ExportFilters(Input):
    """Which batches: those of the list that match all of these."""

    is_closed: bool | None = None
    batch_number: Annotated[int | None, Field(gt=0, le=10**15)] = None
    batch_date: Day | None = None
    batch_date_from: Day | None = None
    batch_date_to: Day | None = None
    work_center_id: UUID | None = None
    shift: Name | None = None


class ExportQuery(ExportFilters, ExportFormat):
    """Both."""
