"""`/api/v1/reports`, `/api/v1/templates`, `/api/v1/sagas`."""

from uuid import UUID

from chalicelib.core.errors import Conflict
from chalicelib.core.http import REPORTS, Actor, Redirect, Routes
from chalicelib.reports import sagas, service, templates
from chalicelib.reports.saga_schemas import (
    SagaChanged,
    SagaEventQuery,
    SagaEvents,
    SagaProgress,
    SagaQuery,
    Sagas,
    SagaView,
)
from chalicelib.reports.schemas import (
    ListQuery,
    Report,
    ReportAccepted,
    ReportCancelled,
    ReportCreate,
    ReportQuery,
    Reports,
    ReportState,
)
from chalicelib.reports.template_schemas import Template, Templates, TemplateWrite

api = Routes(REPORTS)


@api.post("/api/v1/reports", status=202)
def create_report(actor: Actor, body: ReportCreate) -> ReportAccepted:
    """Создание отчета (асинхронно)."""
    return service.create(actor, body=body)


@api.get("/api/v1/reports")
def list_reports(actor: Actor, query: ReportQuery) -> Reports:
    """Список отчетов."""
    return service.list_page(actor, query=query)


@api.get("/api/v1/reports/{report_id}")
def get_report(actor: Actor, report_id: int) -> Report:
    """Полная информация об отчете."""
    return service.get(actor, report_id=report_id)


@api.get("/api/v1/reports/{report_id}/status")
def get_report_status(actor: Actor, report_id: int) -> ReportState:
    """Статус отчета."""
    return service.status(actor, report_id=report_id)


@api.get("/api/v1/reports/{report_id}/download", status=302, refuses=[Conflict])
def download_report(actor: Actor, report_id: int) -> Redirect:
    """Скачивание отчета: переход по временной ссылке."""
    return Redirect(service.download_link(actor, report_id=report_id))


@api.post("/api/v1/reports/{report_id}/cancel")
def cancel_report(actor: Actor, report_id: int) -> ReportCancelled:
    """Отмена отчета."""
    return service.cancel(actor, report_id=report_id)


@api.delete("/api/v1/reports/{report_id}", status=204)
def delete_report(actor: Actor, report_id: int) -> None:
    """Удаление отчета вместе с файлом."""
    service.delete(actor, report_id=report_id)


@api.get("/api/v1/templates")
def list_templates(actor: Actor, query: ListQuery) -> Templates:
    """Список шаблонов."""
    return templates.list_page(actor, query=query)


@api.post("/api/v1/templates", status=201)
def create_template(actor: Actor, body: TemplateWrite) -> Template:
    """Создание шаблона."""
    return templates.create(actor, body=body)


@api.get("/api/v1/templates/{template_id}")
def get_template(actor: Actor, template_id: int) -> Template:
    """Получение шаблона."""
    return templates.get(actor, template_id=template_id)


@api.put("/api/v1/templates/{template_id}")
def replace_template(actor: Actor, template_id: int, body: TemplateWrite) -> Template:
    """Изменение шаблона."""
    return templates.replace_template(actor, template_id=template_id, body=body)


@api.delete("/api/v1/templates/{template_id}", status=204)
def delete_template(actor: Actor, template_id: int) -> None:
    """Удаление шаблона."""
    templates.delete(actor, template_id=template_id)


@api.get("/api/v1/sagas")
def list_sagas(actor: Actor, query: SagaQuery) -> Sagas:
    """Список саг."""
    return sagas.list_page(actor, query=query)


@api.get("/api/v1/sagas/{saga_id}")
def get_saga(actor: Actor, saga_id: UUID) -> SagaView:
    """Статус саги и ее шагов."""
    return sagas.get(actor, saga_id=saga_id)


@api.get("/api/v1/sagas/{saga_id}/progress")
def get_saga_progress(actor: Actor, saga_id: UUID) -> SagaProgress:
    """Прогресс саги."""
    return sagas.progress(actor, saga_id=saga_id)


@api.get("/api/v1/sagas/{saga_id}/events")
def get_saga_events(actor: Actor, saga_id: UUID, query: SagaEventQuery) -> SagaEvents:
    """Журнал событий саги."""
    return sagas.history(actor, saga_id=saga_id, query=query)


@api.post("/api/v1/sagas/{saga_id}/retry", status=202)
def retry_saga(actor: Actor, saga_id: UUID) -> SagaChanged:
    """Повторное выполнение саги."""
    return sagas.retry(actor, saga_id=saga_id)


@api.delete("/api/v1/sagas/{saga_id}")
def cancel_saga(actor: Actor, saga_id: UUID) -> SagaChanged:
    """Отмена саги."""
    return sagas.cancel(actor, saga_id=saga_id)
