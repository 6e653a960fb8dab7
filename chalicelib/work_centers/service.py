"""Use cases of work centres. Deleting one together with its batches is a use case of batches."""

from uuid import UUID

from chalicelib.core import clock, ids
from chalicelib.core.auth import Actor
from chalicelib.core.dynamo import owner_of
from chalicelib.core.errors import Conflict
from chalicelib.core.fields import Page
from chalicelib.core.transactions import optimistic, transaction
from chalicelib.events import service as events
from chalicelib.work_centers import model, store
from chalicelib.work_centers.schemas import WorkCenter, WorkCenterCreate, WorkCenterPatch, WorkCenterQuery
from chalicelib.work_centers.store import WORK_CENTERS, WorkCenterItem

several = store.several


def create(actor: Actor, *, body: WorkCenterCreate) -> WorkCenter:
    """Create a work centre."""
    at = clock.now()
    item = WorkCenterItem(
        ids.new(), created_at=clock.to_text(at), identifier=body.identifier, name=body.name, version=1
    )
    with transaction() as tx:
        store.add(tx, item)
    return WorkCenter.model_validate(item)


def find(identifier: str) -> str | None:
    """Return the id of the work centre with that identifier."""
    return owner_of(model.identifier_claim(identifier))


def find_or_create(actor: Actor, *, identifier: str, name: str) -> str:
    """Return the id of the work centre with that identifier; create it once if it does not exist."""
    found = find(identifier)
    if found:
        return found
    try:
        return str(create(actor, body=WorkCenterCreate(identifier=identifier, name=name)).uuid)
    except Conflict:
        return find_or_create(actor, identifier=identifier, name=name)


def get(actor: Actor, *, work_center_id: UUID) -> WorkCenter:
    """Return a work centre."""
    return WorkCenter.model_validate(store.get(str(work_center_id)))


def list_page(actor: Actor, *, query: WorkCenterQuery) -> Page[WorkCenter]:
    """Return a page of work centres."""
    page = WORK_CENTERS.page(query.request())
    return Page.of(page, [WorkCenter.model_validate(item) for item in page.items])


@optimistic
def update(actor: Actor, *, work_center_id: UUID, body: WorkCenterPatch) -> WorkCenter:
    """Change the given fields of a work centre."""
    item = store.get(str(work_center_id))
    changes = body.model_dump(exclude_none=True)
    if changes:
        with transaction() as tx:
            store.change(tx, item, clock.now(), **changes)
    return WorkCenter.model_validate(item)


@optimistic
def delete(actor: Actor, *, work_center_id: UUID) -> None:
    """Delete a work centre that has no batches."""
    item = store.get(str(work_center_id))
    with transaction() as tx:
        store.remove(tx, item)
        events.record(tx, "work_center.deleted", f"work_center#{item.uuid}", clock.now(), work_center_id=item.uuid)
