"""Health checks of the service and its tables; they need no token on any stage."""

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.core.aws import client
from chalicelib.core.dynamo import table_name
from chalicelib.core.http import PRODUCTION, TASKS, Raw, Routes
from chalicelib.core.texts import text

api = Routes(PRODUCTION)
tasks_api = Routes(TASKS)


@api.get("/api/healthcheck/service", public=True)
def service_health() -> dict[str, str]:
    """Отвечает ли сервис.

    Всегда `ok`, без обращения к базе данных.
    """
    return {"status": "ok"}


@api.get("/api/healthcheck/database", public=True)
def database_health() -> dict[str, str]:
    """Отвечает ли база данных.

    Читает одну запись. Ответ всегда 200: `status` равен `ok`, или `error` с причиной в `message`.
    """
    try:
        client("dynamodb").get_item(
            TableName=table_name("idempotency"), Key={"id": {"S": "health"}}, ConsistentRead=True
        )
    except ClientError as error:
        return {
            "status": "error",
            "message": text("База данных отвечает ошибкой: {code}", code=error.response["Error"]["Code"]),
        }
    except BotoCoreError as error:
        return {"status": "error", "message": text("Нет связи с базой данных: {name}", name=type(error).__name__)}
    return {"status": "ok"}


@tasks_api.get("/api/v1/health", public=True)
def tasks_health() -> Raw:
    """Отвечает ли API заданий.

    Всегда `OK`, без обращения к базе данных.
    """
    return Raw("OK", "text/plain; charset=utf-8")
