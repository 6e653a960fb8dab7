"""The part of the API function: request a report on a batch from the function `batch_report` and wait for the result.

The function is a separate one because the layouts and the renderers take long to import.
"""

import json
from typing import Any

from botocore.exceptions import ReadTimeoutError

from chalicelib.batches import service as batches
from chalicelib.core import conditional, ids, mail, texts
from chalicelib.core.auth import Actor
from chalicelib.core.aws import client
from chalicelib.core.errors import AppError, Invalid, TimedOut, Unavailable
from chalicelib.core.settings import settings
from chalicelib.core.texts import text
from chalicelib.files import service as files
from chalicelib.quotas import service as quotas
from chalicelib.reports.batch_report.schemas import TOO_SLOW, BatchReport, BatchReportQuery


def generate(actor: Actor, *, batch_id: str, query: BatchReportQuery) -> BatchReport:
    """Have the report made and return where it is; a request that is repeated returns the report of the first."""
    file_id = ids.new()
    if ids.is_repeated() and (file := files.find(file_id)):
        return BatchReport.of(file)
    if query.user_email:
        mail.required_sender()
    quotas.check(actor, reports=1, emails=int(bool(query.user_email)))
    request: dict[str, Any] = {"batch_id": batch_id, "format": query.format, "user_email": query.user_email}
    request |= {"language": query.language or texts.current(), "time_zone": query.time_zone}
    request |= {"file_id": file_id, "user_id": actor.user_id, "user_name": actor.name, "user_roles": list(actor.roles)}
    if conditional.current():
        request["seen"] = batches.revision(batches.get_item(batch_id))
    result = _invoke(request)
    if "refusal" in result:
        raise _error_of(result)
    return BatchReport.model_validate(result)


def _invoke(request: dict[str, Any]) -> dict[str, Any]:
    name = f"{settings().stack_name}-batch-report"
    try:
        response = client("lambda").invoke(FunctionName=name, Payload=json.dumps(request).encode())
        result: dict[str, Any] = json.loads(response["Payload"].read())
    except ReadTimeoutError:
        raise TimedOut(text(TOO_SLOW)) from None
    if "FunctionError" in response:
        raise RuntimeError(f"{name} failed: {result}")
    return result


def _error_of(result: dict[str, Any]) -> AppError:
    if result["status"] == Invalid.default_status:
        return Invalid(result["refusal"])
    error = AppError(result["refusal"], code=result["code"])
    error.status = result["status"]
    if error.status == Unavailable.default_status:
        error.headers = dict(Unavailable.default_headers)
    return error
