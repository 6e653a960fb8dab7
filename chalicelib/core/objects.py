"""Objects of the files bucket: read, written, copied, removed, and linked to. Contents never pass through memory whole
unless they are asked for as bytes.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from botocore.exceptions import ClientError

from chalicelib.core.aws import client
from chalicelib.core.errors import Unavailable
from chalicelib.core.settings import settings

LINK_SECONDS = 300
FORM_MARGIN_SECONDS = 60  # before its end from which on an upload form is not handed out again
CONTENT_TYPES: dict[str, str] = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
_BLOCK = 1 << 20
_FORBIDDEN = str.maketrans(dict.fromkeys('\\/:*?"<>|\x7f' + "".join(map(chr, range(32))), "_"))


class Details(NamedTuple):
    """What the bucket knows of an object."""

    size: int
    metadata: dict[str, str]
    etag: str


@dataclass(frozen=True)
class Stored:
    """An object as it lies there: size in bytes, MD5 in hex."""

    key: str
    size: int
    md5: str


def write(key: str, body: bytes) -> None:
    """Store bytes."""
    client("s3").put_object(Bucket=_bucket(), Key=key, Body=body)


def read(key: str) -> bytes:
    """An object as bytes."""
    body: bytes = client("s3").get_object(Bucket=_bucket(), Key=key)["Body"].read()
    return body


def size_of(key: str) -> int | None:
    """The size of an object in bytes; None when there is none."""
    found = details(key)
    return found.size if found else None


def details(key: str) -> Details | None:
    """Size, metadata and ETag of an object; None when there is none."""
    try:
        answer = client("s3").head_object(Bucket=_bucket(), Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] in ("404", "NoSuchKey"):
            return None
        raise
    return Details(int(answer["ContentLength"]), dict(answer["Metadata"]), str(answer["ETag"]))


def upload_form(key: str, limit: int, seconds: int, metadata: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """Address and fields of a form by which anybody can put up to `limit` bytes there, for so many seconds."""
    fields = {f"x-amz-meta-{name}": value for name, value in metadata.items()}
    conditions: list[Any] = [["content-length-range", 1, limit], *({name: value} for name, value in fields.items())]
    form = client("s3").generate_presigned_post(_bucket(), key, fields, conditions, ExpiresIn=seconds)
    return str(form["url"]), {name: str(value) for name, value in form["fields"].items()}


def upload(path: Path, key: str, content_type: str) -> Stored:
    """Store a local file."""
    with path.open("rb") as file:
        md5 = hashlib.file_digest(file, "md5").hexdigest()
        file.seek(0)
        client("s3").put_object(Bucket=_bucket(), Key=key, Body=file, ContentType=content_type)
    return Stored(key, path.stat().st_size, md5)


def download(key: str, path: Path) -> None:
    """Fetch an object into a local file."""
    body = client("s3").get_object(Bucket=_bucket(), Key=key)["Body"]
    with path.open("wb") as file:
        for block in iter(lambda: body.read(_BLOCK), b""):
            file.write(block)


def copy(source: str, key: str) -> Stored:
    """Copy an object; says what lies there now."""
    client("s3").copy_object(Bucket=_bucket(), Key=key, CopySource={"Bucket": _bucket(), "Key": source})
    body = client("s3").get_object(Bucket=_bucket(), Key=key)["Body"]
    digest, size = hashlib.md5(usedforsecurity=False), 0
    for block in iter(lambda: body.read(_BLOCK), b""):
        digest.update(block)
        size += len(block)
    return Stored(key, size, digest.hexdigest())


def remove(keys: Collection[str]) -> None:
    """Delete objects; those that are not there are none the less gone."""
    names = sorted(keys)
    for start in range(0, len(names), 1_000):
        chunk: list[dict[str, str]] = [{"Key": name} for name in names[start : start + 1_000]]
        answer = client("s3").delete_objects(Bucket=_bucket(), Delete={"Objects": chunk, "Quiet": True})
        if answer.get("Errors"):
            raise Unavailable("Файлы пока не удалены", reason=str(answer["Errors"][:3]))


def copy_unchanged(source: str, key: str, etag: str) -> bool:
    """Copy an object as it was seen, with its metadata; False when it is another one by now, or gone."""
    place = {"Bucket": _bucket(), "Key": source}
    try:
        client("s3").copy_object(Bucket=_bucket(), Key=key, CopySource=place, CopySourceIfMatch=etag)
    except ClientError as error:
        if error.response["Error"]["Code"] in ("PreconditionFailed", "412", "NoSuchKey", "404"):
            return False
        raise
    return True


def listed(prefix: str, after: str, most: int) -> list[tuple[str, datetime]]:
    """Up to `most` keys under a prefix that follow a key, each with when its object was written."""
    answer = client("s3").list_objects_v2(Bucket=_bucket(), Prefix=prefix, StartAfter=after, MaxKeys=most)
    return [(item["Key"], item["LastModified"]) for item in answer.get("Contents", [])]


def link(key: str, name: str, format: str, *, plain: str) -> str:
    """An address that serves an object for a few minutes under a readable name; `plain` is one in ASCII beside it."""
    return link_as(key, f"{name}.{format}", CONTENT_TYPES[format], plain=plain)


def link_as(key: str, file_name: str, content_type: str, *, plain: str) -> str:
    """The same for a file of any type; its name ends in a dot and the format."""
    name, _, format = file_name.rpartition(".")
    readable = f"{name.translate(_FORBIDDEN).strip(' .')[:120] or plain}.{format}"
    disposition = f"attachment; filename=\"{plain}.{format}\"; filename*=UTF-8''{quote(readable, safe='')}"
    asked: dict[str, Any] = {"Bucket": _bucket(), "Key": key, "ResponseContentDisposition": disposition}
    asked["ResponseContentType"] = content_type
    return str(client("s3").generate_presigned_url("get_object", Params=asked, ExpiresIn=LINK_SECONDS))


def _bucket() -> str:
    return settings().files_bucket
