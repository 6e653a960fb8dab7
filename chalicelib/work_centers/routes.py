"""`/api/work_centers`; DELETE is in batches, because it can delete batches too."""

from uuid import UUID

from chalicelib.core.fields import Page
from chalicelib.core.http import PRODUCTION, Actor, Routes
from chalicelib.work_centers import service
from chalicelib.work_centers.schemas import WorkCenter, WorkCenterCreate, WorkCenterPatch, WorkCenterQuery

api = Routes(PRODUCTION)


@api.post("/api/work_centers", status=201)
def create_work_center(actor: Actor, body: WorkCenterCreate) -> WorkCenter:
    """Создание рабочего центра.

    Заводит линию, цех или участок, чтобы создавать на нем партии. Идентификатор единственный: занятый даст 409.
    """
    return service.create(actor, body=body)


@api.get("/api/work_centers")
def list_work_centers(actor: Actor, query: WorkCenterQuery) -> Page[WorkCenter]:
    """Список рабочих центров.

    Страница рабочих центров, сначала новые. По `identifier` находится один: так принтер или ERP узнает `uuid` по
    своему обозначению.
    """
    return service.list_page(actor, query=query)


@api.get("/api/work_centers/{work_center_id}")
def get_work_center(actor: Actor, work_center_id: UUID) -> WorkCenter:
    """Рабочий центр по UUID.

    Показывает идентификатор и название; удаленный или неизвестный даст 404.
    """
    return service.get(actor, work_center_id=work_center_id)


@api.patch("/api/work_centers/{work_center_id}")
def update_work_center(actor: Actor, work_center_id: UUID, body: WorkCenterPatch) -> WorkCenter:
    """Изменение рабочего центра.

    Меняет только присланные поля. Партии остаются на этом рабочем центре; занятый идентификатор даст 409.
    """
    return service.update(actor, work_center_id=work_center_id, body=body)
