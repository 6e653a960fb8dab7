"""Use cases of batches: create, read, change, close, reopen. Their products: contents.py; deleting: deletion.py."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

from chalicelib.batches import leases, model, store, totals, view
from chalicelib.batches import running as running_shifts
from chalicelib.batches.schemas import Batch, BatchCreate, BatchPatch, BatchQuery, Closing
from chalicelib.batches.store import BATCHES, BatchItem
from chalicelib.core import clock, ids
from chalicelib.core.answers import JsonOf
from chalicelib.core.auth import ADMINISTRATOR, Actor
from chalicelib.core.errors import NotFound
from chalicelib.core.fields import Page
from chalicelib.core.settings import settings
from chalicelib.core.transactions import Transaction, optimistic, transaction
from chalicelib.events import service as events
from chalicelib.events.schemas import EventLog, LogQuery
from chalicelib.products import service as products
from chalicelib.products.schemas import Product
from chalicelib.work_centers import service as work_centers

__all__ = ["BatchItem"]


def create(actor: Actor, *, body: BatchCreate) -> JsonOf[Batch]:
    """Create an open batch at an existing work centre."""
    work_centers.get(actor, work_center_id=body.work_center_id)
    at = clock.now()
    fields = store.as_attributes(body.model_dump())
    item = BatchItem(ids.new(), created_at=clock.to_text(at), is_closed=False, version=1, **fields)
    with transaction() as tx:
        store.add(tx, item)
        extra = {"batch_date": item.batch_date, "work_center_id": item.work_center_id}
        record(tx, item, "batch.created", **extra)
    return view.batch_without_products(item)


def get(actor: Actor, *, batch_id: UUID) -> JsonOf[Batch]:
    """Return a batch with its first products."""
    return view.batch_by_id(str(batch_id))


def list_page(actor: Actor, *, query: BatchQuery) -> JsonOf[Page[Batch]]:
    """Return a page of batches, each with its first products if the query asks for them."""
    if query.running:
        return view.running_page(query.request(), clock.now(), with_products=query.with_products)
    return view.page(query.request(), with_products=query.with_products)


@optimistic
def update(actor: Actor, *, batch_id: UUID, body: BatchPatch) -> JsonOf[Batch]:
    """Change the given fields; `is_closed` closes or reopens as well."""
    item, known = store.get_with(str(batch_id), products.first_page_keys([str(batch_id)]))
    changes = body.model_dump(exclude_none=True, exclude={"is_closed"})
    if "planned_quantity" in body.model_fields_set:
        changes["planned_quantity"] = body.planned_quantity  # null removes it
    start = changes.get("shift_start", clock.from_text(item.shift_start))
    model.check_shift(start, changes.get("shift_end", clock.from_text(item.shift_end)))
    if body.work_center_id and str(body.work_center_id) != item.work_center_id:
        work_centers.get(actor, work_center_id=body.work_center_id)
    if body.is_closed:
        return _close(item, known, Closing(), store.as_attributes(changes))
    reopened = body.is_closed is False and item.is_closed
    if not changes and not reopened:
        return view.batch_with_products(item, known)
    at = clock.now()
    with transaction() as tx:
        if reopened:
            write_reopening(tx, item, at, store.as_attributes(changes))
        else:
            store.change(tx, item, at, store.as_attributes(changes))
    return view.batch_with_products(item, known)


@optimistic
def close(actor: Actor, *, batch_id: UUID, body: Closing) -> JsonOf[Batch]:
    """Close an open batch."""
    item, known = store.get_with(str(batch_id), products.first_page_keys([str(batch_id)]))
    return _close(item, known, body, {})


def _close(item: BatchItem, known: view.Known, body: Closing, changes: dict[str, Any]) -> JsonOf[Batch]:
    at = clock.now()
    check_closing(item, at)
    with transaction() as tx:
        write_closing(tx, item, at, body.closed_at or at, changes)
    return view.batch_with_products(item, known)


def check_closing(item: BatchItem, at: datetime, adding: int = 0) -> None:
    """Raise Conflict when the batch cannot be closed now, with `adding` more products."""
    if item.is_closed:
        raise model.already_closed()
    if item.busy_until and item.busy_until >= clock.to_text(at):
        raise model.BeingAggregated
    required = settings().close_requires_aggregation
    model.check_closable(int(item.products_total) + adding, int(item.aggregated_total), requires_aggregation=required)


def write_closing(tx: Transaction, item: BatchItem, at: datetime, closed_at: datetime, changes: dict[str, Any]) -> None:
    """Close a batch that is as it was read, and set fields with it."""
    required = settings().close_requires_aggregation
    only_if = leases.is_free(at) & store.same_products(item) if required else leases.is_free(at)
    store.change(tx, item, at, changes | {"is_closed": True, "closed_at": clock.to_text(closed_at)}, only_if)
    record(tx, item, "batch.closed", closed_at=clock.to_json(closed_at))


def write_reopening(tx: Transaction, item: BatchItem, at: datetime, changes: dict[str, Any]) -> None:
    """Open a closed batch that is as it was read, and set fields with it."""
    store.change(tx, item, at, changes | {"is_closed": False, "closed_at": None})
    record(tx, item, "batch.opened", opened_at=clock.to_json(at))


def event_log(actor: Actor, *, batch_id: UUID, query: LogQuery) -> EventLog:
    """Return the events of a batch, newest first; also of a deleted one, while events are stored."""
    log = events.list_page(actor, f"batch#{batch_id}", query)
    if not log.items and query.cursor is None:
        raise model.not_found()
    return log


def record(tx: Transaction, item: BatchItem, name: str, **data: Any) -> None:
    """Record an event of a batch, with its id and number."""
    data |= {"batch_id": item.uuid, "batch_number": int(item.batch_number)}
    events.record(tx, name, f"batch#{item.uuid}", clock.now(), **data)


# -- for reports and analytics --------------------------------------------------------------------------------------


def count(**filters: bool) -> int:
    """Count the batches, or those that match filters of the list."""
    return BATCHES.total(filters)


def totals_between(date_from: date, date_to: date) -> Iterator[totals.TotalsBucket]:
    """Yield the totals buckets of a period, shard by shard, both days included; no batch is read."""
    return totals.between(date_from, date_to)


def get_item(batch_id: str) -> BatchItem:
    """Return a batch without its products, or raise NotFound."""
    return store.get(batch_id)


find_many, running = store.find_many, running_shifts.find
revision, require_revision = store.revision, store.require_revision


def products_of(batch: BatchItem) -> Iterator[Product]:
    """Yield all products of a batch, oldest first, read page by page."""
    return products.of_batch(batch.uuid, int(batch.products_seq))


def between(date_from: date, date_to: date, work_center_id: UUID | None = None) -> Iterator[BatchItem]:
    """Yield the batches of a period, both days included, oldest first; of all work centres or one."""
    return BATCHES.every(_of_period(date_from, date_to, work_center_id), sort_field="batch_date")


def count_between(date_from: date, date_to: date, work_center_id: UUID | None = None) -> int:
    """Count the batches of a period."""
    return BATCHES.total(_of_period(date_from, date_to, work_center_id))


def _of_period(date_from: date, date_to: date, work_center_id: UUID | None) -> dict[str, Any]:
    """Return the filters of a period."""
    filters: dict[str, Any] = {"batch_date_from": date_from, "batch_date_to": date_to}
    return filters | ({"work_center_id": str(work_center_id)} if work_center_id else {})


def work_center_names(batch: BatchItem) -> tuple[str, str]:
    """Return identifier and name of the work centre of a batch; a dash and nothing when it does not exist."""
    try:
        center = work_centers.get(ADMINISTRATOR, work_center_id=UUID(batch.work_center_id))
    except NotFound:
        return "—", ""
    return center.identifier, center.name


def work_center_title(batch: BatchItem) -> str:
    """Return identifier and name of the work centre of a batch as one text."""
    return " ".join(work_center_names(batch)).rstrip()
