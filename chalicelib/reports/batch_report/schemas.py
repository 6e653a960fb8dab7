"""Request and response models of the report on a batch."""

from typing import Annotated, Literal

from pydantic import StringConstraints

from chalicelib.core.fields import Email, Input, Output
from chalicelib.files.model import File

TOO_SLOW = (
    "Отчет не успел построиться за отведенное время; для больших партий используйте POST /api/v1/reports (шаблон 3)"
)


class BatchReportQuery(Input):
    """The format of the report on a batch, the address that it is sent to, its language and time zone."""

    format: Literal["pdf", "xlsx"]
    user_email: Email | None = None
    language: Literal["ru", "en"] | None = None
    time_zone: Annotated[str, StringConstraints(max_length=64)] | None = None


class BatchReport(Output):
    """Where the report on a batch is."""

    report_path: str
    download_url: str

    @classmethod
    def of(cls, file: File) -> "BatchReport":
        """Return the response for a file that is registered."""
        return cls(report_path=f"/reports/{file.id}.{file.format}", download_url=file.download_url)
