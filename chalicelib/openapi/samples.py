"""Examples of bodies and parameters that make sense together: each may be sent as it stands.

Ids are replaced by those of stored things where the document may show them (stored.py). A body that is not here has the
example that follows from its schema (examples.py).
"""

from collections.abc import Mapping
from typing import Any

from chalicelib.events.types import CENTER, DEFECT, ENGINEER, EXAMPLES, MANAGER, SITE, USER

Json = dict[str, Any]
ACCOUNT: Json = {"email": "ivan.petrov@example.com", "password": "correct horse"}
BOLTS: Json = {"product": "Болт М8х40, кг", "quantity": 25, "price": 214.5}
WEEK: Json = {"name": "Смены за прошлую неделю", "base_template_id": 2, "parameters": {"period": "last_week"}}
BODIES: Mapping[str, Json] = {
    "create_work_center": {"identifier": "WC-101", "name": "Линия упаковки №1"},
    "update_work_center": {"name": "Цех №1, болты и шпильки"},
    "create_batch": {
        "task_description": "Изготовление болтов по чертежу 12.004",
        "shift": "1",
        "team": "Бригада А",
        "batch_number": 22222,
        "batch_date": "2025-01-20",
        "nomenclature": "Болт М8х40 ГОСТ 7798-70",
        "ekn_code": "EKN-001",
        "shift_start": "2025-01-20T08:00:00Z",
        "shift_end": "2025-01-20T20:00:00Z",
        "planned_quantity": 36,
        "work_center_id": CENTER,
    },
    "update_batch": {"team": "Бригада Б", "planned_quantity": 40},
    "close_batch": {},
    "aggregate_batch": {},
    "start_aggregation": {},
    "aggregate_product": {},
    "add_product": {"unique_code": "01046071234500172122222001"},
    "add_products": {"unique_codes": ["01046071234500172122222002", "01046071234500172122222003"], "mode": "proceed"},
    "start_export": {"is_closed": True},
    "create_report": {
        "name": "Смены за прошлую неделю",
        "template_id": 2,
        "parameters": {"period": "last_week"},
        "format": "xlsx",
    },
    "create_template": WEEK,
    "replace_template": WEEK | {"parameters": {"period": "yesterday"}},
    "create_deferred_task": {
        "execute_at": "2030-01-20T08:00:00Z",
        "task_type": "send_email",
        "payload": {"to": "shift@example.com", "subject": "Смена началась", "body": "Партия 22222"},
    },
    "change_deferred_task": {"execute_at": "2030-01-20T09:00:00Z"},
    "retry_failed_tasks": {"task_type": "send_email", "created_from": "2025-01-20T00:00:00Z"},
    "create_schedule": {
        "name": "Сменный отчет каждое утро",
        "task_type": "generate_report",
        "payload": {"name": "Сменный отчет за вчера", "template_id": 2, "parameters": {"period": "yesterday"}},
        "cron": "30 8 * * MON-FRI",
        "time_zone": "Europe/Moscow",
    },
    "change_schedule": {"cron": "0 7 * * *"},
    "create_person": {"name": "Иван Иванов"},
    "create_long_task": {"task": "Пересчет норм выработки"},
    "replay_operations": {"kind": "deferred", "dry_run": True},
    "register": ACCOUNT | {"name": "Иван Петров"},
    "login": ACCOUNT,
    "update_profile": {"name": "Иван Сергеевич Петров"},
    "change_password": {"old_password": ACCOUNT["password"], "new_password": "correct horse battery"},
    "create_user": {"email": "anna.belova@example.com", "name": "Анна Белова", "roles": ["engineer"]},
    "update_user": {"roles": ["manager"]},
    "reset_password": {"password": "one-time-1"},
    "create_api_key": {
        "name": "Принтер этикеток, линия 1",
        "roles": ["engineer"],
        "expires_at": "2030-12-31T00:00:00Z",
    },
    "create_order": {"user_id": USER, "items": [BOLTS]},
    "update_order": {"items": [BOLTS, BOLTS | {"product": "Гайка М8, кг", "price": 231.0}]},
    "set_status": {"status": "in_progress"},
    "create_site": {
        "code": "ЖК-ЮГ-1",
        "name": "ЖК «Южный», корпус 1",
        "address": "Москва, ул. Садовая, 5",
        "customer_id": MANAGER,
    },
    "update_site": {"address": "Москва, ул. Строителей, 1, корпус 2"},
    "create_defect": {
        "site_id": SITE,
        "title": "Скол ступени",
        "description": "Скол 4 см по краю проступи.",
        "location": "Лестница Б, этаж 2",
        "severity": "medium",
        "due_date": "2030-01-20",
    },
    "update_defect": {"severity": "high"},
    "change_defect_status": {"status": "fixed", "comment": "Стянули анкерами"},
    "assign_defect": {"assignee_id": ENGINEER, "due_date": "2030-01-20"},
    "assign_defects": {"ids": [DEFECT], "assignee_id": ENGINEER, "due_date": "2030-01-20"},
    "add_comment": {"text": "Приступили, закончим завтра"},
    "add_attachment": {"name": "Фото 1.jpg", "content_type": "image/jpeg", "size": 48213},
    "create_webhook": {
        "url": EXAMPLES["url"],
        "events": ["batch.created", "batch.closed"],
        "secret_key": "my_secret_key",
        "notify_email": "user@example.com",
    },
    "update_webhook": {"retry_count": 5},
    "rotate_webhook_secret": {"secret_key": "next_secret_key"},
    "send_example": {"event": "batch.closed"},
    "redeliver_failed": {"since": "2025-01-20T00:00:00Z"},
    "receive_webhook": {"event": "batch.closed", "timestamp": "2025-01-20T20:00:00Z", "data": {}},
}
PARAMETERS: Mapping[tuple[str, str], Any] = {
    ("get_event_type", "name"): "batch.closed",
    ("get_console_asset", "name"): "icon.svg",
    ("get_docs_asset", "name"): "docs.js",
    ("list_dead_letters", "queue"): "deliveries",
    ("replay_dead_letters", "queue"): "deliveries",
    ("set_fault", "dependency"): "email",
    ("trace_code", "code"): "01046071234500172122222001",
    ("start_export", "format"): "xlsx",
    ("generate_batch_report", "format"): "pdf",
}
