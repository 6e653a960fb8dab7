"""`/api/batches`, and the routes of products and work centres that change batches too."""

from uuid import UUID

from chalicelib.background_tasks.schemas import Accepted
from chalicelib.batches import aggregation, bulk, codes, contents, deletion, service
from chalicelib.batches.schemas import (
    AddQuery,
    AggregationTask,
    Batch,
    BatchCreate,
    BatchPatch,
    BatchQuery,
    Closing,
    CodesTable,
    ProductsAdd,
    WorkCenterDelete,
)
from chalicelib.core.fields import Page
from chalicelib.core.http import PRODUCTION, Actor, JsonOf, Request, Routes
from chalicelib.events.schemas import EventLog, LogQuery
from chalicelib.products.schemas import Aggregation, Product, ProductAdd

api = Routes(PRODUCTION)


@api.post("/api/batches", status=201)
def create_batch(actor: Actor, body: BatchCreate) -> JsonOf[Batch]:
    """Создание партии."""
    return service.create(actor, body=body)


@api.get("/api/batches")
def list_batches(actor: Actor, query: BatchQuery) -> JsonOf[Page[Batch]]:
    """Список партий."""
    return service.list_page(actor, query=query)


@api.get("/api/batches/{batch_id}")
def get_batch(actor: Actor, batch_id: UUID) -> JsonOf[Batch]:
    """Получение партии по ID."""
    return service.get(actor, batch_id=batch_id)


@api.patch("/api/batches/{batch_id}")
def update_batch(actor: Actor, batch_id: UUID, body: BatchPatch) -> JsonOf[Batch]:
    """Обновление партии."""
    return service.update(actor, batch_id=batch_id, body=body)


@api.delete("/api/batches/{batch_id}", status=204)
def delete_batch(actor: Actor, batch_id: UUID) -> None:
    """Удаление партии."""
    deletion.delete(actor, batch_id=batch_id)


@api.patch("/api/batches/{batch_id}/close")
def close_batch(actor: Actor, batch_id: UUID, body: Closing) -> JsonOf[Batch]:
    """Закрытие партии."""
    return service.close(actor, batch_id=batch_id, body=body)


@api.get("/api/batches/{batch_id}/events")
def batch_events(actor: Actor, batch_id: UUID, query: LogQuery) -> EventLog:
    """История событий партии."""
    return service.event_log(actor, batch_id=batch_id, query=query)


@api.post("/api/batches/{batch_id}/products")
def add_product(actor: Actor, batch_id: UUID, body: ProductAdd) -> JsonOf[Batch]:
    """Добавление продукта в партию."""
    return contents.add_product(actor, batch_id=batch_id, body=body)


@api.post(
    "/api/batches/{batch_id}/products/bulk",
    status=202,
    raw=True,
    limit=codes.MAX_BODY_BYTES,
    accepts={"application/json": ProductsAdd, "text/csv": CodesTable},
)
def add_products(actor: Actor, batch_id: UUID, request: Request, query: AddQuery) -> Accepted:
    """Добавление многих продуктов в партию: JSON со списком кодов или CSV с одним столбцом."""
    body = codes.read(request, query.mode)
    return bulk.start(actor, batch_id=batch_id, codes=body.codes, mode=body.mode, refused=body.refused)


@api.delete("/api/batches/{batch_id}/products/{product_id}")
def remove_product(actor: Actor, batch_id: UUID, product_id: UUID) -> JsonOf[Batch]:
    """Удаление продукта из партии."""
    return contents.remove_product(actor, batch_id=batch_id, product_id=product_id)


@api.patch("/api/batches/{batch_id}/aggregate", status=202)
def aggregate_batch(actor: Actor, batch_id: UUID, body: Aggregation) -> JsonOf[Batch]:
    """Агрегация партии."""
    return contents.aggregate(actor, batch_id=batch_id, body=body)


@api.patch("/api/batches/{batch_id}/aggregate_async", status=202)
def start_aggregation(actor: Actor, batch_id: UUID, body: AggregationTask) -> Accepted:
    """Агрегация партии (асинхронная задача)."""
    return aggregation.start(actor, batch_id=batch_id, body=body)


@api.patch("/api/products/{product_id}/aggregate")
def aggregate_product(actor: Actor, product_id: UUID, body: Aggregation) -> Product:
    """Агрегация продукта."""
    return contents.aggregate_product(actor, product_id=product_id, body=body)


@api.delete("/api/work_centers/{work_center_id}", status=204)
def delete_work_center(actor: Actor, work_center_id: UUID, query: WorkCenterDelete) -> None:
    """Удаление рабочего центра."""
    deletion.delete_work_center(actor, work_center_id=work_center_id, cascade=query.cascade)
