"""All event types: name, data, and whether webhooks may carry the event.

`events.service` checks data against the type when an event is recorded; of many events of one item it checks one for
each set of field types. The first eleven types, in this order, are those of the contract. A change that may break
receivers is a new `version`. A new type is a model in `data/`, example values for new fields in `EXAMPLES`, and a line
in `EVENT_TYPES`.
"""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from pydantic_core import to_json

from chalicelib.core.errors import NotFound
from chalicelib.core.texts import text
from chalicelib.events.data import construction, people, production, reports, tasks, webhooks
from chalicelib.events.data.base import EventData

NAMESPACE = uuid.UUID("5a6ff3c6-5d2f-5d57-9c53-0c1e7a1f0b6d")
CREATED_AT = datetime(2025, 1, 15, 10, 30, tzinfo=UTC)
DIALECT = "https://json-schema.org/draft/2020-12/schema"

BATCH, PRODUCT = "550e8400-e29b-41d4-a716-446655440000", "660e8400-e29b-41d4-a716-446655440001"
CENTER, FILE = "770e8400-e29b-41d4-a716-446655440000", "550e8400-e29b-41d4-a716-446655440001"
SUBSCRIPTION, SAGA = "880e8400-e29b-41d4-a716-446655440000", "f45a5154-f8e4-4519-91fb-af57a6a3788d"
USER, ORDER = "990e8400-e29b-41d4-a716-446655440000", "d30e8400-e29b-41d4-a716-446655440000"
SITE, DEFECT = "a90e8400-e29b-41d4-a716-446655440000", "b10e8400-e29b-41d4-a716-446655440000"
ENGINEER, MANAGER = "c20e8400-e29b-41d4-a716-446655440000", "c20e8400-e29b-41d4-a716-446655440001"
AT = "2025-01-20T18:00:00Z"
EXAMPLES: dict[str, Any] = {
    "batch_id": BATCH, "batch_number": 1001, "batch_date": "2025-01-20", "work_center_id": CENTER,
    "closed_at": AT, "opened_at": AT, "aggregated_at": AT, "product_id": PRODUCT, "unique_code": "PROD-001", "count": 2,
    "report_type": "pdf", "file_url": f"/api/reports/{FILE}", "expires_at": "2025-01-27T18:00:00Z",
    "task_id": FILE, "update_existing": False, "total_rows": 100, "created": 90, "updated": 0, "failed": 10,
    "report_id": 1, "user_id": 1, "template_id": 3, "saga_id": SAGA, "error": "Партия не найдена",
    "file_path": "/reports/report_1.pdf", "file_size": 48213, "md5_hash": "9e107d9d372bb6826bd81d3542a419d6",
    "step": 4, "step_name": "generate_report", "attempt": 1, "reason": "Партия не найдена", "run": 2,
    "file_id": FILE, "user_email": "user@example.com", "total": 3, "aggregated": 2,
    "deferred_task_id": 1, "task_type": "send_email", "attempts": 1, "long_task_id": 1, "result": "4012",
    "subscription_id": SUBSCRIPTION, "url": "https://example.com/webhook", "failures": 40,
    "id": USER, "number": 2,
    "site_id": SITE, "code": "ЖК-1", "customer_id": MANAGER, "changed": ["title"], "changed_by": ENGINEER,
    "defect_id": DEFECT, "defect_number": 17, "title": "Трещина в стене", "severity": "high", "due_date": "2025-01-19",
    "reporter_id": ENGINEER, "assignee_id": ENGINEER, "assigned_by": MANAGER, "status": "assigned",
    "old_status": "assigned", "new_status": "in_progress", "comment": "Начинаем", "comment_number": 1,
    "author_id": MANAGER, "text": "Когда будет готово?", "attachment_id": FILE, "file_name": "стена.jpg",
}  # fmt: skip
"""Field -> value in the examples."""
ORDER_EXAMPLES: dict[str, Any] = {
    "order_id": ORDER, "user_id": USER, "items_total": 1, "total_amount": 520.0,
    "status": "created", "old_status": "created", "new_status": "in_progress",
}  # fmt: skip
"""The same for events of orders, where they differ."""


