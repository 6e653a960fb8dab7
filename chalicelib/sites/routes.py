"""`/api/v1/sites`; the progress of a site is in defects."""

from uuid import UUID

from chalicelib.core.fields import Page
from chalicelib.core.http import CONSTRUCTION, Actor, Routes
from chalicelib.sites import service
from chalicelib.sites.schemas import Site, SiteCreate, SitePatch, SiteQuery

api = Routes(CONSTRUCTION)


@api.post("/api/v1/sites", status=201)
def create_site(actor: Actor, body: SiteCreate) -> Site:
    """Создание объекта.

    Заводит объект строительства. Код единственный (409); `customer_id` дает заказчику видеть объект и его дефекты.
    """
    return service.create(actor, body=body)


@api.get("/api/v1/sites")
def list_sites(actor: Actor, query: SiteQuery) -> Page[Site]:
    """Список объектов.

    Страница объектов; заказчик видит только свои.
    """
    return service.list_page(actor, query=query)


@api.get("/api/v1/sites/{site_id}")
def get_site(actor: Actor, site_id: UUID) -> Site:
    """Объект по UUID.

    Код, название, адрес, заказчик и статус.
    """
    return service.get(actor, site_id=site_id)


@api.patch("/api/v1/sites/{site_id}")
def update_site(actor: Actor, site_id: UUID, body: SitePatch) -> Site:
    """Изменение объекта.

    Меняет присланные поля; завершенный объект (`finished`) новых дефектов не принимает. Если `version` уже другая,
    ответ 409.
    """
    return service.update(actor, site_id=site_id, body=body)


@api.delete("/api/v1/sites/{site_id}", status=204)
def delete_site(actor: Actor, site_id: UUID) -> None:
    """Удаление объекта.

    Только объект без дефектов (иначе 409): остальные завершают изменением статуса.
    """
    service.delete(actor, site_id=site_id)
