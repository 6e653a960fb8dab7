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
    """Регистрация дефекта.

    Дефект получает номер на объекте и статус `new`. Исполнителя сразу может указать только менеджер (403);
    завершенный объект дает 409.
    """
    return service.create(actor, body=body)


@api.get("/api/v1/defects")
def list_defects(actor: Actor, query: DefectQuery) -> Page[Defect]:
    """Список дефектов.

    Страница дефектов по объекту, статусу, важности, исполнителю и сроку; `overdue=true` показывает просроченные.
    """
    return service.list_page(actor, query=query)


@api.post("/api/v1/defects/assign")
def assign_defects(actor: Actor, body: BulkAssignment) -> BulkAssigned:
    """Назначение нескольких дефектов.

    До 100 дефектов одному исполнителю; каждый сам по себе, что не вышло, сказано в `results`.
    """
    return assignment.assign_many(actor, body=body)


@api.get("/api/v1/defects/{defect_id}")
def get_defect(actor: Actor, defect_id: UUID) -> Defect:
    """Дефект по UUID.

    Дефект и что вы можете с ним сделать: `allowed_moves`, `can_edit`, `can_assign`.
    """
    return service.get(actor, defect_id=defect_id)


@api.patch("/api/v1/defects/{defect_id}")
def update_defect(actor: Actor, defect_id: UUID, body: DefectPatch) -> Defect:
    """Изменение дефекта.

    Менеджер меняет любой дефект, инженер тот, что зарегистрировал или исполняет; срок только менеджер. Закрытый или
    отклоненный сначала откройте снова (409).
    """
    return service.update(actor, defect_id=defect_id, body=body)


@api.delete("/api/v1/defects/{defect_id}", status=204)
def delete_defect(actor: Actor, defect_id: UUID) -> None:
    """Удаление дефекта.

    Удаляет дефект с комментариями, историей и вложениями без возврата; для ошибочных записей.
    """
    service.delete(actor, defect_id=defect_id)


@api.put("/api/v1/defects/{defect_id}/status")
def change_defect_status(actor: Actor, defect_id: UUID, body: StatusChange) -> Defect:
    """Смена статуса дефекта.

    Один шаг: какие возможны вам сейчас, говорит `allowed_moves`. Невозможный переход дает 409, недостаток прав 403;
    подписчики получают `defect.status_changed`.
    """
    return service.change_status(actor, defect_id=defect_id, body=body)


@api.put("/api/v1/defects/{defect_id}/assignee")
def assign_defect(actor: Actor, defect_id: UUID, body: Assignment) -> Defect:
    """Назначение исполнителя.

    Открытый дефект становится `assigned`. Исполнитель должен иметь роль engineer, manager или admin (400).
    """
    return assignment.assign(actor, defect_id=defect_id, body=body)


@api.get("/api/v1/defects/{defect_id}/history")
def defect_history(actor: Actor, defect_id: UUID, query: RecordQuery) -> Page[HistoryEntry]:
    """История дефекта.

    Кто, когда и какие поля изменил, сначала новые записи.
    """
    return discussion.history(actor, defect_id=defect_id, query=query)


@api.get("/api/v1/defects/{defect_id}/comments")
def list_comments(actor: Actor, defect_id: UUID, query: RecordQuery) -> Page[CommentView]:
    """Комментарии к дефекту.

    Переписка по дефекту; заказчик ее тоже видит.
    """
    return discussion.comments(actor, defect_id=defect_id, query=query)


@api.post("/api/v1/defects/{defect_id}/comments", status=201)
def add_comment(actor: Actor, defect_id: UUID, body: CommentCreate) -> CommentView:
    """Добавление комментария.

    Виден всем, кто видит дефект, и заказчику; изменить или удалить его нельзя. Подписчики получают
    `defect.commented`.
    """
    return discussion.comment(actor, defect_id=defect_id, body=body)


@api.get("/api/v1/defects/{defect_id}/attachments")
def list_attachments(actor: Actor, defect_id: UUID) -> Attachments:
    """Вложения дефекта.

    Фотографии и документы; `uploaded` говорит, загружен ли файл.
    """
    return attachments.list_all(actor, defect_id=defect_id)


@api.post(
    "/api/v1/defects/{defect_id}/attachments",
    status=201,
    replay_seconds=attachments.UPLOAD_SECONDS - objects.FORM_MARGIN_SECONDS,
)
def add_attachment(actor: Actor, defect_id: UUID, body: AttachmentCreate) -> NewAttachment:
    """Загрузка вложения.

    Отправьте поля из `upload` и за ними файл формой на его `url` не позже `expires_at`. До 20 вложений у дефекта,
    до 10 МБ каждое.
    """
    return attachments.add(actor, defect_id=defect_id, body=body)


@api.get("/api/v1/defects/{defect_id}/attachments/{attachment_id}")
def download_attachment(actor: Actor, defect_id: UUID, attachment_id: UUID) -> Redirect:
    """Скачивание вложения.

    Переход на временную ссылку; пока файл не загружен, ответ 409.
    """
    return Redirect(attachments.link(actor, defect_id=defect_id, attachment_id=attachment_id))


@api.delete("/api/v1/defects/{defect_id}/attachments/{attachment_id}", status=204)
def remove_attachment(actor: Actor, defect_id: UUID, attachment_id: UUID) -> None:
    """Удаление вложения.

    Файл удаляется без возврата, в истории остается запись.
    """
    attachments.remove(actor, defect_id=defect_id, attachment_id=attachment_id)


@api.get("/api/v1/sites/{site_id}/progress")
def site_progress(actor: Actor, site_id: UUID, query: ProgressQuery) -> Progress:
    """Ход работ.

    Сколько дефектов открыто, просрочено и закрыто, и по неделям: зарегистрировано, устранено, закрыто.
    """
    return progress.of_site(actor, site_id=site_id, query=query)
