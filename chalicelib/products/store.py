"""Table `products`: products, their pointers, and deleted batches to purge. The pages of a batch: pages.py."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.operand import Path
from pynamodb.models import Model

from chalicelib.core import clock
from chalicelib.core.conversion import item_from, new_item, rendered
from chalicelib.core.dynamo import batch_get, erase, erase_all, fetch, query, table
from chalicelib.core.listing import Hidden, Listing
from chalicelib.core.reads import ItemKey, Raw, fetch_together
from chalicelib.core.transactions import Changed, Transaction, transaction
from chalicelib.products import model, pages
from chalicelib.products.model import Doer
from chalicelib.products.schemas import ProductQuery

PURGES = "purges"  # the partition of the deleted batches
PURGED_TOGETHER = 100  # products


@table("products")
class ProductItem(Model):
    """A product of a batch. `aggregated_by` is the `work_id` of its aggregation, `aggregated_by_user` the user."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    uuid = UnicodeAttribute()
    batch_id = UnicodeAttribute()
    number = NumberAttribute()
    unique_code = UnicodeAttribute()
    created_at = UnicodeAttribute()
    updated_at = UnicodeAttribute(null=True)
    is_aggregated = BooleanAttribute()
    aggregated_at = UnicodeAttribute(null=True)
    aggregated_by = UnicodeAttribute(null=True)
    aggregated_by_user = NumberAttribute(null=True)


@table("products")
class PointerItem(Model):
    """The batch and number of the product with an id. Its key makes a code unique within its batch.

    `added_by` is the background task that added the product, so that a repeated run finds its own products.
    `added_by_user` is the user.
    """

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True, default="pointer")
    batch_id = UnicodeAttribute()
    number = NumberAttribute()
    added_by = UnicodeAttribute(null=True)
    added_by_user = NumberAttribute(null=True)


@table("products")
class PurgeItem(Model):
    """A deleted batch, `sk`, whose products with numbers below `purge_upto` have to be deleted.

    Its products are not counted any more, and while this item exists they are not shown.
    """

    pk = UnicodeAttribute(hash_key=True, default=PURGES)
    sk = UnicodeAttribute(range_key=True)
    purge_upto = NumberAttribute()


def deleted_batches() -> set[str]:
    """Return the deleted batches whose products are not all deleted."""
    return {item.sk for item in query(PurgeItem, PURGES)}


PRODUCTS = Listing(
    "products",
    ProductItem,
    id_field="uuid",
    sorts=ProductQuery.SORTS,
    equals=("batch_id", "unique_code", "is_aggregated"),
    counted=("batch_id", "is_aggregated"),
    hidden=Hidden("batch_id", deleted_batches),
)


def new(batch_id: str, number: int, unique_code: str, at: datetime) -> ProductItem:
    """Make the product with a number (from 0) in its batch."""
    return new_item(
        ProductItem,
        pk=model.partition(batch_id, number),
        sk=f"{number:09d}",
        uuid=model.product_id(batch_id, unique_code),
        batch_id=batch_id,
        number=number,
        unique_code=unique_code,
        created_at=clock.to_text(at),
        is_aggregated=False,
    )


def find(
    product_id: str, related: Callable[[str], Iterable[ItemKey]] = lambda _: ()
) -> tuple[ProductItem | None, dict[ItemKey, Raw | None]]:
    """Read a product, and items related to its batch in the same request.

    None when it does not exist or its batch is deleted.
    """
    pointer = fetch(PointerItem, product_id, "pointer")
    if pointer is None:
        return None, {}
    number, mark = int(pointer.number), (PurgeItem, PURGES, pointer.batch_id)
    place = model.partition(pointer.batch_id, number)
    raw, others = fetch_together((ProductItem, place, f"{number:09d}"), [mark, *related(pointer.batch_id)])
    return (item_from(ProductItem, raw) if raw and others[mark] is None else None), others


def pointers(ids: Sequence[str]) -> list[PointerItem]:
    """Return the pointers of the products that exist."""
    return batch_get(PointerItem, [(product_id, "pointer") for product_id in ids])


def at_numbers(batch_id: str, numbers: Sequence[int]) -> list[ProductItem]:
    """Return the products of a batch that exist of these numbers, oldest first."""
    keys = [(model.partition(batch_id, number), f"{number:09d}") for number in numbers]
    return sorted(batch_get(ProductItem, keys), key=lambda item: int(item.number))


def get(product_id: str) -> ProductItem:
    """Return the product, or raise NotFound."""
    item, _ = find(product_id)
    if item is None:
        raise model.not_found()
    return item


def of_batch(batch_id: str, end: int, start: int = 0) -> Iterator[ProductItem]:
    """Yield the products of a batch from number `start` on, in this order, read consistently.

    Buckets that begin below `end` are read to their ends, so products added meanwhile may follow.
    """
    for first in range(start - start % model.BUCKET, end, model.BUCKET):
        later = (">=", f"{start:09d}") if first < start else None
        yield from query(ProductItem, model.partition(batch_id, first), sort=later)


