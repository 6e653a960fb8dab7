"""Batches as clients see them, with the first of their products inside and no answer over 5 MB."""

from collections.abc import Iterator, Sequence
from itertools import islice

from chalicelib.batches.schemas import Batch, ShiftTimeRange
from chalicelib.batches.store import BatchItem
from chalicelib.products import service as products
from chalicelib.products.schemas import Product

IN_ONE = 1_000  # products inside a batch that is asked for alone
IN_LIST = 100  # products inside each batch of a list
LIST_BYTES = 4_000_000  # of products in one list: JSON escaping and the batches themselves need the rest of 5 MB
PRODUCT_BYTES = 330  # of one product in JSON, without its code


def whole(item: BatchItem) -> Batch:
    """One batch with its first 1,000 products."""
    return present(item, list(islice(_products(item), IN_ONE)))


def in_list(items: Sequence[BatchItem]) -> list[Batch]:
    """Batches with the first 100 products of each; fewer in the last ones where the whole would grow too large."""
    heads = products.heads([item.uuid for item in items])
    left = LIST_BYTES
    batches = []
    for item in items:
        first = heads[item.uuid]
        if len(first) < min(IN_LIST, item.products_total):  # some of the first hundred were removed
            first = list(islice(_products(item), IN_LIST))
        shown = list(_within(first, left))
        left -= sum(_size(product) for product in shown)
        batches.append(present(item, shown))
    return batches


def present(item: BatchItem, shown: list[Product]) -> Batch:
    """A batch with these products inside."""
    fields = {name: getattr(item, name) for name in Batch.model_fields if hasattr(item, name)}
    shift = ShiftTimeRange.model_validate({"start": item.shift_start, "end": item.shift_end})
    return Batch.model_validate(fields | {"shift_time_range": shift, "products": shown})


def _products(item: BatchItem) -> Iterator[Product]:
    return products.of_batch(item.uuid, int(item.products_seq)) if item.products_total else iter(())


def _within(candidates: list[Product], budget: int) -> Iterator[Product]:
    for product in candidates:
        budget -= _size(product)
        if budget < 0:
            return
        yield product


def _size(product: Product) -> int:
    return PRODUCT_BYTES + len(product.unique_code.encode())
