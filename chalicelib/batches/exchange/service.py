"""Use cases of import and export: start one, prepare the upload of a large file. The workers run importing.py and
exporting.py.
"""

import uuid
from datetime import timedelta
from typing import Any
from urllib.parse import quote, unquote

from chalicelib.background_tasks import service as background_tasks
from chalicelib.background_tasks.schemas import Accepted
from chalicelib.batches.exchange import file_types
from chalicelib.batches.exchange.schemas import (
    ExportFilters,
    ExportQuery,
    ImportAccepted,
    ImportOfUpload,
    ImportOptions,
    TemplateQuery,
    UploadPlace,
    UploadRequest,
)
from chalicelib.batches.exchange.template import Center
from chalicelib.batches.exchange.template import make as make_template
from chalicelib.core import clock, ids, objects
from chalicelib.core.auth import Actor
from chalicelib.core.errors import NotFound
from chalicelib.core.multipart import Upload
from chalicelib.core.texts import text
from chalicelib.core.transactions import transaction
from chalicelib.core.warnings import FieldWarning
from chalicelib.quotas import service as quotas
from chalicelib.work_centers import service as work_centers
from chalicelib.work_centers.schemas import WorkCenter, WorkCenterQuery

UPLOAD_SECONDS = 3_600
MAX_CENTERS = 500  # in the template
IMPORT_STARTED, EXPORT_STARTED = "Import task started", "Export task started"


def start_import(actor: Actor, *, file: Upload, options: ImportOptions) -> ImportAccepted:
    """Start an import of a file of the request."""
    format, task_id = file_types.check_type(file.name, file.content), ids.new()
    params = _params(task_id, file.name, format, options)
    quotas.check(actor, uploads=1)
    objects.write(params["key"], file.content)
    accepted = background_tasks.start(actor, "import", params, IMPORT_STARTED, task_id, uploads=1)
    warnings = _warnings(file.content) if format == "csv" else []
    return ImportAccepted(**accepted.model_dump(), warnings=warnings)


def _warnings(content: bytes) -> list[FieldWarning]:
    from chalicelib.batches.exchange.looking import problem_of  # only this request reads files

    reason = problem_of(content)
    return [FieldWarning(field="file", code="unreadable", message=reason)] if reason else []


def template(actor: Actor, *, query: TemplateQuery) -> bytes:
    """Return the template of an import, with the first work centres to choose from."""
    centers, cursor = list[WorkCenter](), None
    while len(centers) < MAX_CENTERS:
        page = WorkCenterQuery(limit=100, sort_field="identifier", sort_direction="ASC", cursor=cursor)
        found = work_centers.list_page(actor, query=page)
        centers += found.items
        if not (cursor := found.next_cursor):
            break
    return make_template(query.format, [Center(center.identifier, center.name) for center in centers])


def start_upload(actor: Actor, *, body: UploadRequest) -> UploadPlace:
    """Return a form to upload a file, which `start_import_of_upload` imports."""
    file_types.check_name(body.file_name)
    upload_id, expires_at = uuid.uuid4(), clock.now() + timedelta(seconds=UPLOAD_SECONDS)
    metadata = {"name": quote(body.file_name), "user": str(actor.user_id)}
    with transaction() as tx:
        quotas.take(tx, actor, uploads=1)
    url, fields = objects.upload_form(_upload_key(upload_id), file_types.MAX_BYTES, UPLOAD_SECONDS, metadata)
    return UploadPlace(upload_id=upload_id, url=url, fields=fields, expires_at=expires_at)


def start_import_of_upload(actor: Actor, *, body: ImportOfUpload) -> ImportAccepted:
    """Start an import of an uploaded file; it may be repeated, for example after a dry run."""
    key = _upload_key(body.upload_id)
    copy_key = f"{key}/first"
    found = objects.details(copy_key) or _copy_upload(key, copy_key)
    if found is None or found.metadata.get("user") != str(actor.user_id):
        raise NotFound(text("Загруженный файл не найден"))
    if found.size > file_types.MAX_BYTES:
        raise file_types.too_large()
    return start_import(actor, file=Upload(unquote(found.metadata["name"]), objects.read(copy_key)), options=body)


def _copy_upload(key: str, copy_key: str) -> objects.Details | None:
    """Copy an upload: the form stays valid, and a repeated import must read the same file."""
    while found := objects.details(key):
        if objects.copy_unchanged(key, copy_key, found.etag):
            break
    return found


def start_export(actor: Actor, *, query: ExportQuery, body: ExportFilters) -> Accepted:
    """Start an export; a filter in the body replaces the same one in the query."""
    chosen = body.model_dump(mode="json", exclude_none=True)
    filters = query.model_dump(mode="json", exclude_none=True, exclude={"format", "delimiter"}) | chosen
    params: dict[str, Any] = {"format": query.format, "filters": filters}
    if query.delimiter != "comma":
        params["delimiter"] = query.delimiter
    return background_tasks.start(actor, "export", params, EXPORT_STARTED)


def _params(task_id: str, name: str, format: file_types.Format, options: ImportOptions) -> dict[str, Any]:
    return {
        "key": f"work/imports/{task_id}/source.{format}",
        "name": name.replace("\\", "/").rpartition("/")[2].rpartition(".")[0][:100],
        "format": format,
        "update_existing": bool(options.update_existing),
        "dry_run": bool(options.dry_run),
    }


def _upload_key(upload_id: uuid.UUID) -> str:
    return f"work/uploads/{upload_id}"
