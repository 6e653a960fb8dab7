"""`/api/v1/defects`, and the progress of a site."""

from uuid import UUID

from chalicelib.core import objects
from chalicelib.core.fields import Page
from chalicelib.core.http import CONSTRUCTION, Actor, Redirect, Routes
from chalicelib.defects import assignment, attachments, discussion, progress, service
from chalicelib.defects.attachment_schemas import AttachmentCreate, Attachments, NewAttachment
from chalicelib.defects.schemas import (
    Assignment,
    BulkAssigned,
    BulkAssignment,
    CommentCreate,
    CommentView,
    Defect,
    DefectCreate,
    DefectPatch,
    DefectQuery,
    HistoryEntry,
    Progress,
    ProgressQuery,
    RecordQuery,
    StatusChange,
)

api = Routes(CONSTRUCTION)


@api.post("/api/v1/defects", status=201)
def create_defect(actor: Actor, body: DefectCreate) -> Defect:
    """Регистрация дефекта."""
    return service.create(actor, body=body)


@api.get("/api/v1/defects")
def list_defects(actor: Actor, query: DefectQuery) -> Page[Defect]:
    """Список дефектов."""
    return service.list_page(actor, query=query)


@api.post("/api/v1/defects/assign")
def assign_defects(actor: Actor, body: BulkAssignment) -> BulkAssigned:
    """Назначение исполнителя нескольким дефектам."""
    return assignment.assign_many(actor, body=body)


@api.get("/api/v1/defects/{defect_id}")
def get_defect(actor: Actor, defect_id: UUID) -> Defect:
    """Получение дефекта по ID."""
    return service.get(actor, defect_id=defect_id)


@api.patch("/api/v1/defects/{defect_id}")
def update_defect(actor: Actor, defect_id: UUID, body: DefectPatch) -> Defect:
    """Изменение дефекта."""
    return service.update(actor, defect_id=defect_id, body=body)


@api.delete("/api/v1/defects/{defect_id}", status=204)
def delete_defect(actor: Actor, defect_id: UUID) -> None:
    """Удаление дефекта."""
    service.delete(actor, defect_id=defect_id)


@api.put("/api/v1/defects/{defect_id}/status")
def change_defect_status(actor: Actor, defect_id: UUID, body: StatusChange) -> Defect:
    """Смена статуса дефекта."""
    return service.change_status(actor, defect_id=defect_id, body=body)


@api.put("/api/v1/defects/{defect_id}/assignee")
def assign_defect(actor: Actor, defect_id: UUID, body: Assignment) -> Defect:
    """Назначение исполнителя дефекта."""
    return assignment.assign(actor, defect_id=defect_id, body=body)


@api.get("/api/v1/defects/{defect_id}/history")
def defect_history(actor: Actor, defect_id: UUID, query: RecordQuery) -> Page[HistoryEntry]:
    """История дефекта."""
    return discussion.history(actor, defect_id=defect_id, query=query)


@api.get("/api/v1/defects/{defect_id}/comments")
def list_comments(actor: Actor, defect_id: UUID, query: RecordQuery) -> Page[CommentView]:
    """Комментарии к дефекту."""
    return discussion.comments(actor, defect_id=defect_id, query=query)


@api.post("/api/v1/defects/{defect_id}/comments", status=201)
def add_comment(actor: Actor, defect_id: UUID, body: CommentCreate) -> CommentView:
    """Добавление комментария."""
    return discussion.comment(actor, defect_id=defect_id, body=body)


@api.get("/api/v1/defects/{defect_id}/attachments")
def list_attachments(actor: Actor, defect_id: UUID) -> Attachments:
    """Вложения дефекта."""
    return attachments.list_all(actor, defect_id=defect_id)


@api.post(
    "/api/v1/defects/{defect_id}/attachments",
    status=201,
    replay_seconds=attachments.UPLOAD_SECONDS - objects.FORM_MARGIN_SECONDS,
)
def add_attachment(actor: Actor, defect_id: UUID, body: AttachmentCreate) -> NewAttachment:
    """Место для загрузки вложения."""
    return attachments.add(actor, defect_id=defect_id, body=body)


@api.get("/api/v1/defects/{defect_id}/attachments/{attachment_id}")
def download_attachment(actor: Actor, defect_id: UUID, attachment_id: UUID) -> Redirect:
    """Скачивание вложения."""
    return Redirect(attachments.link(actor, defect_id=defect_id, attachment_id=attachment_id))


@api.delete("/api/v1/defects/{defect_id}/attachments/{attachment_id}", status=204)
def remove_attachment(actor: Actor, defect_id: UUID, attachment_id: UUID) -> None:
    """Удаление вложения."""
    attachments.remove(actor, defect_id=defect_id, attachment_id=attachment_id)


@api.get("/api/v1/sites/{site_id}/progress")
def site_progress(actor: Actor, site_id: UUID, query: ProgressQuery) -> Progress:
    """Ход работ на объекте."""
    return progress.of_site(actor, site_id=site_id, query=query)
