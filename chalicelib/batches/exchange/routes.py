"""`/api/batches/import` and `/api/batches/export`."""

from typing import Any

from chalicelib.background_tasks.schemas import Accepted
from chalicelib.batches.exchange import file_types, service
from chalicelib.batches.exchange.schemas import (
    ExportFilters,
    ExportQuery,
    ImportAccepted,
    ImportForm,
    ImportOfUpload,
    ImportOptions,
    TemplateQuery,
    UploadPlace,
    UploadRequest,
)
from chalicelib.core import multipart, objects
from chalicelib.core.errors import FieldProblem, Invalid
from chalicelib.core.http import PRODUCTION, Actor, Raw, Request, Routes
from chalicelib.core.request import MAX_REQUEST_BYTES
from chalicelib.core.texts import text
from chalicelib.core.validation import read_body

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MEDIA = {"xlsx": XLSX, "csv": "text/csv; charset=utf-8"}
SEND_A_FILE = "пришлите файл формой multipart/form-data в поле file, или upload_id файла, загруженного раньше"
api = Routes(PRODUCTION)


@api.post(
    "/api/batches/import",
    status=202,
    raw=True,
    limit=MAX_REQUEST_BYTES,
    accepts={"multipart/form-data": ImportForm, "application/json": ImportOfUpload},
)
def start_import(actor: Actor, request: Request, query: ImportOptions) -> ImportAccepted:
    """Импорт партий из файла.

    Файл xlsx, xls, ods или csv формой, или `upload_id` файла, загруженного раньше. Годные строки записываются,
    остальные перечислены в результате и даны файлом для исправления. Ответ называет фоновую задачу; `dry_run=true`
    только проверяет.
    """
    if not multipart.is_form(request):
        return service.start_import_of_upload(actor, body=_body(ImportOfUpload, request.json(absent={}), query))
    form = multipart.read_form(request, file_types.MAX_BYTES)
    options = _body(ImportOptions, form.fields, query)
    if "file" not in form.files:
        raise Invalid(fields=[{"loc": ["body", "file"], "msg": "обязательное поле", "type": "missing"}])
    return service.start_import(actor, file=form.files["file"], options=options)


@api.get("/api/batches/import/template", media=XLSX)
def get_import_template(actor: Actor, query: TemplateQuery) -> Raw:
    """Шаблон файла для импорта.

    Книга Excel или csv с заголовками столбцов, примером и пояснениями; в книге рабочие центры, смены и «да» или «нет»
    выбирают из списков. Строка с примером при импорте пропускается. Язык заголовков выбирает `Accept-Language`.
    """
    headers = {"Content-Disposition": f'attachment; filename="batches.{query.format}"'}
    return Raw(service.template(actor, query=query), MEDIA[query.format], headers=headers)


@api.post(
    "/api/batches/import/uploads", status=201, replay_seconds=service.UPLOAD_SECONDS - objects.FORM_MARGIN_SECONDS
)
def start_upload(actor: Actor, body: UploadRequest) -> UploadPlace:
    """Загрузка большого файла.

    Нужна файлам больше 4,5 МБ. Отправьте поля ответа и за ними файл формой на его `url` не позже `expires_at`,
    затем начните импорт с `upload_id`.
    """
    return service.start_upload(actor, body=body)


@api.post("/api/batches/export", status=202)
def start_export(actor: Actor, query: ExportQuery, body: ExportFilters) -> Accepted:
    """Экспорт партий в файл.

    Собирает файл с партиями, подходящими под условия, со столбцами импорта. Ответ называет фоновую задачу; в ее
    результате `download_url`, файл хранится 24 часа.
    """
    return service.start_export(actor, query=query, body=body)


def _body(model: Any, content: Any, query: ImportOptions) -> Any:
    """Read the body as `model`; missing fields are taken from the query."""
    problems: list[FieldProblem] = []
    fields = query.model_dump(exclude_none=True) | content if isinstance(content, dict) else content
    body = read_body(model, fields, problems)
    for problem in problems:
        if (problem["loc"], problem["type"]) == (["body", "upload_id"], "missing"):
            problem["msg"] = text(SEND_A_FILE)
    if problems:
        raise Invalid(fields=problems)
    return body
