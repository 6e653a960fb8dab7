"""Asking for the report on a batch, and waiting for it: what the api function does of batch_report.py.

The layouts and the renderer are loaded by the function that makes it, not here.
"""

import json
from typing import Any

from botocore.exceptions import ReadTimeoutError

from chalicelib.batches import service as batches
from chalicelib.core import conditional, ids, mail
from chalicelib.core.auth import Actor
from chalicelib.core.aws import client
from chalicelib.core.errors import AppError, TimedOut, Unavailable
from chalicelib.core.settings import settings
from chalicelib.files import service as files
from chalicelib.files.model import File
from chalicelib.quotas import service as quotas
from chalicelib.reports.schemas import BatchReport, BatchReportQuery

LATE = "Отчет не успел построиться за отведенное время; для больших партий используйте POST /api/v1/reports (шаблон 3)"

Answer = dict[str, Any]


def order(actor: Actor, *, batch_id: str, query: BatchReportQuery) -> BatchReport:
    """Have the report made; returns when it is there."""
    file_id = ids.new()
    if ids.is_repeated() and (file := files.find(file_id)):
        return BatchReport.model_validate(answer_of(file))
    if query.user_email:
        mail.check_sender()
    quotas.check(actor, reports=1, emails=int(bool(query.user_email)))
    asked: Answer = {"batch_id": batch_id, "format": query.format, "user_email": query.user_email}
    asked |= {"file_id": file_id, "user_id": actor.user_id, "user_name": actor.name, "user_roles": list(actor.roles)}
    if conditional.current():  # the other function is told what this request has seen
        asked["seen"] = batches.revision(batches.item(batch_id))
    answer = _call(asked)
    if "refusal" in answer:
        refusal = AppError(answer["refusal"], code=answer["code"])
        refusal.status = answer["status"]
        if refusal.status == Unavailable.default_status:
            refusal.headers = dict(Unavailable.default_headers)
        raise refusal
    return BatchReport.model_validate(answer)


def answer_of(file: File) -> Answer:
    """Where a report is."""
    return {"report_path": f"/reports/{file.id}.{file.format}", "download_url": file.download_url}


def _call(asked: Answer) -> Answer:
    name = f"{settings().stack_name}-batch-report"
    try:
        answer = client("lambda").invoke(FunctionName=name, Payload=json.dumps(asked).encode())
        told: Answer = json.loads(answer["Payload"].read())
    except ReadTimeoutError:
        raise TimedOut(LATE) from None
    if "FunctionError" in answer:
        raise RuntimeError(f"{name} failed: {told}")
    return told
