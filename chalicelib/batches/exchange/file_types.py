"""The file types of an import, checked by name and content before a task is started."""

import re
from typing import Literal

from chalicelib.batches.exchange import row_file
from chalicelib.core import encodings
from chalicelib.core.errors import BadRequest, TooLarge
from chalicelib.core.texts import text

Format = Literal["xlsx", "xls", "ods", "csv"]
MAX_BYTES = 10 * 1024 * 1024  # of a file
WORKBOOKS = ("xlsx", "xlsm", "xls", "ods")
TEXTS = ("csv", "txt", "tsv")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # the container of old formats, and of encrypted new ones
_ENCRYPTED, _OLD_WORKBOOKS = ("EncryptedPackage".encode("utf-16-le"), "Workbook".encode("utf-16-le"))
_ZIP = b"PK\x03\x04"
_WORKBOOK_PART = re.compile(rb"(?:^|[^\w])xl[/\\]", re.ASCII)
_CONTENT_TYPES, _BINARY_PART = b"[Content_Types].xml", re.compile(rb"xl[/\\]workbook\.bin")
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument.spreadsheet"
_OTHERS = (_ZIP, _OLE, b"%PDF-", b"{\\rtf")

NOT_TAKEN = "Неподдерживаемый тип файла: принимаются xlsx, xlsm, xls, ods и csv (также txt и tsv)"
BINARY = "Двоичные книги Excel (xlsb) не принимаются: сохраните ее как xlsx"


def check_name(name: str) -> None:
    """Raise BadRequest unless the name is that of a file of a type that is taken."""
    if name.lower().rpartition(".")[2] not in (*WORKBOOKS, *TEXTS) or "." not in name:
        raise BadRequest(text(NOT_TAKEN))


def check_type(name: str, content: bytes) -> Format:
    """Return the format of a file: of a workbook, by its content; BadRequest when it is not what its name says."""
    check_name(name)
    ending = name.lower().rpartition(".")[2]
    found = _workbook_format(content) if ending in WORKBOOKS else _text_format(content)
    if found is None:
        raise BadRequest(text("Содержимое файла не является {format}", format=ending))
    return found


def too_large() -> TooLarge:
    """Return the error of a file over the limit."""
    return TooLarge(text("Файл больше {limit} МБ", limit=MAX_BYTES // 2**20))


def _workbook_format(content: bytes) -> Format | None:
    if content.startswith(_OLE):
        if _ENCRYPTED in content:
            raise BadRequest(text(row_file.PASSWORD))
        return "xls" if _OLD_WORKBOOKS in content else None
    if not content.startswith(_ZIP):
        return None
    if _OPEN_DOCUMENT in content[:200]:  # the part `mimetype` is the first, and not compressed
        return "ods"
    if _BINARY_PART.search(content):
        raise BadRequest(text(BINARY))
    return "xlsx" if _CONTENT_TYPES in content and _WORKBOOK_PART.search(content) else None


def _text_format(content: bytes) -> Format | None:
    return "csv" if content and not content.startswith(_OTHERS) and encodings.may_be_text(content) else None