@dataclass(frozen=True)
class EventType:
    """An event type. `has_listener`: wiring/listeners.py has a listener for it."""

    name: str
    title: str
    data: type[EventData]
    webhook_enabled: bool = True
    has_listener: bool = False
    version: int = 1
    created_at: datetime = CREATED_AT

    @property
    def description(self) -> str:
        """What has happened, in the language of the reader."""
        return text(self.title)

    @property
    def uuid(self) -> UUID:
        """Its id, the same in every deployment."""
        return uuid.uuid5(NAMESPACE, self.name)

    @property
    def may_go_on_bus(self) -> bool:
        """Whether its events may be put on the bus; the others are in the event log only."""
        return self.webhook_enabled or self.has_listener

    def check(self, data: dict[str, Any]) -> None:
        """Raise ValueError for data of another form, which is a bug of the caller that records them."""
        try:
            self.data.model_validate_json(to_json(data))
        except ValidationError as error:
            raise ValueError(f"not the data of {self.name}: {error}") from error

    def example_data(self) -> dict[str, Any]:
        """Return an example of the data."""
        noun = self.name.partition(".")[0]
        own = {"work_center": CENTER, "product": PRODUCT, "report": "1", "deferred_task": "1", "saga": SAGA}
        own |= {"webhook": SUBSCRIPTION, "user": USER, "api_key": USER, "order": ORDER, "long_task": "1"}
        about = FILE if self.data is production.ImportCompleted else own.get(noun, BATCH)
        values = EXAMPLES | ORDER_EXAMPLES if noun == "order" else EXAMPLES
        fields = {name: values[name] for name in self.data.model_fields if name in values}
        return {"aggregate_id": about, "occurred_at": AT, **fields}

    @property
    def example(self) -> dict[str, Any]:
        """An example of the envelope."""
        return {"event": self.name, "timestamp": AT, "data": self.example_data()}

    @property
    def json_schema(self) -> dict[str, Any]:
        """The JSON Schema of the envelope."""
        data = self.data.model_json_schema()
        definitions = data.pop("$defs", None)
        return {
            "$schema": DIALECT,
            "title": self.name,
            "description": self.description,
            "type": "object",
            "properties": {
                "event": {"const": self.name},
                "timestamp": {"type": "string", "format": "date-time"},
                "data": data,
            },
            "required": ["event", "timestamp", "data"],
            "additionalProperties": False,
        } | ({"$defs": definitions} if definitions else {})


def _not_for_webhooks(name: str, title: str, data: type[EventData], *, has_listener: bool = False) -> EventType:
    return EventType(name, title, data, webhook_enabled=False, has_listener=has_listener)


