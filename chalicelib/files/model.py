"""Files made for users, and the errors of a download."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from chalicelib.core.errors import Gone, NotFound
from chalicelib.core.texts import text

Days = Literal[1, 7]
RECORD_RETENTION = timedelta(days=30)  # after the file has expired


@dataclass(frozen=True)
class File:
    """A file for a user; `name` has no extension, `days` is how long it can be downloaded."""

    id: str
    name: str
    format: str
    days: int
    created_at: datetime
    user_id: int

    @property
    def key(self) -> str:
        """The key of the object in S3."""
        return f"files/{self.days}d/{self.id}.{self.format}"

    @property
    def expires_at(self) -> datetime:
        """The end of its days."""
        return self.created_at + timedelta(days=self.days)

    @property
    def download_url(self) -> str:
        """The path of the download."""
        return f"/api/reports/{self.id}"


def not_found() -> NotFound:
    """The error for a file that does not exist, or that the actor may not see."""
    return NotFound("Файл не найден")


def expired(at: datetime) -> Gone:
    """The error for a file that has expired."""
    return Gone(text("Срок хранения файла истек {at:%d.%m.%Y %H:%M} UTC", at=at))
