"""`/api/products`, reading; aggregation is in batches, because it changes their counts."""

from uuid import UUID

from chalicelib.core.fields import Page
from chalicelib.core.http import PRODUCTION, Actor, Routes
from chalicelib.products import service
from chalicelib.products.schemas import Product, ProductQuery

api = Routes(PRODUCTION)


@api.get("/api/products")
def list_products(actor: Actor, query: ProductQuery) -> Page[Product]:
    """Список продуктов."""
    return service.list_page(actor, query=query)


@api.get("/api/products/{product_id}")
def get_product(actor: Actor, product_id: UUID) -> Product:
    """Получение продукта по ID."""
    return service.get(actor, product_id=product_id)
