"""What Schemathesis is told about the API beyond its document: how to make some values, and which refusals of values
that fit their schemas are right, because the rule is one between fields, or between a field and the time.

Loaded by schemathesis.toml.
"""

import json
from datetime import UTC, datetime
from typing import Any

import schemathesis
from hypothesis import strategies as st

# Rules that JSON Schema has no words for: the operations, maybe with the content type, and what the answer says.
RULES: tuple[tuple[str, str], ...] = (
    ("", "неизвестное поле"),  # with `Prefer: handling=strict`
    ("POST ", "Idempotency-Key уже использован с другим запросом"),
    ("GET ", "курсор не от этого списка, сортировки или фильтра"),
    ("GET /api/analytics/", "период не длиннее 366 дней"),
    ("GET /api/analytics/", "должно быть не позже date_to"),
    ("GET /api/v1/defects", "должно быть не позже due_to"),
    ("POST /v1/api-keys", "expires_at: должно быть в будущем"),
    ("POST /orders", "сумма заказа не больше"),
    ("POST /v1/users/password/reset", "Код недействителен"),
    ("PUT /orders/", "сумма заказа не больше"),
    ("PUT /orders/", "укажите items или status"),
    ("POST /api/batches", "должно быть позже shift_start"),
    ("PATCH /api/batches/", "должно быть позже shift_start"),
    ("POST /api/batches/import", "указано несколько раз"),  # a list in a field of the form that nobody asked for
    ("POST /api/batches/import", "Неподдерживаемый тип файла"),
    ("POST /api/batches/import", "Содержимое файла не является"),
    ("POST /api/batches/{batch_id}/products/bulk text/csv", '"loc":["body","unique_codes"'),  # a line is no code
    ("POST /api/batches/{batch_id}/products/bulk", "не является корректным CSV"),
    ("POST /api/batches/{batch_id}/products/bulk text/csv", "назовите столбец с кодами unique_code"),
    ("POST /api/v1/defects/{defect_id}/attachments", "имя файла этого типа оканчивается на"),
    ("POST /api/v1/operations/replay", "укажите либо ids"),
    ("POST /api/v1/operations/replay", "курсор не от этого списка"),
    ("POST /api/v1/schedules", "такого типа заданий нет"),
    ("PATCH /api/v1/schedules/", "такого типа заданий нет"),
    ("PATCH /api/v1/schedules/", "payload"),
    ("POST /api/v1/schedules", "payload"),
    ("POST /api/v1/schedules", "укажите cron или rate"),
    ("POST /api/v1/schedules", "укажите либо cron, либо rate"),
    ("PATCH /api/v1/schedules/", "укажите либо cron, либо rate"),
    ("POST /api/v1/tasks", "execute_at: должно быть в будущем"),
    ("PATCH /api/v1/tasks/", "execute_at: должно быть в будущем"),
)
FIRST, LAST = datetime(1900, 1, 2), datetime(2999, 12, 30)


@schemathesis.hook
def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:
    """Whether a failure counts."""
    match type(failure).__name__:
        case "RejectedPositiveData":
            asked, said = f"{case.operation.label} {case.media_type}", response.text
            ruled = any(asked.startswith(where) and rule in said for where, rule in RULES)
            return not ruled and not _of_another_kind(case)
        case "AcceptedNegativeData":
            return not any(map(_sent_like_a_number, (case.query or {}).values()))
    return True


def _of_another_kind(case: Any) -> bool:
    """Whether an id in the path came from an answer whose field has that name and is another id (`task_id`)."""
    parameters = case.operation.path_parameters.items
    numbers = [one.name for one in parameters if one.definition["schema"]["type"] == "integer"]
    return any(not str(case.path_parameters[name]).isdigit() for name in numbers)


def _sent_like_a_number(value: Any) -> bool:
    """Whether it is `[1.0]`, which a query cannot tell from 1."""
    return isinstance(value, list) and len(value) == 1 and isinstance(value[0], float) and value[0].is_integer()


@schemathesis.hook
def map_path_parameters(context: Any, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
    """Whole numbers without `.0`: a JSON Schema has only values, a path has digits."""
    if path_parameters is None:
        return None
    return {name: _whole(value) for name, value in path_parameters.items()}


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


_MOMENTS = st.datetimes(FIRST, LAST, timezones=st.just(UTC))
schemathesis.openapi.format("date-time", _MOMENTS.map(_text))
schemathesis.openapi.format("date", _MOMENTS.map(lambda moment: moment.date().isoformat()))
schemathesis.openapi.format("cron", st.sampled_from(["0 8 * * 1-5", "*/15 * * * *", "30 2 1 * *"]))
schemathesis.openapi.format("time-zone", st.sampled_from(["UTC", "Europe/Moscow", "Asia/Vladivostok"]))
schemathesis.openapi.format("json-object", st.dictionaries(st.text("abc"), st.integers()).map(json.dumps))
