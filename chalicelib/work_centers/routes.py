"""`/api/work_centers`; DELETE is in batches, because it can delete batches too."""

from uuid import UUID

from chalicelib.core.fields import Page
from chalicelib.core.http import PRODUCTION, Actor, Routes
from chalicelib.work_centers import service
from chalicelib.work_centers.schemas import WorkCenter, WorkCenterCreate, WorkCenterPatch, WorkCenterQuery

api = Routes(PRODUCTION)


@api.post("/api/work_centers", status=201)
def create_work_center(actor: Actor, body: WorkCenterCreate) -> WorkCenter:
    """Создание рабочего центра."""
    return service.create(actor, body=body)


@api.get("/api/work_centers")
def list_work_centers(actor: Actor, query: WorkCenterQuery) -> Page[WorkCenter]:
    """Список рабочих центров."""
    return service.list_page(actor, query=query)


@api.get("/api/work_centers/{work_center_id}")
def get_work_center(actor: Actor, work_center_id: UUID) -> WorkCenter:
    """Получение рабочего центра по ID."""
    return service.get(actor, work_center_id=work_center_id)


@api.patch("/api/work_centers/{work_center_id}")
def update_work_center(actor: Actor, work_center_id: UUID, body: WorkCenterPatch) -> WorkCenter:
    """Обновление рабочего центра."""
    return service.update(actor, work_center_id=work_center_id, body=body)
