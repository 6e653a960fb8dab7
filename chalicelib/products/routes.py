"""`/api/products`, reading; aggregation is in batches, because it changes their counts."""

from uuid import UUID

from chalicelib.core.fields import Page
from chalicelib.core.http import PRODUCTION, Actor, Routes
from chalicelib.products import service
from chalicelib.products.schemas import Product, ProductQuery

api = Routes(PRODUCTION)


@api.get("/api/products")
def list_products(actor: Actor, query: ProductQuery) -> Page[Product]:
    """Список продуктов.

    Страница продуктов всех партий или одной (`batch_id`). По `unique_code` находятся все партии, где есть этот код;
    подробности даст `GET /api/trace`.
    """
    return service.list_page(actor, query=query)


@api.get("/api/products/{product_id}")
def get_product(actor: Actor, product_id: UUID) -> Product:
    """Продукт по UUID.

    Показывает код, партию и когда продукт агрегирован; продукты удаленной партии дают 404.
    """
    return service.get(actor, product_id=product_id)
