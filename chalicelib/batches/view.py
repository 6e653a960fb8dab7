"""Batches as clients see them, with the first of their products inside and no answer over 5 MB."""

import re
from collections.abc import Iterator, Sequence

from chalicelib.batches.schemas import Batch, ShiftTimeRange
from chalicelib.batches.store import BatchItem
from chalicelib.products import service as products
from chalicelib.products.schemas import Product

IN_ONE = 1_000  # products inside a batch that is asked for alone
IN_LIST = 100  # products inside each batch of a list
LIST_BYTES = 5_000_000  # of one list as Lambda carries it: JSON, in which every quote is escaped once more
BATCH_BYTES, PRODUCT_BYTES = 900, 380  # of one of them so, without the texts that clients choose
ESCAPED = re.compile(r'["\\\n\r\t]')


def whole(item: BatchItem) -> Batch:
    """One batch with its first 1,000 products."""
    return present(item, _first([item], IN_ONE)[item.uuid])


def in_list(items: Sequence[BatchItem]) -> list[Batch]:
    """Batches with the first 100 products of each; fewer in the last ones where the whole would grow too large."""
    first = _first(items, IN_LIST)
    left = LIST_BYTES - sum(map(_batch_size, items))
    batches = []
    for item in items:
        shown = list(_within(first[item.uuid], left))
        left -= sum(map(_product_size, shown))
        batches.append(present(item, shown))
    return batches


def present(item: BatchItem, shown: list[Product]) -> Batch:
    """A batch with these products inside."""
    fields = {name: item.attribute_values.get(name) for name in Batch.model_fields}
    shift = ShiftTimeRange.model_validate({"start": item.shift_start, "end": item.shift_end})
    return Batch.model_validate(fields | {"shift_time_range": shift, "products": shown})


def _first(items: Sequence[BatchItem], count: int) -> dict[str, list[Product]]:
    return products.first({item.uuid: int(item.products_seq) for item in items}, count)


def _within(candidates: list[Product], budget: int) -> Iterator[Product]:
    for product in candidates:
        budget -= _product_size(product)
        if budget < 0:
            return
        yield product


def _batch_size(item: BatchItem) -> int:
    texts = (item.task_description, item.shift, item.team, item.nomenclature, item.ekn_code)
    return BATCH_BYTES + _size("".join(texts))


def _product_size(product: Product) -> int:
    return PRODUCT_BYTES + _size(product.unique_code)


def _size(text: str) -> int:
    return len(text.encode()) + 3 * len(ESCAPED.findall(text))
