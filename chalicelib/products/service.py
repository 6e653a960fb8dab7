"""Use cases of products; those that change a batch too are in batches, which uses the functions here."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from uuid import UUID

from chalicelib.core.auth import Actor
from chalicelib.core.fields import Page
from chalicelib.core.listed import value_of
from chalicelib.core.paging import PageOf, PageRequest
from chalicelib.core.reads import ItemKey, Raw
from chalicelib.products import model, pages, store
from chalicelib.products.model import AlreadyAggregated, CodeTaken, Doer
from chalicelib.products.schemas import Product, ProductQuery
from chalicelib.products.store import PRODUCTS, PointerItem, ProductItem

add, aggregate, remove, portions = store.add, store.aggregate, store.remove_with_pages, pages.portions
new, items_of_batch, as_json = store.new, store.of_batch, pages.as_json
first_page_keys, probable_page_keys, remember = pages.first_keys, pages.probable_keys, pages.remember
hide, purge = store.hide, store.purge
__all__ = ["AlreadyAggregated", "CodeTaken", "Doer", "ProductItem"]


def get(actor: Actor, *, product_id: UUID) -> Product:
    """Return a product."""
    return Product.model_validate(store.get(str(product_id)))


def list_page(actor: Actor, *, query: ProductQuery) -> Page[Product]:
    """Return a page of the products of all batches, or of one."""
    page = PRODUCTS.page(query.request())
    return Page.of(page, [Product.model_validate(item) for item in page.items])


def of_batch(batch_id: str, numbers_used: int) -> Iterator[Product]:
    """Yield the products of a batch, oldest first."""
    return (Product.model_validate(item) for item in store.of_batch(batch_id, numbers_used))


def first_texts(
    numbers_used: Mapping[str, int], count: int, known: Mapping[ItemKey, Raw | None]
) -> dict[str, list[str]]:
    """Return the first `count` products of batches, each as JSON, oldest first, in few reads.

    `numbers_used` maps batch ids to how many numbers are used: by products ever added, and by reservations. All numbers
    of products are below it. After a removal later products move up. `known` are pages that were read already.
    """
    found = pages.read(numbers_used, count, known)
    for batch_id, used in numbers_used.items():
        if len(found[batch_id]) < count < used:
            shown = pages.read({batch_id: used}, model.SHOWN, known)[batch_id]
            later = store.of_batch(batch_id, used, model.SHOWN)
            missing = islice(later, max(0, count - len(shown)))
            shown += map(as_json, missing)
            found[batch_id] = shown[:count]
    return found


def codes(numbers_used: Mapping[str, int]) -> dict[str, list[str]]:
    """Return the codes of batches whose products are all in pages, oldest first; `numbers_used` as above.

    It takes half of the time of converting the products.
    """
    found = first_texts(numbers_used, model.SHOWN, {})
    return {batch_id: [json.loads(text)["unique_code"] for text in texts] for batch_id, texts in found.items()}


def on_pages(batch_id: str, known: Mapping[ItemKey, Raw | None]) -> list[str]:
    """Return the products on those pages of a batch that were read, as JSON."""
    return pages.texts(batch_id, known)


def present(ids: Sequence[str]) -> set[str]:
    """Return those of the ids whose product exists."""
    return {pointer.pk for pointer in store.pointers(ids)}


def pointer_key(product_id: str) -> ItemKey:
    """Return the key of the pointer of a product, to read it together with other items."""
    return PointerItem, product_id, "pointer"


def code_pointer_key(batch_id: str, unique_code: str) -> ItemKey:
    """Return the key of the pointer of the product with a code in a batch."""
    return pointer_key(model.product_id(batch_id, unique_code))


def item_with(
    product_id: str, related: Callable[[str], Iterable[ItemKey]]
) -> tuple[ProductItem, dict[ItemKey, Raw | None]]:
    """Return a product, or raise NotFound, and items related to its batch, read in the same request."""
    item, others = store.find(product_id, related)
    if item is None:
        raise model.not_found()
    return item, others


def item_in_batch(batch_id: str, product_id: str, known: Mapping[ItemKey, Raw | None]) -> ProductItem:
    """Return a product; NotFound when it is not in that batch. `known` has its pointer."""
    pointer = known[pointer_key(product_id)]
    if pointer is None or pointer["batch_id"]["S"] != batch_id:
        raise model.not_found()
    found = store.at_numbers(batch_id, [int(pointer["number"]["N"])])
    if not found:
        raise model.not_found()
    return found[0]


def items_of_bucket(batch_id: str, bucket: int, numbers_used: int) -> Iterator[ProductItem]:
    """Yield the products in a bucket of a batch with numbers below `numbers_used`, oldest first."""
    start = bucket * model.BUCKET
    found = store.of_batch(batch_id, min(start + model.BUCKET, numbers_used), start)
    return (item for item in found if item.number < numbers_used)


def waiting(batch_id: str, numbers_used: int, count: int) -> Iterable[ProductItem]:
    """Return the `count` products of a batch that are not aggregated, oldest first.

    If pages have all of them they are read from there, unless the number has changed meanwhile.
    """
    if numbers_used <= model.SHOWN and len(shown := store.waiting(batch_id, numbers_used)) == count:
        return shown
    return (item for item in store.of_batch(batch_id, numbers_used) if not item.is_aggregated)


def buckets(numbers_used: int) -> int:
    """Return how many buckets the numbers below `numbers_used` are in."""
    return -(-numbers_used // model.BUCKET)


def added_by(batch_id: str, codes: Sequence[str]) -> dict[str, str | None]:
    """Return those of the codes that the batch has, each with the background task that added it, or None."""
    ids = {model.product_id(batch_id, code): code for code in codes}
    return {ids[pointer.pk]: pointer.added_by for pointer in store.pointers(list(ids))}


def items_of_codes(batch_id: str, codes: Sequence[str], added_by: str | None = None) -> list[ProductItem]:
    """Return the products of a batch with these codes, oldest first; with `added_by` only those of one task."""
    pointers = store.pointers([model.product_id(batch_id, code) for code in codes])
    numbers = [int(pointer.number) for pointer in pointers if added_by in (None, pointer.added_by)]
    return store.at_numbers(batch_id, numbers)


def read_again(items: Sequence[ProductItem]) -> list[ProductItem]:
    """Read products of one batch again, without deleted ones."""
    return store.at_numbers(items[0].batch_id, [int(item.number) for item in items])


def with_code(code: str, limit: int, cursor: str | None) -> PageOf[ProductItem]:
    """Return a page of the products with a code, newest first."""
    return PRODUCTS.page(PageRequest(limit, filters={"unique_code": code}, cursor=cursor))


def added_by_users(items: Sequence[ProductItem]) -> dict[str, int]:
    """Return the numbers of the users who added products, by product id; of old products that is unknown."""
    found = store.pointers([item.uuid for item in items])
    return {pointer.pk: int(pointer.added_by_user) for pointer in found if pointer.added_by_user is not None}


# -- for reports and analytics --------------------------------------------------------------------------------------


def count(**filters: bool) -> int:
    """Count the products, or those that match filters of the list."""
    return PRODUCTS.total(filters)


def added_between(low: datetime, high: datetime) -> int:
    """Count the products that were added from `low` on and before `high`."""
    return PRODUCTS.count_between("created_at", low, high)


def aggregated_between(low: datetime, high: datetime) -> int:
    """Count the products that were aggregated from `low` on and before `high`."""
    return PRODUCTS.count_between("aggregated_at", low, high)


def count_by_batch() -> dict[str, tuple[int, int]]:
    """Count all and aggregated products of every batch one by one: for a recount."""
    found: dict[str, tuple[int, int]] = {}
    for key in PRODUCTS.all_keys():
        total, aggregated = found.get(batch_id := value_of(key, "batch_id"), (0, 0))
        found[batch_id] = total + 1, aggregated + (value_of(key, "is_aggregated") == "1")
    return found
