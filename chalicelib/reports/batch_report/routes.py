"""`/api/batches/{batch_id}/reports/generate`. Loaded with the other routes of batches, without those of reports."""

from uuid import UUID

from chalicelib.core.http import PRODUCTION, Actor, Routes
from chalicelib.reports.batch_report import service
from chalicelib.reports.batch_report.schemas import BatchReport, BatchReportQuery

api = Routes(PRODUCTION)


@api.post("/api/batches/{batch_id}/reports/generate", status=201)
def generate_batch_report(actor: Actor, batch_id: UUID, query: BatchReportQuery) -> BatchReport:
    """Отчет по партии сразу.

    Делает файл, пока вы ждете, и может отправить его письмом. Для больших партий закажите отчет по шаблону 3: здесь
    время ограничено (504).
    """
    return service.generate(actor, batch_id=str(batch_id), query=query)
