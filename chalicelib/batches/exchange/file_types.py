"""The file types of an import, checked by name and content before a task is started."""

import codecs
import re
from typing import Literal

from chalicelib.core.errors import BadRequest, TooLarge

Format = Literal["xlsx", "csv"]
MAX_BYTES = 10 * 1024 * 1024  # of a file
_START = 4_096  # bytes that show whether a file is text
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # the container of old formats, and of encrypted new ones
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_WORKBOOK_PART = re.compile(rb"(?:^|[^\w])xl[/\\]", re.ASCII)
_CONTENT_TYPES = b"[Content_Types].xml"


def check_name(name: str) -> Format:
    """Return the format of a file by its name; BadRequest when it is neither xlsx nor csv."""
    if name.lower().endswith(".xlsx"):
        return "xlsx"
    if name.lower().endswith(".csv"):
        return "csv"
    raise BadRequest("Неподдерживаемый тип файла: принимаются xlsx и csv")


def check_type(name: str, content: bytes) -> Format:
    """Return the format of a file by its name; BadRequest when its content has another format."""
    format = check_name(name)
    if format == "xlsx" and content.startswith(_OLE):
        if _ENCRYPTED in content:
            raise BadRequest("Книга Excel защищена паролем: снимите пароль и отправьте ее снова")
        raise BadRequest("Это книга старого формата Excel (xls): сохраните ее как xlsx")
    if not (_is_workbook if format == "xlsx" else _is_text)(content):
        raise BadRequest(f"Содержимое файла не является {format}")
    return format


def too_large() -> TooLarge:
    """Return the error of a file over the limit."""
    return TooLarge(f"Файл больше {MAX_BYTES // 2**20} МБ")


def _is_workbook(content: bytes) -> bool:
    return content.startswith(b"PK\x03\x04") and _CONTENT_TYPES in content and bool(_WORKBOOK_PART.search(content))


def _is_text(content: bytes) -> bool:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return True
    binary = b"\0" in content[:_START] or content.startswith((b"PK\x03\x04", b"%PDF-", b"{\\rtf"))
    return bool(content) and not binary
