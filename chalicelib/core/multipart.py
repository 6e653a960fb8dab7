"""Bodies of `multipart/form-data`: fields as text, files as the bytes that were sent.

The library `multipart` does the parsing. It is imported with the first form.
"""

import base64
import re
from dataclasses import dataclass, field
from urllib.parse import unquote

from chalicelib.core.errors import BadRequest, TooLarge, UnsupportedMedia
from chalicelib.core.request import MAX_REQUEST_BYTES, Request, has_bad_characters
from chalicelib.core.texts import text

MEDIA_TYPE = "multipart/form-data"
MAX_PARTS = 50
MAX_FIELD_BYTES = 10_000  # of a field
_BOUNDARY = re.compile(r';\s*boundary=(?:"([^"\r\n]{1,200})"|([^\s;"]{1,200}))(?=[\s;]|$)', re.IGNORECASE | re.ASCII)
_EXTENDED_NAME = re.compile(r"""[;\s]filename\*\s*=\s*"?(utf-8|iso-8859-1)?'[^';]*'([^;\s"]{1,3000})""", re.IGNORECASE)
_MAIL_WORD = re.compile(r"=\?utf-8\?b\?([A-Za-z0-9+/=]{1,3000})\?=", re.IGNORECASE)


@dataclass(frozen=True)
class Upload:
    """A file of a form, with the name that the client gave it."""

    name: str
    content: bytes


@dataclass
class Form:
    """The fields and files of a form; each name occurs once."""

    fields: dict[str, str] = field(default_factory=dict)
    files: dict[str, Upload] = field(default_factory=dict)


def is_form(request: Request) -> bool:
    """Return whether the request declares a form."""
    return (request.header("content-type") or "").partition(";")[0].strip().lower() == MEDIA_TYPE


def boundary(content_type: str) -> str | None:
    """Return the boundary of a form, from its Content-Type."""
    found = _BOUNDARY.search(content_type)
    return (found[1] or found[2]) if found and content_type.isascii() else None


def read_form(request: Request, file_limit: int) -> Form:
    """Return the form of a request. UnsupportedMedia for another content type, BadRequest for a malformed form,
    TooLarge for a file over `file_limit` bytes.
    """
    from multipart import MultipartError, MultipartSegment, PushMultipartParser

    if not is_form(request):
        raise UnsupportedMedia(text("Поддерживается только Content-Type: {media_type}", media_type=MEDIA_TYPE))
    body = request.body(MAX_REQUEST_BYTES)
    between = boundary(request.header("content-type") or "") or ""
    form, content = Form(), list[bytes]()
    try:
        with PushMultipartParser(between, max_segment_count=MAX_PARTS) as parser:
            for event in parser.parse(body) if body else ():
                if isinstance(event, MultipartSegment):
                    segment, content = event, []
                elif event is not None:
                    content.append(event)
                else:
                    name = _file_name(segment.header("Content-Disposition") or "", segment.filename)
                    _keep(form, segment.name, name, b"".join(content), file_limit)
    except MultipartError:
        raise BadRequest("Тело запроса не является корректным multipart/form-data") from None
    return form


def _file_name(disposition: str, plain: str | None) -> str | None:
    """Return the name of a file, None for a field. .NET and PowerShell write it as in emails or RFC 5987."""
    try:
        if extended := _EXTENDED_NAME.search(disposition):
            return unquote(extended[2], encoding=extended[1] or "utf-8", errors="strict")
        if plain and (encoded := _MAIL_WORD.fullmatch(plain)):
            return base64.b64decode(encoded[1], validate=True).decode()
    except ValueError:
        raise BadRequest("Имя файла в форме не читается") from None
    return plain


def _keep(form: Form, name: str, file_name: str | None, content: bytes, file_limit: int) -> None:
    if name in form.fields or name in form.files:
        raise BadRequest(text("Поле «{name}» указано несколько раз", name=name[:100]))
    if file_name is None:
        form.fields[name] = _text(name, content)
    elif len(content) > file_limit:
        raise TooLarge(text("Файл больше {limit} МБ", limit=file_limit // 2**20))
    else:
        form.files[name] = Upload(file_name, content)


def _text(name: str, content: bytes) -> str:
    try:
        value = content[:MAX_FIELD_BYTES].decode()
    except UnicodeDecodeError:
        raise BadRequest(text("Поле формы «{name}» не в кодировке UTF-8", name=name[:100])) from None
    if len(content) > MAX_FIELD_BYTES or has_bad_characters(value):
        raise BadRequest(text("Недопустимое значение поля формы «{name}»", name=name[:100]))
    return value
