"""Table `products`: products, their pointers, and what is to be purged. The pages of a batch: pages.py."""

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
PURGED = 100  # products that are removed before the next ones are read


@table("products")
class ProductItem(Model):
    """A product of a batch. `aggregated_by` is the background task that did it, `aggregated_by_user` whose it was."""

    class Meta:
        pass

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
    """Where the product with an id is. Its key makes a code unique within its batch.

    `added_by` is the background task that added the product: so it knows its own when it has to do something again.
    `added_by_user` is who added it, or had it added.
    """

    class Meta:
        pass

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True, default="pointer")
    batch_id = UnicodeAttribute()
    number = NumberAttribute()
    added_by = UnicodeAttribute(null=True)
    added_by_user = NumberAttribute(null=True)


@table("products")
class PurgeItem(Model):
    """A deleted batch, `sk`, whose products with numbers below `purge_upto` are to be removed.

    Its products count nowhere any more, and while this item is there nothing shows them.
    """

    class Meta:
        pass

    pk = UnicodeAttribute(hash_key=True, default=PURGES)
    sk = UnicodeAttribute(range_key=True)
    purge_upto = NumberAttribute()


def deleted_batches() -> set[str]:
    """The batches that are deleted and whose products are not all removed yet."""
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
    """A product about to be added as the `number`-th of its batch, from 0."""
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
    product_id: str, beside: Callable[[str], Iterable[ItemKey]] = lambda _: ()
) -> tuple[ProductItem | None, dict[ItemKey, Raw | None]]:
    """The product with that id, and items that are read in the same request, named by the id of its batch.

    None for one whose batch is deleted, too.
    """
    pointer = fetch(PointerItem, product_id, "pointer")
    if pointer is None:
        return None, {}
    number, mark = int(pointer.number), (PurgeItem, PURGES, pointer.batch_id)
    place = model.partition(pointer.batch_id, number)
    raw, others = fetch_together((ProductItem, place, f"{number:09d}"), [mark, *beside(pointer.batch_id)])
    return (item_from(ProductItem, raw) if raw and others[mark] is None else None), others


def pointers(ids: Sequence[str]) -> list[PointerItem]:
    """The pointers of those products that are there."""
    return batch_get(PointerItem, [(one, "pointer") for one in ids])


def at_numbers(batch_id: str, numbers: Sequence[int]) -> list[ProductItem]:
    """The products of a batch that have these numbers, oldest first; those that are gone are left out."""
    keys = [(model.partition(batch_id, number), f"{number:09d}") for number in numbers]
    return sorted(batch_get(ProductItem, keys), key=lambda item: int(item.number))


def get(product_id: str) -> ProductItem:
    """The product, or NotFound."""
    item, _ = find(product_id)
    if item is None:
        raise model.not_found()
    return item


def of_batch(batch_id: str, upto: int, start: int = 0) -> Iterator[ProductItem]:
    """The products of a batch in the order they were added, numbers `start` to `upto` - 1, read consistently."""
    for first in range(start - start % model.BUCKET, upto, model.BUCKET):
        later = (">=", f"{start:09d}") if first < start else None
        yield from query(ProductItem, model.partition(batch_id, first), sort=later)


def waiting(batch_id: str, upto: int) -> list[ProductItem]:
    """The products with numbers below `upto` that are not aggregated, oldest first, if pages hold all of those numbers.

    Made of the pages, which are a quarter of what the items are.
    """
    return [
        new_item(ProductItem, pk=model.partition(batch_id, number), sk=f"{number:09d}", number=number, **shown)
        for number, shown in pages.read_waiting(batch_id, upto)
    ]


# -- writing ----------------------------------------------------------------------------------------------------


_NOT_YET = rendered(Path("is_aggregated") == False)  # noqa: E712 - an expression, not a comparison


def add(tx: Transaction, items: Sequence[ProductItem], by: Doer) -> None:
    """Write new products of one batch; CodeTaken when a code is there already."""
    for item in items:
        tx.put(item, index=PRODUCTS.index(item))
        pointer = new_item(PointerItem, pk=item.uuid, batch_id=item.batch_id, number=item.number, added_by=by.run)
        pointer.added_by_user = by.user_id
        tx.put_new(pointer, error=model.CodeTaken(item.unique_code))
    if items:  # what is counted of them is the same for each
        PRODUCTS.count(tx, items[0], len(items))
    pages.write(tx, items)


def aggregate(tx: Transaction, items: Sequence[ProductItem], aggregated_at: datetime, at: datetime, by: Doer) -> None:
    """Mark products of one batch as aggregated; Conflict when one is already, or gone.

    They are written whole: of a product that is there and not aggregated nothing else can have changed.
    """
    changes = {"is_aggregated": True, "aggregated_at": clock.to_text(aggregated_at)}
    changes |= {"updated_at": clock.to_text(at), "aggregated_by": by.run, "aggregated_by_user": by.user_id}
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


def take_out(tx: Transaction, items: Sequence[ProductItem]) -> None:
    """Delete products of a batch that stays, oldest first, and show them no more."""
    remove(tx, items)
    pages.hide(tx, items)


# -- purging ----------------------------------------------------------------------------------------------------


def hide(tx: Transaction, batch_id: str, upto: int, total: int, aggregated: int) -> None:
    """Count out the products of a batch that is deleted, all with numbers below `upto`, and show them no more."""
    tx.put(PurgeItem(PURGES, batch_id, purge_upto=upto))
    tx.increment(PRODUCTS.name, -total)
    tx.increment(PRODUCTS.counter("batch_id", batch_id), -total)
    tx.increment(PRODUCTS.counter("is_aggregated", True), -aggregated)
    tx.increment(PRODUCTS.counter("is_aggregated", False), aggregated - total)


def _hide_late(batch_id: str) -> PurgeItem | None:
    """The mark of a batch that the version before this one has deleted, whose products were still counted."""
    before = fetch(PurgeItem, batch_id, "purge")
    if before is None:
        return None
    left = list(of_batch(batch_id, upto := int(before.purge_upto)))
    with transaction() as tx:
        hide(tx, batch_id, upto, len(left), sum(item.is_aggregated for item in left))
        tx.delete(before, condition=Path("pk").exists(), error=Changed())
    return fetch(PurgeItem, PURGES, batch_id)


def purge(batch_id: str) -> int:
    """Remove what is left of the products of a deleted batch; returns how many there were.

    It may run twice and side by side, since nothing is counted here.
    """
    mark = fetch(PurgeItem, PURGES, batch_id) or _hide_late(batch_id)
    if mark is None:
        return 0
    upto, removed = int(mark.purge_upto), 0
    left = of_batch(batch_id, upto)
    while chunk := list(islice(left, PURGED)):
        erase_all([one for item in chunk for one in (item, PointerItem(item.uuid, "pointer"))])
        removed += len(chunk)
    pages.forget(batch_id, upto)
    erase(mark)
    return removed
