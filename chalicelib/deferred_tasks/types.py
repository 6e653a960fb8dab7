"""The types of tasks that use AWS and the network only; reports adds `generate_report`."""

import json
import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from chalicelib.core import addresses, mail, outgoing
from chalicelib.core.aws import client
from chalicelib.core.errors import Unavailable
from chalicelib.core.fields import Email, Input, LongText, Name
from chalicelib.core.retries import DEFERRED_TASK
from chalicelib.core.settings import settings
from chalicelib.core.texts import text
from chalicelib.deferred_tasks.model import Failure
from chalicelib.deferred_tasks.registry import Job, Result, task_type

EVENT_SOURCE = "shopfloor.tasks"  # the rules of domain events match `shopfloor`
MAX_TIMEOUT_SECONDS = 30  # shorter than the lease of a task
MAX_HEADERS = 50
FORBIDDEN_HEADERS = frozenset({"host", "content-length", "transfer-encoding", "connection"})
_PHONE = re.compile(r"\+?[1-9][0-9]{6,14}")
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}")


def _headers(headers: dict[str, str]) -> dict[str, str]:
    for name, value in headers.items():
        if not _HEADER.fullmatch(name) or name.lower() in FORBIDDEN_HEADERS:
            raise ValueError(text("заголовок {name} не допускается", name=name[:50]))
        if not value.isprintable() or len(value) > 4_000:
            raise ValueError(text("недопустимое значение заголовка {name}", name=name[:50]))
        if not value.isascii():
            raise ValueError(text("заголовок {name}: допускаются только символы ASCII", name=name[:50]))
    return headers


def _phone(number: str) -> str:
    digits = re.sub(r"[ ()-]", "", number)
    if not _PHONE.fullmatch(digits):
        raise ValueError(text("ожидается номер телефона, например +79991234567"))
    return digits if digits.startswith("+") else f"+{digits}"


def _url(url: str) -> str:
    addresses.parse(url)
    return url


class Callback(Input):
    """The payload of `http_callback`; `data` is sent as JSON, a string as it is."""

    url: Annotated[str, AfterValidator(_url)]
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"] = "POST"
    headers: Annotated[dict[str, str], Field(max_length=MAX_HEADERS), AfterValidator(_headers)] = {}
    data: Any = None
    timeout: Annotated[int, Field(ge=1, le=MAX_TIMEOUT_SECONDS)] = 10


def _host(payload: Callback) -> str:
    target = addresses.parse(payload.url)
    return f"{target.host}:{target.port}"


@task_type("http_callback", roles=("engineer", "manager", "admin"), quota="callbacks", calls=_host)
def http_callback(payload: Callback, job: Job) -> Result:
    """Send one request, to the same hosts as webhooks; any response but 2xx is a failure."""
    body, headers = b"", {"Idempotency-Key": job.key, "X-Task-Id": str(job.number), "X-Task-Attempt": str(job.attempt)}
    if payload.data is not None:
        is_text = isinstance(payload.data, str)
        body = (payload.data if is_text else json.dumps(payload.data, ensure_ascii=False)).encode()
        headers["Content-Type"] = "text/plain; charset=utf-8" if is_text else "application/json"
    elif payload.method not in ("GET", "HEAD"):
        headers["Content-Length"] = "0"
    own_names = {name.lower() for name in payload.headers}
    headers = {name: value for name, value in headers.items() if name.lower() not in own_names} | payload.headers
    try:
        answer = outgoing.request(payload.method, payload.url, headers, body, float(payload.timeout))
    except outgoing.Failed as failure:
        raise Failure(failure.text, final=failure.kind == "refused", outage=failure.kind != "refused") from failure
    if not 200 <= answer.status < 300:
        asked = min(answer.retry_after, DEFERRED_TASK.max_seconds)
        reason = text("Получатель ответил {status}", status=answer.status)
        raise Failure(reason, retry_after=asked, outage=answer.status >= 500)
    return {"status": answer.status, "ms": answer.ms}


class EmailPayload(Input):
    """The payload of `send_email`."""

    to: Email
    subject: Annotated[Name, Field(default_factory=lambda: text("Без темы"))]
    body: str = ""


@task_type("send_email", roles=("manager", "admin"), quota="emails")
def send_email(payload: EmailPayload) -> Result:
    """Send an email."""
    return {"message_id": mail.send(payload.to, payload.subject, payload.body)}


class Sms(Input):
    """The payload of `send_sms`."""

    phone: Annotated[str, AfterValidator(_phone)]
    text: Annotated[LongText, Field(max_length=1_600)]


@task_type("send_sms", roles=("manager", "admin"), quota="sms")
def send_sms(payload: Sms) -> Result:
    """Send a text message."""
    sent = client("sns").publish(PhoneNumber=payload.phone, Message=payload.text)
    return {"message_id": sent["MessageId"]}


class BusEvent(Input):
    """The payload of `publish_event`."""

    name: Annotated[Name, Field(max_length=128)]
    detail: Any = None


@task_type("publish_event", roles=("manager", "admin"))
def publish_event(payload: BusEvent, job: Job) -> Result:
    """Put an event on the bus, with a source of its own; a detail that is no object is wrapped: `{"detail": ...}`."""
    detail = payload.detail if isinstance(payload.detail, dict) else {"detail": payload.detail}
    entry = {
        "EventBusName": f"{settings().stack_name}-bus",
        "Source": EVENT_SOURCE,
        "DetailType": payload.name,
        "Detail": json.dumps(detail, ensure_ascii=False),
        "Resources": [job.key],
    }
    (answer,) = client("events").put_events(Entries=[entry])["Entries"]
    if "ErrorCode" in answer:
        raise Unavailable(text("Шина не приняла событие: {code}", code=answer["ErrorCode"]))
    return {"event_id": answer["EventId"]}