def waiting(batch_id: str, numbers_used: int) -> list[ProductItem]:
    """Return the products with numbers below `numbers_used` that are not aggregated, oldest first, if all are in pages.

    They are made of the pages, which have a quarter of the size of the items.
    """
    return [
        new_item(ProductItem, pk=model.partition(batch_id, number), sk=f"{number:09d}", number=number, **shown)
        for number, shown in pages.read_waiting(batch_id, numbers_used)
    ]


# -- writing ----------------------------------------------------------------------------------------------------


_NOT_YET = rendered(Path("is_aggregated") == False)  # noqa: E712 - an expression, not a comparison


def add(tx: Transaction, items: Sequence[ProductItem], by: Doer) -> None:
    """Write new products of one batch; CodeTaken when a code exists."""
    for item in items:
        tx.put(item, index=PRODUCTS.index(item))
        pointer = new_item(PointerItem, pk=item.uuid, batch_id=item.batch_id, number=item.number, added_by=by.work_id)
        pointer.added_by_user = by.user_id
        tx.put_new(pointer, error=model.CodeTaken(item.unique_code))
    if items:  # all have the same counters
        PRODUCTS.count(tx, items[0], len(items))
    pages.write(tx, items)


def aggregate(tx: Transaction, items: Sequence[ProductItem], aggregated_at: datetime, at: datetime, by: Doer) -> None:
    """Mark products of one batch as aggregated; Conflict when one is already aggregated or deleted.

    Whole items are written: a product that is not aggregated has never been changed.
    """
    changes = {"is_aggregated": True, "aggregated_at": clock.to_text(aggregated_at)}
    changes |= {"updated_at": clock.to_text(at), "aggregated_by": by.work_id, "aggregated_by_user": by.user_id}
    for item in items:
        item.attribute_values.update(changes)
        tx.put(item, index=PRODUCTS.index(item), condition=_NOT_YET, error=model.AlreadyAggregated())
    tx.increment(PRODUCTS.counter("is_aggregated", False), -len(items))
    tx.increment(PRODUCTS.counter("is_aggregated", True), len(items))
    pages.write(tx, items)


def remove(tx: Transaction, items: Sequence[ProductItem]) -> None:
    """Delete products of one batch that have not changed since they were read."""
    for item in items:
        unchanged = Path("is_aggregated") == item.is_aggregated
        tx.delete(item, condition=unchanged, error=Changed())
        tx.delete(PointerItem(item.uuid))
        PRODUCTS.count(tx, item, -1)


def remove_with_pages(tx: Transaction, items: Sequence[ProductItem]) -> None:
    """Delete products of an existing batch, oldest first, from its pages too."""
    remove(tx, items)
    pages.hide(tx, items)


# -- purging ----------------------------------------------------------------------------------------------------


def hide(tx: Transaction, batch_id: str, numbers_used: int, total: int, aggregated: int) -> None:
    """Hide the products of a deleted batch, and subtract them from the counters. Numbers are below `numbers_used`."""
    tx.put(PurgeItem(PURGES, batch_id, purge_upto=numbers_used))
    tx.increment(PRODUCTS.name, -total)
    tx.increment(PRODUCTS.counter("batch_id", batch_id), -total)
    tx.increment(PRODUCTS.counter("is_aggregated", True), -aggregated)
    tx.increment(PRODUCTS.counter("is_aggregated", False), aggregated - total)


def _hide_late(batch_id: str) -> PurgeItem | None:
    """Return the mark of a batch that an earlier release has deleted, whose products were still counted."""
    before = fetch(PurgeItem, batch_id, "purge")
    if before is None:
        return None
    left = list(of_batch(batch_id, numbers_used := int(before.purge_upto)))
    with transaction() as tx:
        hide(tx, batch_id, numbers_used, len(left), sum(item.is_aggregated for item in left))
        tx.delete(before, condition=Path("pk").exists(), error=Changed())
    return fetch(PurgeItem, PURGES, batch_id)


def purge(batch_id: str) -> int:
    """Delete the remaining products of a deleted batch; returns their number.

    It may run twice and in parallel, because nothing is counted here.
    """
    mark = fetch(PurgeItem, PURGES, batch_id) or _hide_late(batch_id)
    if mark is None:
        return 0
    numbers_used, removed = int(mark.purge_upto), 0
    left = of_batch(batch_id, numbers_used)
    while chunk := list(islice(left, PURGED_TOGETHER)):
        erase_all([each for item in chunk for each in (item, PointerItem(item.uuid, "pointer"))])
        removed += len(chunk)
    pages.forget(batch_id, numbers_used)
    erase(mark)
    return removed
