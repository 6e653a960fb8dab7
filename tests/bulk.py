"""Writes many products at once: the items that adding them one by one writes, without events."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

from pynamodb.expressions.operand import Path

from chalicelib.batches import store as batches
from chalicelib.batches import totals
from chalicelib.batches.store import BatchItem
from chalicelib.batches.totals import TotalsItem
from chalicelib.core import clock
from chalicelib.core.aws import client
from chalicelib.core.counters import CounterItem
from chalicelib.core.dynamo import table_name
from chalicelib.core.transactions import transaction
from chalicelib.products import model, pages
from chalicelib.products.store import PRODUCTS, PointerItem, ProductItem, new

BATCH_WRITE = 25
WRITES = 1_000


def load_products(batch_id: str, count: int, code: str = "N") -> None:
    """Add `count` products, `<code>-<number>`, to a batch."""
    item = batches.get(batch_id)
    first, at = int(item.products_seq), clock.now()
    instants = (at + timedelta(microseconds=number) for number in range(count))
    made = [new(batch_id, first + n, f"{code}-{first + n}", instant) for n, instant in enumerate(instants)]
    rows = (row for product in made for row in _rows(product))
    while chunk := list(islice(rows, BATCH_WRITE)):
        puts = [{"PutRequest": {"Item": row}} for row in chunk]
        client("dynamodb").batch_write_item(RequestItems={table_name("products"): puts})
    for name in ("products", PRODUCTS.counter("batch_id", batch_id), PRODUCTS.counter("is_aggregated", False)):
        CounterItem(f"{name}#0").update(actions=[Path("n").add(count)])
    TotalsItem(*totals.key_of(item)).update(actions=[Path("products").add(count)])
    shown = [one for one in made if one.number < model.SHOWN]
    for start in range(0, len(shown), WRITES):
        with transaction() as tx:
            pages.write(tx, shown[start : start + WRITES])
    BatchItem(batch_id).update(actions=[Path("products_seq").add(count), Path("products_total").add(count)])


def _rows(product: ProductItem) -> Iterator[dict[str, Any]]:
    yield product.serialize() | PRODUCTS.index(product)
    yield PointerItem(product.uuid, batch_id=product.batch_id, number=product.number).serialize()
