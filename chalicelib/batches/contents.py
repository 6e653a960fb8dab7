"""Use cases of the products in a batch: add one, remove one, aggregate one or all."""

import uuid
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextvars import copy_context
from datetime import datetime
from uuid import UUID

from chalicelib.batches import leases, model, store, view
from chalicelib.batches.schemas import Batch
from chalicelib.batches.service import record
from chalicelib.batches.store import BatchItem
from chalicelib.core import clock, conditional, ids
from chalicelib.core.answers import JsonOf
from chalicelib.core.auth import Actor
from chalicelib.core.settings import settings
from chalicelib.core.threads import own_threads
from chalicelib.core.transactions import Changed, Transaction, optimistic, transaction
from chalicelib.events import service as events
from chalicelib.products import service as products
from chalicelib.products.schemas import Aggregation, Product, ProductAdd
from chalicelib.products.service import Doer, ProductItem

# of the 100 writes of a transaction, 94 are products and their pages; the other six: batch, totals, 2 counters, event,
# fence of the task
WRITES_PER_PORTION = 94

Fence = Callable[[Transaction], None]
"""Adds to a transaction the condition that the run of the task is the current one."""


def add_product(actor: Actor, *, batch_id: UUID, body: ProductAdd, with_products: bool = True) -> JsonOf[Batch]:
    """Add a product to an open batch. `with_products` False: the answer has none, and they are not read.

    Usually there is no other writer: the batch is read once and written with the next number, and the response follows
    from both. After a conflict the number is reserved by a separate write, which many writers can do at a time.
    """
    if ids.made_before():  # a killed run of this request (Idempotency-Key) has added it
        return _shown(str(batch_id), with_products=with_products)
    try:
        return _add_next(actor, str(batch_id), body.unique_code, with_products=with_products)
    except Changed:
        _add_numbered(actor, str(batch_id), body.unique_code)
        return _shown(str(batch_id), with_products=with_products)


def _shown(batch_id: str, *, with_products: bool) -> JsonOf[Batch]:
    return view.batch_by_id(batch_id) if with_products else view.batch_in_part(store.get(batch_id))


def _add_next(actor: Actor, batch_id: str, unique_code: str, *, with_products: bool) -> JsonOf[Batch]:
    pointer = products.code_pointer_key(batch_id, unique_code)
    pages = products.probable_page_keys(batch_id) if with_products else ()
    item, known = store.get_with(batch_id, [pointer, *pages])
    if known[pointer] is not None:
        raise products.CodeTaken(unique_code)
    if item.is_closed:
        raise model.Closed(model.NOT_ADDED)
    at = clock.now()
    product = products.new(item.uuid, int(item.products_seq), unique_code, at)
    with transaction() as tx:
        _write_added(tx, actor, item, product)
        store.count_next_product(tx, item, at)
    return view.batch_with_added(item, known, product) if with_products else view.batch_in_part(item)


@optimistic
def _add_numbered(actor: Actor, batch_id: str, unique_code: str) -> None:
    item = store.reserve_numbers(batch_id, 1, model.Closed(model.NOT_ADDED))
    at = clock.now()
    product = products.new(item.uuid, int(item.products_seq) - 1, unique_code, at)
    with transaction() as tx:
        _write_added(tx, actor, item, product)
        store.count_products(tx, item, at, products=+1)


def _write_added(tx: Transaction, actor: Actor, item: BatchItem, product: ProductItem) -> None:
    products.add(tx, [product], Doer(actor.user_id))
    tx.note_made(product.uuid)
    record(tx, item, "batch.product_added", product_id=product.uuid, unique_code=product.unique_code)


@optimistic
def remove_product(actor: Actor, *, batch_id: UUID, product_id: UUID) -> JsonOf[Batch]:
    """Delete a product of an open batch."""
    item, known = store.get_with(str(batch_id), [products.pointer_key(str(product_id))])
    product = products.item_in_batch(str(batch_id), str(product_id), known)
    if item.is_closed:
        raise model.Closed("продукты не удаляются")
    with transaction() as tx:
        products.remove(tx, [product])
        store.count_products(tx, item, clock.now(), products=-1, aggregated=-1 if product.is_aggregated else 0)
        record(tx, item, "batch.product_removed", product_id=product.uuid, unique_code=product.unique_code)
    return view.batch_by_id(item.uuid)


@optimistic
def aggregate_product(actor: Actor, *, product_id: UUID, body: Aggregation) -> Product:
    """Aggregate one product of an open batch; Conflict when it is already aggregated."""
    product, known = products.item_with(str(product_id), lambda batch_id: [store.item_key(batch_id)])
    if product.is_aggregated:
        raise products.AlreadyAggregated
    batch = store.from_raw(known[store.item_key(product.batch_id)])
    _check_open(batch)
    with transaction() as tx:
        _aggregate(tx, batch, [product], body.aggregated_at, Doer(actor.user_id))
    return Product.model_validate(product)


