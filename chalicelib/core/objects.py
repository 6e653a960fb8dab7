"""Objects of the files bucket: read, write, copy, delete and link them.

Contents are in memory as a whole only where a function takes or returns bytes.
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
from chalicelib.core.logs import log
from chalicelib.core.settings import settings

LINK_SECONDS = 300
FORM_MARGIN_SECONDS = 60  # before the end of an upload form in which no answer returns it again
CONTENT_TYPES: dict[str, str] = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
_BLOCK = 1 << 20
_FORBIDDEN = str.maketrans(dict.fromkeys('\\/:*?"<>|\x7f' + "".join(map(chr, range(32))), "_"))


class Details(NamedTuple):
    """The size, metadata and ETag of an object."""

    size: int
    metadata: dict[str, str]
    etag: str


@dataclass(frozen=True)
class Stored:
    """A stored object: its size in bytes and its MD5 in hex."""

    key: str
    size: int
    md5: str


def write(key: str, body: bytes) -> None:
    """Write bytes."""
    client("s3").put_object(Bucket=_bucket(), Key=key, Body=body)


def read(key: str) -> bytes:
    """Return an object as bytes."""
    body: bytes = client("s3").get_object(Bucket=_bucket(), Key=key)["Body"].read()
    return body


def size_of(key: str) -> int | None:
    """Return the size of an object in bytes; None when it does not exist."""
    found = details(key)
    return found.size if found else None


def details(key: str) -> Details | None:
    """Return the size, metadata and ETag of an object; None when it does not exist."""
    try:
        answer = client("s3").head_object(Bucket=_bucket(), Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] in ("404", "NoSuchKey"):
            return None
        raise
    return Details(int(answer["ContentLength"]), dict(answer["Metadata"]), str(answer["ETag"]))


def upload_form(key: str, limit: int, seconds: int, metadata: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """Return the address and fields of a form by which a client can upload `limit` bytes, for so many seconds."""
    fields = {f"x-amz-meta-{name}": value for name, value in metadata.items()}
    conditions: list[Any] = [["content-length-range", 1, limit], *({name: value} for name, value in fields.items())]
    form = client("s3").generate_presigned_post(_bucket(), key, fields, conditions, ExpiresIn=seconds)
    return str(form["url"]), {name: str(value) for name, value in form["fields"].items()}


def upload(path: Path, key: str, content_type: str) -> Stored:
    """Upload a local file."""
    with path.open("rb") as file:
        md5 = hashlib.file_digest(file, "md5").hexdigest()
        file.seek(0)
        client("s3").put_object(Bucket=_bucket(), Key=key, Body=file, ContentType=content_type)
    return Stored(key, path.stat().st_size, md5)


def download(key: str, path: Path) -> None:
    """Download an object into a local file."""
    body = client("s3").get_object(Bucket=_bucket(), Key=key)["Body"]
    with path.open("wb") as file:
        for block in iter(lambda: body.read(_BLOCK), b""):
            file.write(block)


def copy(source: str, key: str) -> Stored:
    """Copy an object; return what is stored at the new key."""
    client("s3").copy_object(Bucket=_bucket(), Key=key, CopySource={"Bucket": _bucket(), "Key": source})
    body = client("s3").get_object(Bucket=_bucket(), Key=key)["Body"]
    digest, size = hashlib.md5(usedforsecurity=False), 0
    for block in iter(lambda: body.read(_BLOCK), b""):
        digest.update(block)
        size += len(block)
    return Stored(key, size, digest.hexdigest())


def remove(keys: Collection[str]) -> None:
    """Delete objects; keys without an object are ignored."""
    names = sorted(keys)
    for start in range(0, len(names), 1_000):
        chunk: list[dict[str, str]] = [{"Key": name} for name in names[start : start + 1_000]]
        answer = client("s3").delete_objects(Bucket=_bucket(), Delete={"Objects": chunk, "Quiet": True})
        if answer.get("Errors"):
            log.error("objects were not deleted", extra={"reason": str(answer["Errors"][:3])})
            raise Unavailable("Файлы пока не удалены")


def copy_unchanged(source: str, key: str, etag: str) -> bool:
    """Copy an object with its metadata if it still has the expected ETag; return whether it had."""
    copied = {"Bucket": _bucket(), "Key": source}
    try:
        client("s3").copy_object(Bucket=_bucket(), Key=key, CopySource=copied, CopySourceIfMatch=etag)
    except ClientError as error:
        if error.response["Error"]["Code"] in ("PreconditionFailed", "412", "NoSuchKey", "404"):
            return False
        raise
    return True


def list_keys(prefix: str, after: str, most: int) -> list[tuple[str, datetime]]:
    """Return up to `most` keys under a prefix that follow a key, each with the time of its last write."""
    answer = client("s3").list_objects_v2(Bucket=_bucket(), Prefix=prefix, StartAfter=after, MaxKeys=most)
    return [(item["Key"], item["LastModified"]) for item in answer.get("Contents", [])]


def link(key: str, name: str, format: str, *, plain: str) -> str:
    """Return an address that serves an object for some minutes under a readable name; `plain` is the name in ASCII."""
    return link_as(key, f"{name}.{format}", CONTENT_TYPES[format], plain=plain)


def link_as(key: str, file_name: str, content_type: str, *, plain: str) -> str:
    """Return such an address for a file of any type, whose name ends in a dot and the format."""
    name, _, format = file_name.rpartition(".")
    readable = f"{name.translate(_FORBIDDEN).strip(' .')[:120] or plain}.{format}"
    disposition = f"attachment; filename=\"{plain}.{format}\"; filename*=UTF-8''{quote(readable, safe='')}"
    asked: dict[str, Any] = {"Bucket": _bucket(), "Key": key, "ResponseContentDisposition": disposition}
    asked["ResponseContentType"] = content_type
    return str(client("s3").generate_presigned_url("get_object", Params=asked, ExpiresIn=LINK_SECONDS))


def _bucket() -> str:
    return settings().files_bucket
