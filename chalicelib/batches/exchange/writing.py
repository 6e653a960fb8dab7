"""Writes of plans: many small plans in one transaction, a large one in several."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from chalicelib.batches import model, service, store
from chalicelib.batches.exchange.plans import Plan
from chalicelib.batches.service import record
from chalicelib.batches.store import BatchItem
from chalicelib.core import clock
from chalicelib.core.transactions import Transaction, optimistic, transaction
from chalicelib.events import service as events
from chalicelib.products import service as products
from chalicelib.products.service import Doer, ProductItem

PRODUCTS_PER_TRANSACTION = 44  # 2 of 100 writes each; the others for pages, batch, event, counters
MAX_PRODUCTS_OF_SMALL_PLAN = 40  # that are written together with their batch


def is_small(plan: Plan) -> bool:
    """Return whether a plan fits into a transaction with others."""
    return len(plan.codes) <= MAX_PRODUCTS_OF_SMALL_PLAN if plan.is_new else not plan.codes


def pack(plans: Iterable[Plan]) -> Iterator[tuple[Transaction, int]]:
    """Yield transactions of small plans, as many as fit into each, with the number of plans in it."""
    tx, count = Transaction(), 0
    for plan in plans:
        own = _writes_of(plan)
        if not tx.absorb(own):
            yield tx, count
            tx, count = own, 0
        count += 1
    if count:
        yield tx, count


def _writes_of(plan: Plan) -> Transaction:
    tx = Transaction()
    if plan.is_new:
        _create(tx, plan, plan.codes)
    else:
        _change(tx, plan)
    return tx


def apply(plan: Plan, tick: Callable[[int], None]) -> None:
    """Apply any plan. A part may be applied before an error; the next plan has what is missing."""
    if is_small(plan):
        _writes_of(plan).commit()
        return
    with transaction() as tx:
        if plan.is_new:
            _create(tx, plan, [])
        else:
            _change(tx, plan)
    codes = iter(plan.codes)
    while part := list(islice(codes, PRODUCTS_PER_TRANSACTION)):
        _add(plan.item.uuid, part, Doer(plan.user_id))
        tick(0)
    if plan.close_at:
        _close(plan.item.uuid, plan.close_at)


def _create(tx: Transaction, plan: Plan, codes: Sequence[str]) -> None:
    """Write a new batch with these products; closed when these are all of them."""
    item, at = plan.item, clock.from_text(plan.item.created_at)
    made = [products.new(item.uuid, number, code, at) for number, code in enumerate(codes)]
    item.products_seq = item.products_total = len(made)
    closed_at = plan.close_at if len(codes) == len(plan.codes) else None
    if closed_at:
        item.is_closed, item.closed_at = True, clock.to_text(closed_at)
    store.add(tx, item)
    products.add(tx, made, Doer(plan.user_id))
    record(tx, item, "batch.created", batch_date=item.batch_date, work_center_id=item.work_center_id)
    _record_added(tx, item, made, at)
    if closed_at:
        record(tx, item, "batch.closed", closed_at=clock.to_json(closed_at))


def _change(tx: Transaction, plan: Plan) -> None:
    """Write fields of a batch and its state; it is not closed before all products are added."""
    at = clock.now()
    if plan.reopen:
        service.write_reopening(tx, plan.item, at, plan.changes)
    elif plan.close_at and not plan.codes:
        service.write_closing(tx, plan.item, at, plan.close_at, plan.changes)
    elif plan.changes:
        store.change(tx, plan.item, at, plan.changes)


@optimistic
def _add(batch_id: str, codes: Sequence[str], by: Doer) -> None:
    item = store.reserve_numbers(batch_id, len(codes), model.Closed(model.NOT_ADDED))
    first, at = int(item.products_seq) - len(codes), clock.now()
    made = [products.new(item.uuid, number, code, at) for number, code in enumerate(codes, start=first)]
    with transaction() as tx:
        products.add(tx, made, by)
        store.count_products(tx, item, at, products=len(made))
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
    entries = [
        (item.uuid, {**about, "product_id": product.uuid, "unique_code": product.unique_code}) for product in made
    ]
    events.record_many(tx, "batch.product_added", f"batch#{item.uuid}", at, entries)
