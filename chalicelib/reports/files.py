"""The files of a saga in S3.

Every attempt of a step writes to a key of its own, so a step that lives on after its run was stopped can neither
replace nor mix what a later one wrote; and all keys a saga may ever have used are known from its attempts, so they can
be removed without a listing.
"""

import hashlib
from collections.abc import Collection
from pathlib import Path
from typing import Any
from urllib.parse import quote

from chalicelib.core.aws import client
from chalicelib.core.errors import Unavailable
from chalicelib.core.settings import settings
from chalicelib.reports.model import Saga
from chalicelib.reports.render import CONTENT_TYPES

COLLECT, GENERATE, STORE = 3, 4, 5
LINK_SECONDS = 300
_BLOCK = 1 << 20
_FORBIDDEN = str.maketrans(dict.fromkeys('\\/:*?"<>|\x7f' + "".join(map(chr, range(32))), "_"))


def data_key(saga: Saga, attempt: int) -> str:
    """The collected data."""
    return f"work/{saga.saga_id}/data-{attempt}.jsonl"


def draft_key(saga: Saga, attempt: int) -> str:
    """The rendered report."""
    return f"work/{saga.saga_id}/report-{attempt}.{saga.format}"


def report_key(saga: Saga, attempt: int) -> str:
    """The stored report."""
    return f"reports/report_{saga.report_id}/{attempt}.{saga.format}"


def keys_of(saga: Saga, *steps: int) -> list[str]:
    """All that these steps may have written in all their attempts."""
    return [make(saga, attempt) for step in steps for make in _KEYS.get(step, ()) for attempt in _attempts(saga, step)]


def every_key(saga: Saga) -> list[str]:
    """All that the saga may have written."""
    return keys_of(saga, *_KEYS)


def superfluous(saga: Saga) -> list[str]:
    """What a saga that has ended does not need: everything but the file of a completed report."""
    kept = saga.notes.get("file", {}).get("key") if saga.status == "completed" else None
    return [key for key in every_key(saga) if key != kept]


def remove(keys: Collection[str]) -> None:
    """Delete objects; those that are not there are none the less gone."""
    names = sorted(keys)
    for start in range(0, len(names), 1_000):
        chunk: list[dict[str, str]] = [{"Key": name} for name in names[start : start + 1_000]]
        answer = client("s3").delete_objects(Bucket=_bucket(), Delete={"Objects": chunk, "Quiet": True})
        if answer.get("Errors"):
            raise Unavailable("Файлы пока не удалены", reason=str(answer["Errors"][:3]))


def upload(path: Path, key: str, content_type: str) -> dict[str, Any]:
    """Store a local file; returns its size and MD5."""
    with path.open("rb") as file:
        md5 = hashlib.file_digest(file, "md5").hexdigest()
        file.seek(0)
        client("s3").put_object(Bucket=_bucket(), Key=key, Body=file, ContentType=content_type)
    return {"key": key, "size": path.stat().st_size, "md5": md5}


def download(key: str, path: Path) -> None:
    """Fetch an object into a local file."""
    body = client("s3").get_object(Bucket=_bucket(), Key=key)["Body"]
    with path.open("wb") as file:
        for block in iter(lambda: body.read(_BLOCK), b""):
            file.write(block)


def keep(draft: str, key: str) -> dict[str, Any]:
    """Copy the rendered report to its place; returns size and MD5 of what lies there now."""
    source = {"Bucket": _bucket(), "Key": draft}
    client("s3").copy_object(Bucket=_bucket(), Key=key, CopySource=source)
    body = client("s3").get_object(Bucket=_bucket(), Key=key)["Body"]
    digest, size = hashlib.md5(usedforsecurity=False), 0
    for block in iter(lambda: body.read(_BLOCK), b""):
        digest.update(block)
        size += len(block)
    return {"key": key, "size": size, "md5": digest.hexdigest()}


def link(key: str, name: str, format: str) -> str:
    """An address that serves the file for a few minutes, under a readable name."""
    readable = f"{name.translate(_FORBIDDEN).strip(' .')[:120] or 'report'}.{format}"
    plain = key.removeprefix("reports/").partition("/")[0]
    disposition = f"attachment; filename=\"{plain}.{format}\"; filename*=UTF-8''{quote(readable, safe='')}"
    return str(
        client("s3").generate_presigned_url(
            "get_object",
            Params={
                "Bucket": _bucket(),
                "Key": key,
                "ResponseContentType": CONTENT_TYPES[format],
                "ResponseContentDisposition": disposition,
            },
            ExpiresIn=LINK_SECONDS,
        )
    )


_KEYS = {COLLECT: (data_key,), GENERATE: (draft_key,), STORE: (report_key,)}


def _attempts(saga: Saga, step: int) -> range:
    return range(1, saga.step(step).attempts + 1)


def _bucket() -> str:
    return settings().files_bucket