def aggregate(actor: Actor, *, batch_id: UUID, body: Aggregation) -> JsonOf[Batch]:
    """Aggregate every product of an open batch that is not aggregated; the others keep their time.

    The batch is leased meanwhile: it is not closed and not aggregated by another request. A killed request leaves
    whole portions aggregated; the next one continues there.
    """
    item = _open(str(batch_id))
    limit, left = settings().sync_aggregation_limit, int(item.products_total - item.aggregated_total)
    if left > limit:
        raise model.too_many_to_aggregate(left, limit, item.uuid)
    at, owner = clock.now(), str(uuid.uuid4())
    item, when = leases.take(item.uuid, owner, at), body.aggregated_at or at
    waiting = products.waiting(item.uuid, int(item.products_seq), int(item.products_total - item.aggregated_total))
    written: list[ProductItem] = []
    try:
        by = Doer(actor.user_id, owner)
        count = sum(aggregate_many(item, waiting, when, by, written=written))
        _end_aggregation(item, owner, when, count)
    except conditional.Outdated:  # nothing is aggregated yet: after its first transaction a request is not Outdated
        conditional.release()
        leases.release(item.uuid, owner)
        raise
    return view.aggregated_batch(item.uuid, int(item.products_seq), written)


def _end_aggregation(item: BatchItem, owner: str, when: datetime, count: int) -> None:
    try:
        with transaction() as tx:
            write_end(tx, item, owner, when, count)
    except Changed:  # a field was changed, or the lease has expired and another aggregation has it
        _end_aggregation_anew(item.uuid, owner, when, count)


@optimistic
def _end_aggregation_anew(batch_id: str, owner: str, when: datetime, count: int) -> None:
    with transaction() as tx:
        write_end(tx, store.get(batch_id), owner, when, count)


def write_end(tx: Transaction, item: BatchItem, owner: str, when: datetime, count: int) -> None:
    """Write the end of an aggregation of `count` products, and end the lease of the batch."""
    leases.release_in(tx, item, owner, clock.now())
    record(tx, item, "batch.aggregated", aggregated_at=clock.to_json(when), count=count)


def aggregate_many(
    batch: BatchItem,
    waiting: Iterable[ProductItem],
    when: datetime,
    by: Doer,
    fence: Fence | None = None,
    written: list[ProductItem] | None = None,
) -> Iterator[int]:
    """Aggregate products of an open batch, one transaction after the other; yields the number that each aggregated.

    A transaction is made while the one before is sent. `aggregate_portion` repeats one that had a conflict. Products of
    the others, which are stored exactly as they are here, are added to `written`.
    """
    written = [] if written is None else written
    with own_threads(1) as pool:
        sent: tuple[list[ProductItem], Future[None]] | None = None
        for part in products.portions(waiting, WRITES_PER_PORTION):
            tx = Transaction()
            if fence:
                fence(tx)
            _aggregate(tx, batch, part, when, by)
            if sent:
                yield _wait_for(batch.uuid, *sent, when, by, fence, written)
            sent = part, pool.submit(copy_context().run, tx.commit)
        if sent:
            yield _wait_for(batch.uuid, *sent, when, by, fence, written)


def _wait_for(
    batch_id: str,
    part: list[ProductItem],
    commit: Future[None],
    when: datetime,
    by: Doer,
    fence: Fence | None,
    written: list[ProductItem],
) -> int:
    """Wait for the transaction of `part`, and repeat it after a conflict; returns how many products are aggregated."""
    try:
        commit.result()
    except (products.AlreadyAggregated, Changed):
        return aggregate_portion(batch_id, part, when, by, fence)
    written += part
    return len(part)


def aggregate_portion(
    batch_id: str, portion: list[ProductItem], when: datetime, by: Doer, fence: Fence | None = None
) -> int:
    """Aggregate products of an open batch in one transaction; returns how many are aggregated by the work `by`.

    Products that were removed, or that other work has aggregated, are left out.
    """
    done, waiting = 0, portion
    while waiting:
        try:
            _try_portion(batch_id, waiting, when, by, fence)
        except products.AlreadyAggregated:
            now = products.read_again(waiting)
            done += sum(product.aggregated_by == by.work_id for product in now)
            waiting = [product for product in now if not product.is_aggregated]
        else:
            return done + len(waiting)
    return done


@optimistic
def _try_portion(batch_id: str, portion: list[ProductItem], when: datetime, by: Doer, fence: Fence | None) -> None:
    with transaction() as tx:
        if fence:
            fence(tx)
        _aggregate(tx, _open(batch_id), portion, when, by)


def _open(batch_id: str) -> BatchItem:
    item = store.get(batch_id)
    _check_open(item)
    return item


def _check_open(item: BatchItem) -> None:
    if item.is_closed:
        raise model.Closed(model.NOT_AGGREGATED)


def _aggregate(tx: Transaction, batch: BatchItem, portion: list[ProductItem], when: datetime | None, by: Doer) -> None:
    at = clock.now()
    when = when or at
    products.aggregate(tx, portion, when, at, by)
    store.count_aggregated(tx, batch, len(portion))
    data = {"batch_id": batch.uuid, "aggregated_at": clock.to_json(when)}
    entries = [(product.uuid, {"product_id": product.uuid, **data}) for product in portion]
    events.record_many(tx, "product.aggregated", f"batch#{batch.uuid}", at, entries)
