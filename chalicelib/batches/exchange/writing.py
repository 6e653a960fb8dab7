"""Carrying out plans: many small ones in one transaction, a large one in several."""

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import islice

from chalicelib.batches import model, service, store
from chalicelib.batches.exchange.plans import Plan
from chalicelib.batches.service import record
from chalicelib.batches.store import BatchItem
from chalicelib.core import clock
from chalicelib.core.transactions import MAX_WRITES, Transaction, optimistic, transaction
from chalicelib.events import service as events
from chalicelib.products import service as products
from chalicelib.products.service import ProductItem

PART = 44  # products added by one transaction: each takes 2 of its 100 writes; pages, batch, event, counters the rest
SMALL = 40  # products that are written together with their batch
CHANGE = 10  # writes of a change: batch, event, totals, two for each of three counted fields
NEW = 16  # writes of a new batch: item, claim, three events, totals, ten counters and pages


def is_small(plan: Plan) -> bool:
    """It fits into a transaction with others."""
    return len(plan.codes) <= SMALL if plan.is_new else not plan.codes


def most_writes(plan: Plan) -> int:
    """As many writes as a small plan takes at most."""
    if not plan.is_new:
        return 0 if plan.empty else CHANGE
    return NEW + 2 * len(plan.codes) + len(plan.codes) // 25


def fill(tx: Transaction, plans: Sequence[Plan]) -> int:
    """Put the first of some small plans into a transaction, as many as it holds; returns how many."""
    for number, plan in enumerate(plans):
        if number and len(tx) + most_writes(plan) > MAX_WRITES:
            return number
        if plan.is_new:
            _create(tx, plan, plan.codes)
        else:
            _change(tx, plan)
    return len(plans)


def alone(plan: Plan, tick: Callable[[int], None]) -> None:
    """Carry out any plan. It may be left half done; what is missing is planned again then."""
    with transaction() as tx:
        if is_small(plan):
            fill(tx, [plan])
        elif plan.is_new:
            _create(tx, plan, [])
        else:
            _change(tx, plan)
    if is_small(plan):
        return
    codes = iter(plan.codes)
    while part := list(islice(codes, PART)):
        _add(plan.item.uuid, part)
        tick(0)
    if plan.close_at:
        _close(plan.item.uuid, plan.close_at)


def _create(tx: Transaction, plan: Plan, codes: Sequence[str]) -> None:
    """A new batch with these products; closed when they are all of them."""
    item, at = plan.item, clock.from_text(plan.item.created_at)
    made = [products.new(item.uuid, number, code, at) for number, code in enumerate(codes)]
    item.products_seq = item.products_total = len(made)
    closed_at = plan.close_at if len(codes) == len(plan.codes) else None
    if closed_at:
        item.is_closed, item.closed_at = True, clock.to_text(closed_at)
    store.add(tx, item)
    products.add(tx, made)
    record(tx, item, "batch.created", batch_date=item.batch_date, work_center_id=item.work_center_id)
    _record_added(tx, item, made, at)
    if closed_at:
        record(tx, item, "batch.closed", closed_at=clock.to_json(closed_at))


def _change(tx: Transaction, plan: Plan) -> None:
    """Fields of a batch, and its state, which is not closed before all products are in."""
    at = clock.now()
    if plan.reopen:
        service.write_reopening(tx, plan.item, at, plan.changes)
    elif plan.close_at and not plan.codes:
        service.write_closing(tx, plan.item, at, plan.close_at, plan.changes)
    elif plan.changes:
        store.change(tx, plan.item, at, plan.changes)


@optimistic
def _add(batch_id: str, codes: Sequence[str]) -> None:
    item = store.reserve_numbers(batch_id, len(codes), model.closed("продукты не добавляются"))
    first, at = int(item.products_seq) - len(codes), clock.now()
    made = [products.new(item.uuid, number, code, at) for number, code in enumerate(codes, start=first)]
    with transaction() as tx:
        products.add(tx, made)
        store.touch(tx, item, at, products=len(made))
        _record_added(tx, item, made, at)


@optimistic
def _close(batch_id: str, closed_at: datetime) -> None:
    item, at = store.get(batch_id), clock.now()
    if not item.is_closed:
        service.check_closing(item, at)
        with transaction() as tx:
            service.write_closing(tx, item, at, closed_at, {})


def _record_added(tx: Transaction, item: BatchItem, made: Sequence[ProductItem], at: datetime) -> None:
    about = {"batch_id": item.uuid, "batch_number": int(item.batch_number)}
    entries = [(item.uuid, {**about, "product_id": one.uuid, "unique_code": one.unique_code}) for one in made]
    events.record_many(tx, "batch.product_added", f"batch#{item.uuid}", at, entries)
