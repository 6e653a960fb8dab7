"""A file, and what is wrong when there is none."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from chalicelib.core.errors import Gone, NotFound

Days = Literal[1, 7]
REMEMBERED = timedelta(days=30)  # after it has expired


@dataclass(frozen=True)
class File:
    """A file for a user: where it is, how it is called (without extension), until when it can be had, and by whom."""

    id: str
    name: str
    format: str
    days: int
    created_at: datetime
    user_id: int

    @property
    def key(self) -> str:
        """Where it lies in the bucket."""
        return f"files/{self.days}d/{self.id}.{self.format}"

    @property
    def expires_at(self) -> datetime:
        """When it can be had no more."""
        return self.created_at + timedelta(days=self.days)

    @property
    def download_url(self) -> str:
        """Where users fetch it."""
        return f"/api/reports/{self.id}"


def not_found() -> NotFound:
    """No file with that id."""
    return NotFound("Файл не найден")


def expired(at: datetime) -> Gone:
    """It was there."""
    return Gone(f"Срок хранения файла истек {at:%d.%m.%Y %H:%M} UTC")
