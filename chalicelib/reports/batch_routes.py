"""The report on a batch, in the API area of production; loaded with every batch, so apart from the other reports."""

from uuid import UUID

from chalicelib.core.http import PRODUCTION, Actor, Routes
from chalicelib.reports import batch_order
from chalicelib.reports.schemas import BatchReport, BatchReportQuery

api = Routes(__name__, PRODUCTION)


@api.post("/api/batches/{batch_id}/reports/generate", status=201)
def generate_batch_report(actor: Actor, batch_id: UUID, query: BatchReportQuery) -> BatchReport:
    """Генерация отчета по партии."""
    return batch_order.order(actor, batch_id=str(batch_id), query=query)
