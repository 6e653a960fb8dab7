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
    """Заказ отчета.

    Отвечает сразу: файл делает сага за секунды или минуты. Следите за `GET /api/v1/reports/{report_id}/status` и
    скачайте готовый. Неизвестный шаблон и неподходящие параметры называет `warnings`: такой отчет закончится `failed`.
    """
    return service.order(actor, body=body)


@api.get("/api/v1/reports")
def list_reports(actor: Actor, query: ReportQuery) -> Reports:
    """Список отчетов.

    Страница отчетов, сначала новые. Фильтр `status` находит неудачные; в их поле `error` причина.
    """
    return service.list_page(actor, query=query)


@api.get("/api/v1/reports/{report_id}")
def get_report(actor: Actor, report_id: int) -> Report:
    """Отчет по номеру.

    Параметры, состояние, сага, размер и MD5 файла и получатели.
    """
    return service.get(actor, report_id=report_id)


@api.get("/api/v1/reports/{report_id}/status")
def get_report_status(actor: Actor, report_id: int) -> ReportState:
    """Готовность отчета.

    Короткий ответ для опроса: ход в процентах, затем файл или причина неудачи.
    """
    return service.status(actor, report_id=report_id)


@api.get("/api/v1/reports/{report_id}/download", status=302, refuses=[Conflict])
def download_report(actor: Actor, report_id: int) -> Redirect:
    """Скачивание отчета.

    Переход на временную ссылку, которая действует несколько минут: запрашивайте ее, когда нужна. Пока файла нет,
    ответ 409.
    """
    return Redirect(service.download_link(actor, report_id=report_id))


@api.post("/api/v1/reports/{report_id}/cancel")
def cancel_report(actor: Actor, report_id: int) -> ReportCancelled:
    """Отмена отчета.

    Останавливает сагу и убирает то, что она успела сделать. Готовый отчет не отменяется (409).
    """
    return service.cancel(actor, report_id=report_id)


@api.delete("/api/v1/reports/{report_id}", status=204)
def delete_report(actor: Actor, report_id: int) -> None:
    """Удаление отчета.

    Удаляет отчет и его файл без возврата; если отчет еще делается, останавливает его сагу.
    """
    service.delete(actor, report_id=report_id)


@api.get("/api/v1/templates")
def list_templates(actor: Actor, query: ListQuery) -> Templates:
    """Список шаблонов.

    Сначала четыре встроенных: продажи, смены, партия, задачи; за ними свои.
    """
    return templates.list_page(actor, query=query)


@api.post("/api/v1/templates", status=201)
def create_template(actor: Actor, body: TemplateWrite) -> Template:
    """Создание своего шаблона.

    Встроенный шаблон под своим названием и с заполненными параметрами. При заказе отчета его параметры заменяют
    эти.
    """
    return templates.create(actor, body=body)


@api.get("/api/v1/templates/{template_id}")
def get_template(actor: Actor, template_id: int) -> Template:
    """Шаблон по номеру.

    Показывает, из какого встроенного он сделан и какие параметры заполнены.
    """
    return templates.get(actor, template_id=template_id)


@api.put("/api/v1/templates/{template_id}")
def replace_template(actor: Actor, template_id: int, body: TemplateWrite) -> Template:
    """Замена шаблона.

    Записывает все поля заново. Встроенный шаблон не меняется (409); готовые отчеты остаются прежними.
    """
    return templates.replace_template(actor, template_id=template_id, body=body)


@api.delete("/api/v1/templates/{template_id}", status=204)
def delete_template(actor: Actor, template_id: int) -> None:
    """Удаление шаблона.

    Готовые отчеты остаются, расписания с этим шаблоном больше не смогут их делать. Встроенный шаблон не удаляется
    (409).
    """
    templates.delete(actor, template_id=template_id)


@api.get("/api/v1/sagas")
def list_sagas(actor: Actor, query: SagaQuery) -> Sagas:
    """Список саг.

    По саге на каждый отчет, сначала новые, с шагами и их попытками.
    """
    return sagas.list_page(actor, query=query)


@api.get("/api/v1/sagas/{saga_id}")
def get_saga(actor: Actor, saga_id: UUID) -> SagaView:
    """Сага и ее шаги.

    Шесть шагов отчета: проверка, сбор данных, построение файла, сохранение, уведомление. У неудачного шага причина
    в `error`.
    """
    return sagas.get(actor, saga_id=saga_id)


@api.get("/api/v1/sagas/{saga_id}/progress")
def get_saga_progress(actor: Actor, saga_id: UUID) -> SagaProgress:
    """Ход саги.

    Сколько шагов сделано и какой идет: короткий ответ для опроса.
    """
    return sagas.progress(actor, saga_id=saga_id)


@api.get("/api/v1/sagas/{saga_id}/events")
def get_saga_events(actor: Actor, saga_id: UUID, query: SagaEventQuery) -> SagaEvents:
    """Журнал саги.

    Все, что случилось с сагой и ее шагами, от старых событий к новым.
    """
    return sagas.history(actor, saga_id=saga_id, query=query)


@api.post("/api/v1/sagas/{saga_id}/retry", status=202)
def retry_saga(actor: Actor, saga_id: UUID) -> SagaChanged:
    """Повтор саги.

    Продолжает неудачную или отмененную сагу с первого несделанного шага. Пока сага идет, ответ 409; считается в
    дневную квоту отчетов.
    """
    return sagas.retry(actor, saga_id=saga_id)


@api.delete("/api/v1/sagas/{saga_id}")
def cancel_saga(actor: Actor, saga_id: UUID) -> SagaChanged:
    """Отмена саги.

    То же, что отмена ее отчета: сделанные файлы удаляются. Закончившаяся сага дает 409.
    """
    return sagas.cancel(actor, saga_id=saga_id)
