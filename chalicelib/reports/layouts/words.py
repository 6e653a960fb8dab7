"""Words of the report on tasks for what programs call by names: statuses, severities, types and errors of tasks."""

import re

from chalicelib.core.texts import text

STATUS = {
    "new": "Новый", "reopened": "Открыт вновь", "assigned": "Назначен", "in_progress": "В работе", "fixed": "Исправлен",
    "verified": "Проверен", "closed": "Закрыт", "rejected": "Отклонен",
}  # fmt: skip
SEVERITY = {"low": "Низкая", "medium": "Средняя", "high": "Высокая", "critical": "Критическая"}
DEFERRED = {
    "pending": "Ожидает", "processing": "Выполняется", "completed": "Выполнена", "failed": "Ошибка",
    "cancelled": "Отменена",
}  # fmt: skip
LONG = {"pending": "Выполняется", "done": "Выполнена", "failed": "Ошибка"}
TYPES = {
    "http_callback": "HTTP-вызов", "send_email": "Письмо", "send_sms": "SMS", "publish_event": "Событие на шину",
    "generate_report": "Заказ отчета",
}  # fmt: skip
ERRORS = {
    "unknown task type": "Неизвестный тип задачи",
    "ConnectionRefusedError": "соединение отклонено",
    "ConnectionResetError": "соединение разорвано",
    "BrokenPipeError": "соединение разорвано",
    "RemoteDisconnected": "соединение разорвано",
    "TimeoutError": "нет ответа",
}
_NAME = re.compile("|".join(map(re.escape, ERRORS)))
_EXCEPTION = re.compile(r": ([A-Z][A-Za-z]*(?:Error|Exception|Timeout|Interrupt))$")


def type_of_task(name: str) -> str:
    """Return what a task of a type does; the name of a type that has no words here."""
    return text(TYPES[name]) if name in TYPES else name


def error(reason: str | None) -> str | None:
    """Return the reason of an error without names that only programmers know."""
    if not reason:
        return None
    worded = _NAME.sub(lambda found: text(ERRORS[found[0]]), reason)
    return _EXCEPTION.sub("", worded)
