"""What travels about attachments."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from chalicelib.core.fields import Input, Name, Output
from chalicelib.defects.schemas import Participant

LARGEST = 10 * 1024 * 1024
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
"""What may be attached, and how its name may end."""


class AttachmentCreate(Input):
    """A file about to be uploaded: `size` in bytes, at most 10 MB."""

    name: Annotated[Name, Field(examples=["Трещина.pdf"])]
    content_type: Annotated[str, Field(examples=["application/pdf"], json_schema_extra={"enum": list(TYPES)})]
    size: Annotated[int, Field(strict=True, ge=1, le=LARGEST)]

    @model_validator(mode="after")
    def _known(self) -> Self:
        endings = TYPES.get(self.content_type)
        if endings is None:
            known = {"types": ", ".join(TYPES)}
            raise PydanticCustomError("content_type", "content_type: допустимые типы: {types}", known)
        if self.name.rpartition(".")[2].lower() not in endings:
            fitting = {"endings": ", .".join(endings)}
            raise PydanticCustomError("name", "name: имя файла этого типа оканчивается на .{endings}", fitting)
        return self


class Attachment(Output):
    """An attachment. `uploaded`: the file is there, and `size` is its own; until then the size announced."""

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
    """Where to put the file: a form with these fields and then the file, by POST to `url` until `expires_at`."""

    url: str
    fields: dict[str, str]
    expires_at: datetime


class AttachmentPlace(Attachment):
    """A new attachment, and how to upload it."""

    upload: UploadForm
