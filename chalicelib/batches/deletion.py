"""Use cases of deleting: a batch with its products, a work centre with its batches.

One transaction deletes a batch and hides its products: they are not counted any more, no list shows them and no id
finds them. Their items are deleted later: at once when there are few, otherwise (or when this run dies) by the listener
of `batch.deleted`, which may run twice and in parallel.
"""

from uuid import UUID

from chalicelib.batches import model, store
from chalicelib.batches.service import record
from chalicelib.batches.store import BATCHES, BatchItem
from chalicelib.core.auth import Actor
from chalicelib.core.settings import settings
from chalicelib.core.transactions import optimistic, transaction
from chalicelib.products import service as products
from chalicelib.work_centers import service as work_centers

CASCADE_LIMIT = 200  # batches deleted with their work centre in one request


@optimistic
def delete(actor: Actor, *, batch_id: UUID) -> None:
    """Delete a closed batch and all its products."""
    item = store.get(str(batch_id))
    if not item.is_closed:
        raise model.still_open()
    _delete(item, settings().inline_purge_limit)


def delete_work_center(actor: Actor, *, work_center_id: UUID, cascade: bool) -> None:
    """Delete a work centre; with `cascade` its batches first, open ones too."""
    work_centers.get(actor, work_center_id=work_center_id)
    mine = {"work_center_id": work_center_id}
    if cascade and (total := BATCHES.total(mine)):
        if total > CASCADE_LIMIT:
            raise model.too_many_to_cascade(total, CASCADE_LIMIT)
        left = settings().inline_purge_limit
        for item in list(BATCHES.every(mine)):
            left -= _delete_even_open(item.uuid, left)
    work_centers.delete(actor, work_center_id=work_center_id)


@optimistic
def _delete_even_open(batch_id: str, purge_limit: int) -> int:
    item = store.find(batch_id)
    return _delete(item, purge_limit) if item else 0


def _delete(item: BatchItem, purge_limit: int) -> int:
    """Delete a batch, and its products at once if there are at most `purge_limit`; returns how many were deleted."""
    with transaction() as tx:
        store.remove(tx, item)
        total, aggregated = int(item.products_total), int(item.aggregated_total)
        products.hide(tx, item.uuid, int(item.products_seq), total, aggregated)
        record(tx, item, "batch.deleted")
    return products.purge(item.uuid) if item.products_total <= purge_limit else 0
