"""The lease of a batch: while an aggregation has it, the batch is not closed and not aggregated by another one."""

from datetime import datetime

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action

from chalicelib.batches import model, store
from chalicelib.batches.store import BatchItem
from chalicelib.core import clock
from chalicelib.core.dynamo import update_if
from chalicelib.core.transactions import Changed, Transaction


def take(batch_id: str, owner: str, at: datetime) -> BatchItem:
    """Take the lease of an open batch, or renew the owner's; returns the batch as it is now."""
    item = BatchItem(batch_id)
    free: Condition = is_free(at) | (Path("busy_by") == owner)
    if not update_if(item, _leased(owner, at), Path("uuid").exists() & store.OPEN & free, keeps_snapshot=True):
        raise model.Closed(model.NOT_AGGREGATED) if store.get(batch_id).is_closed else model.BeingAggregated
    return item


def take_in(tx: Transaction, item: BatchItem, owner: str, at: datetime) -> None:
    """Take the lease in a transaction: Changed unless the batch has it free and is as `item` was read."""
    tx.update(item, _leased(owner, at), condition=(Path("version") == item.version) & is_free(at), error=Changed())


def release_in(tx: Transaction, item: BatchItem, owner: str, at: datetime) -> None:
    """End the lease in a transaction, if `item` has the owner's, and set `updated_at`.

    Changed if another has the lease, or fields of the batch have changed since it was read.
    """
    actions = store.set_fields(item, {"updated_at": clock.to_text(at)})
    condition: Condition = Path("version") == item.version
    if item.busy_by == owner:
        actions, condition = actions + _NOT_LEASED, condition & (Path("busy_by") == owner)
    tx.update(item, actions, condition=condition, error=Changed())


def release(batch_id: str, owner: str) -> None:
    """End the lease, if it is still the owner's."""
    update_if(BatchItem(batch_id), _NOT_LEASED, Path("busy_by") == owner)


def is_free(at: datetime) -> Condition:
    """Return the condition that a batch has no lease, or an expired one."""
    free_or_expired: Condition = Path("busy_until").does_not_exist() | (Path("busy_until") < clock.to_text(at))
    return free_or_expired


_NOT_LEASED: list[Action] = [Path("busy_until").remove(), Path("busy_by").remove()]


def _leased(owner: str, at: datetime) -> list[Action]:
    until = clock.to_text(at + model.AGGREGATION_LEASE)
    return [Path("busy_until").set(until), Path("busy_by").set(owner)]