EVENT_TYPES: dict[str, EventType] = {
    kind.name: kind
    for kind in (
        EventType("batch.created", "Событие создания партии", production.BatchCreated),
        EventType("batch.closed", "Событие закрытия партии", production.BatchClosed),
        EventType("batch.opened", "Событие открытия партии", production.BatchOpened),
        EventType("batch.product_added", "Событие добавления продукта в партию", production.BatchProduct),
        EventType("batch.product_removed", "Событие удаления продукта из партии", production.BatchProduct),
        EventType("batch.aggregated", "Событие агрегации партии", production.BatchAggregated),
        EventType("batch.deleted", "Событие удаления партии", production.BatchData, has_listener=True),
        EventType("batch.report_generated", "Событие генерации отчета по партии", production.BatchReportGenerated),
        EventType("product.aggregated", "Событие агрегации продукта", production.ProductAggregated),
        EventType("work_center.deleted", "Событие удаления рабочего центра", production.WorkCenterDeleted),
        EventType("batch.import_completed", "Событие завершения импорта партий", production.ImportCompleted),
        EventType("report.completed", "Событие готовности отчета", reports.ReportCompleted),
        EventType("deferred_task.completed", "Событие выполнения отложенного задания", tasks.DeferredTaskCompleted),
        EventType("deferred_task.failed", "Событие ошибки отложенного задания", tasks.DeferredTaskFailed),
        EventType("deferred_task.cancelled", "Событие отмены отложенного задания", tasks.DeferredTaskData),
        EventType("long_task.completed", "Событие выполнения долгой задачи", tasks.LongTaskCompleted),
        EventType("long_task.failed", "Событие ошибки долгой задачи", tasks.LongTaskFailed),
        EventType(
            "webhook.disabled", "Событие отключения подписки на вебхук", webhooks.WebhookDisabled, has_listener=True
        ),
        EventType("order.created", "Событие создания заказа", people.OrderWritten),
        EventType("order.updated", "Событие изменения состава заказа", people.OrderWritten),
        EventType("order.status_changed", "Событие изменения статуса заказа", people.OrderMoved),
        EventType("order.deleted", "Событие удаления заказа", people.OrderDeleted),
        EventType("defect.created", "Событие регистрации дефекта", construction.DefectCreated),
        EventType("defect.updated", "Событие изменения дефекта", construction.DefectUpdated),
        EventType("defect.assigned", "Событие назначения исполнителя дефекта", construction.DefectAssigned),
        EventType("defect.status_changed", "Событие смены статуса дефекта", construction.DefectStatusChanged),
        EventType("defect.overdue", "Событие просрочки дефекта", construction.DefectOverdue),
        EventType("defect.commented", "Событие комментария к дефекту", construction.DefectCommented),
        EventType("defect.deleted", "Событие удаления дефекта", construction.DefectData, has_listener=True),
        _not_for_webhooks("defect.attachment_added", "К дефекту приложен файл", construction.DefectAttachment),
        _not_for_webhooks(
            "defect.attachment_removed", "Файл дефекта удален", construction.DefectAttachment, has_listener=True
        ),
        _not_for_webhooks("site.created", "Объект создан", construction.SiteChanged),
        _not_for_webhooks("site.updated", "Объект изменен", construction.SiteChanged, has_listener=True),
        _not_for_webhooks("site.deleted", "Объект удален", construction.SiteData),
        _not_for_webhooks(
            "batch.report_mail_requested",
            "Отчет по партии запрошен на почту",
            production.BatchReportMail,
            has_listener=True,
        ),
        _not_for_webhooks("report.created", "Отчет заказан", reports.ReportCreated),
        _not_for_webhooks("report.failed", "Отчет не удалось построить", reports.ReportEnded),
        _not_for_webhooks("report.cancelled", "Отчет отменен", reports.ReportEnded),
        _not_for_webhooks("report.deleted", "Отчет удален", reports.ReportDeleted),
        _not_for_webhooks(
            "report.mail_requested", "Отчет отправляется на почту", reports.ReportMail, has_listener=True
        ),
        _not_for_webhooks("saga.started", "Сага начата", reports.SagaData),
        _not_for_webhooks("saga.step_started", "Шаг саги начат", reports.SagaStep),
        _not_for_webhooks("saga.step_completed", "Шаг саги выполнен", reports.SagaStep),
        _not_for_webhooks("saga.step_failed", "Шаг саги не выполнен", reports.SagaStepFailed),
        _not_for_webhooks("saga.step_compensated", "Шаг саги отменен", reports.SagaStep),
        _not_for_webhooks("saga.compensating", "Сага отменяет выполненные шаги", reports.SagaCompensation),
        _not_for_webhooks("saga.compensated", "Сага отменила выполненные шаги", reports.SagaCompensation),
        _not_for_webhooks("saga.failed", "Сага завершена с ошибкой", reports.SagaCompensation),
        _not_for_webhooks("saga.cancelled", "Сага отменена", reports.SagaCompensation),
        _not_for_webhooks("saga.retried", "Сага запущена повторно", reports.SagaRun),
        _not_for_webhooks("saga.resumed", "Сага возобновлена", reports.SagaRun),
        _not_for_webhooks("saga.completed", "Сага выполнена", reports.SagaData),
        _not_for_webhooks("user.created", "Пользователь создан", people.UserData),
        _not_for_webhooks("user.updated", "Пользователь изменен", people.UserData),
        _not_for_webhooks("user.invited", "Пользователь приглашен письмом", people.LinkRequested, has_listener=True),
        _not_for_webhooks(
            "user.password_forgotten", "Запрошен код для нового пароля", people.LinkRequested, has_listener=True
        ),
        _not_for_webhooks("user.deleted", "Пользователь удален", people.UserData, has_listener=True),
        _not_for_webhooks("api_key.created", "Ключ API выпущен", people.ApiKeyData),
        _not_for_webhooks("api_key.revoked", "Ключ API отозван", people.ApiKeyData),
    )
}


def get(name: str) -> EventType:
    """Return the event type of that name, or raise NotFound."""
    kind = EVENT_TYPES.get(name)
    if kind is None:
        raise NotFound("Тип события не найден")
    return kind


def webhook_names() -> list[str]:
    """Return the names of the events that webhooks may carry, in the order of `EVENT_TYPES`."""
    return [name for name, kind in EVENT_TYPES.items() if kind.webhook_enabled]
