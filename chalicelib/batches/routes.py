"""`/api/batches`, and the routes of products and work centres that change batches too."""

from uuid import UUID

from chalicelib.background_tasks.schemas import Accepted
from chalicelib.batches import aggregation, bulk, codes, contents, deletion, service
from chalicelib.batches.schemas import (
    AddOneQuery,
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
    """Создание партии.

    Открывает партию, то есть сменное задание: что, где, какая смена и сколько по плану. Рабочий центр должен
    существовать (404), пара из номера и даты единственная (409). Подписчики получают `batch.created`.
    """
    return service.create(actor, body=body)


@api.get("/api/batches")
def list_batches(actor: Actor, query: BatchQuery) -> JsonOf[Page[Batch]]:
    """Список партий.

    Страница партий с их первыми продуктами, сначала новые. Фильтры действуют вместе; с `running=true` показаны
    смены, которые идут сейчас, с `with_products=false` ответ короче.
    """
    return service.list_page(actor, query=query)


@api.get("/api/batches/{batch_id}")
def get_batch(actor: Actor, batch_id: UUID) -> JsonOf[Batch]:
    """Партия по UUID.

    Показывает партию, ее план и факт и первые 1 000 продуктов; остальные дает `GET /api/products?batch_id=`.
    """
    return service.get(actor, batch_id=batch_id)


@api.patch("/api/batches/{batch_id}")
def update_batch(actor: Actor, batch_id: UUID, body: BatchPatch) -> JsonOf[Batch]:
    """Изменение партии.

    Меняет только присланные поля; `is_closed` закрывает партию или открывает ее снова. Чтобы не затереть чужое
    изменение, пришлите `If-Match`. Занятые номер и дата дадут 409.
    """
    return service.update(actor, batch_id=batch_id, body=body)


@api.delete("/api/batches/{batch_id}", status=204)
def delete_batch(actor: Actor, batch_id: UUID) -> None:
    """Удаление партии.

    Удаляет закрытую партию вместе с продуктами: они сразу исчезают из списков и показателей, номер и коды свободны.
    Открытую партию сначала закройте (409).
    """
    deletion.delete(actor, batch_id=batch_id)


@api.patch("/api/batches/{batch_id}/close")
def close_batch(actor: Actor, batch_id: UUID, body: Closing) -> JsonOf[Batch]:
    """Закрытие партии.

    После закрытия продукты не добавляются, не удаляются и не агрегируются (409). Уже закрытая партия и партия,
    которую агрегирует фоновая задача, дают 409; открыть снова можно изменением `is_closed`.
    """
    return service.close(actor, batch_id=batch_id, body=body)


@api.get("/api/batches/{batch_id}/events")
def batch_events(actor: Actor, batch_id: UUID, query: LogQuery) -> EventLog:
    """История партии.

    События партии от новых к старым, и после ее удаления. Внутренние события и адреса получателей отчетов видят
    только менеджер и администратор.
    """
    return service.event_log(actor, batch_id=batch_id, query=query)


@api.post("/api/batches/{batch_id}/products")
def add_product(actor: Actor, batch_id: UUID, body: ProductAdd, query: AddOneQuery) -> JsonOf[Batch]:
    """Добавление продукта в партию.

    Принтер или сканер вызывает это для каждого изделия. Код единственный в партии (409), в закрытую партию не
    добавляется ничего (409). После обрыва связи повторите запрос с тем же `Idempotency-Key`: второго продукта не
    будет. С `with_products=false` ответ всегда короткий, без продуктов партии и без `ETag`.
    """
    return contents.add_product(actor, batch_id=batch_id, body=body, with_products=query.with_products)


@api.post(
    "/api/batches/{batch_id}/products/bulk",
    status=202,
    raw=True,
    limit=codes.MAX_BODY_BYTES,
    accepts={"application/json": ProductsAdd, "text/csv": CodesTable},
)
def add_products(actor: Actor, batch_id: UUID, request: Request, query: AddQuery) -> Accepted:
    """Добавление многих продуктов в партию.

    До 100 000 кодов одним запросом: JSON или CSV с одним столбцом. Работа идет в фоне, ответ называет ее `task_id`;
    какие коды не приняты, скажет ее результат.
    """
    body = codes.read(request, query.mode)
    return bulk.start(actor, batch_id=batch_id, codes=body.codes, mode=body.mode, refused=body.refused)


@api.delete("/api/batches/{batch_id}/products/{product_id}")
def remove_product(actor: Actor, batch_id: UUID, product_id: UUID) -> JsonOf[Batch]:
    """Удаление продукта из партии.

    Убирает ошибочно добавленное изделие; его код в этой партии снова свободен. Из закрытой партии продукты не
    удаляются (409).
    """
    return contents.remove_product(actor, batch_id=batch_id, product_id=product_id)


@api.patch("/api/batches/{batch_id}/aggregate", status=202)
def aggregate_batch(actor: Actor, batch_id: UUID, body: Aggregation) -> JsonOf[Batch]:
    """Агрегация партии.

    Отмечает все продукты партии упакованными и отвечает, когда это сделано. Больше 5 000 продуктов дает 409: для
    них есть `aggregate_async`. Повтор ничего не меняет; закрытая партия дает 409.
    """
    return contents.aggregate(actor, batch_id=batch_id, body=body)


@api.patch("/api/batches/{batch_id}/aggregate_async", status=202)
def start_aggregation(actor: Actor, batch_id: UUID, body: AggregationTask) -> Accepted:
    """Агрегация в фоне.

    Агрегирует все продукты партии или названные коды и сразу отвечает `task_id`. Пока работа идет, партию нельзя
    закрыть, а вторая агрегация той же партии дает 409.
    """
    return aggregation.start(actor, batch_id=batch_id, body=body)


@api.patch("/api/products/{product_id}/aggregate")
def aggregate_product(actor: Actor, product_id: UUID, body: Aggregation) -> Product:
    """Агрегация продукта.

    Отмечает одно изделие упакованным. Уже агрегированный продукт и продукт закрытой партии дают 409.
    """
    return contents.aggregate_product(actor, product_id=product_id, body=body)


@api.delete("/api/work_centers/{work_center_id}", status=204)
def delete_work_center(actor: Actor, work_center_id: UUID, query: WorkCenterDelete) -> None:
    """Удаление рабочего центра.

    Пока на нем есть партии, ответ 409. С `cascade=true` партии удаляются вместе с ним, и открытые тоже; подписчики
    получают `work_center.deleted`.
    """
    deletion.delete_work_center(actor, work_center_id=work_center_id, cascade=query.cascade)
