"""Request and response models of attachments."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from chalicelib.core.fields import Input, Name, Output
from chalicelib.core.validation import broken_rule
from chalicelib.defects.schemas import Participant

MAX_BYTES = 10 * 1024 * 1024
TYPES: dict[str, tuple[str, ...]] = {
    "image/jpeg": ("jpg", "jpeg"),
    "image/png": ("png",),
    "image/webp": ("webp",),
    "image/heic": ("heic",),
    "application/pdf": ("pdf",),
    "text/plain": ("txt",),
    "text/csv": ("csv",),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ("docx",),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ("xlsx",),
}
"""Allowed content types -> the allowed endings of file names."""


class AttachmentCreate(Input):
    """A file to upload: `size` in bytes, at most 10 MB."""

    name: Annotated[Name, Field(examples=["Трещина.pdf"])]
    content_type: Annotated[str, Field(examples=["application/pdf"], json_schema_extra={"enum": list(TYPES)})]
    size: Annotated[int, Field(strict=True, ge=1, le=MAX_BYTES)]

    @model_validator(mode="after")
    def _check_type(self) -> Self:
        endings = TYPES.get(self.content_type)
        if endings is None:
            raise broken_rule("content_type", "content_type: допустимые типы: {types}", types=", ".join(TYPES))
        if self.name.rpartition(".")[2].lower() not in endings:
            reason = "name: имя файла этого типа оканчивается на .{endings}"
            raise broken_rule("name", reason, endings=", .".join(endings))
        return self


class Attachment(Output):
    """An attachment. `size`: in bytes, of the file when it is `uploaded`, else of the request."""

    id: UUID
    name: str
    content_type: str
    size: int
    uploaded: bool
    author: Participant
    created_at: datetime


class Attachments(Output):
    """All attachments of a defect, oldest first."""

    items: list[Attachment]
    total: int


class UploadForm(Output):
    """An upload form: POST these fields, followed by the file, to `url` until `expires_at`."""

    url: str
    fields: dict[str, str]
    expires_at: datetime


class NewAttachment(Attachment):
    """A new attachment, and the form to upload its file."""

    upload: UploadForm
