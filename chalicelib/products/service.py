"""Use cases of products; those that change a batch as well belong to batches, which builds them from these parts."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from uuid import UUID

from chalicelib.core.auth import Actor
from chalicelib.core.fields import Page
from chalicelib.core.paging import PageOf, PageRequest, decode
from chalicelib.core.reads import ItemKey, Raw
from chalicelib.products import model, pages, store
from chalicelib.products.model import AlreadyAggregated, CodeTaken, Doer
from chalicelib.products.schemas import Product, ProductQuery
from chalicelib.products.store import PRODUCTS, PointerItem, ProductItem

add, aggregate, remove, take_out, portions = store.add, store.aggregate, store.remove, store.take_out, pages.portions
new, items_of_batch, as_json = store.new, store.of_batch, pages.as_json
first_page_keys, probable_page_keys, remember = pages.first_keys, pages.probable_keys, pages.remember
hide, purge = store.hide, store.purge
__all__ = ["AlreadyAggregated", "CodeTaken", "Doer", "ProductItem"]


def get(actor: Actor, *, product_id: UUID) -> Product:
    """One product."""
    return Product.model_validate(store.get(str(product_id)))


def list_page(actor: Actor, *, query: ProductQuery) -> Page[Product]:
    """A page of the products of all batches, or of one."""
    page = PRODUCTS.page(query.request())
    return Page.of(page, [Product.model_validate(item) for item in page.items])


def of_batch(batch_id: str, upto: int) -> Iterator[Product]:
    """The products of a batch, oldest first."""
    return (Product.model_validate(item) for item in store.of_batch(batch_id, upto))


def first(numbers: Mapping[str, int], count: int) -> dict[str, list[Product]]:
    """The first `count` products of batches, oldest first, in few reads.

    `numbers` maps batch ids to how many numbers were given out there. Where products were removed, later ones move up.
    """
    found = first_texts(numbers, count, {})
    return {batch_id: [Product.model_validate_json(text) for text in texts] for batch_id, texts in found.items()}


def first_texts(numbers: Mapping[str, int], count: int, known: Mapping[ItemKey, Raw | None]) -> dict[str, list[str]]:
    """The same, each product as JSON; `known` are pages of `first_page_keys` that have been read already."""
    found = pages.read(numbers, count, known)
    for batch_id, given_out in numbers.items():
        if len(found[batch_id]) < count < given_out:
            shown = pages.read({batch_id: given_out}, model.SHOWN, known)[batch_id]
            later = store.of_batch(batch_id, given_out, model.SHOWN)
            missing = islice(later, max(0, count - len(shown)))
            shown += map(as_json, missing)
            found[batch_id] = shown[:count]
    return found


def codes(numbers: Mapping[str, int]) -> dict[str, list[str]]:
    """The codes of batches to which at most as many products were added as are shown, oldest first; `numbers` as above.

    What `first` gives of them, in half the time.
    """
    found = first_texts(numbers, model.SHOWN, {})
    return {batch_id: [json.loads(text)["unique_code"] for text in texts] for batch_id, texts in found.items()}


def on_pages(batch_id: str, known: Mapping[ItemKey, Raw | None]) -> list[str]:
    """The products of a batch on those of its pages that have been read, as JSON."""
    return pages.texts(batch_id, known)


def present(ids: Sequence[str]) -> set[str]:
    """Which of these ids of products are there."""
    return {pointer.pk for pointer in store.pointers(ids)}


def pointer_key(product_id: str) -> ItemKey:
    """The key of what says where a product is, for who reads it together with other items."""
    return PointerItem, product_id, "pointer"


def code_pointer_key(batch_id: str, unique_code: str) -> ItemKey:
    """The same for the product that has a code in a batch."""
    return pointer_key(model.product_id(batch_id, unique_code))


def item_with(
    product_id: str, beside: Callable[[str], Iterable[ItemKey]]
) -> tuple[ProductItem, dict[ItemKey, Raw | None]]:
    """The product, or NotFound, and items that are read in the same request, named by the id of its batch."""
    item, others = store.find(product_id, beside)
    if item is None:
        raise model.not_found()
    return item, others


def item_in_batch(batch_id: str, product_id: str, known: Mapping[ItemKey, Raw | None]) -> ProductItem:
    """The product, NotFound when it is not in that batch; `known` has its pointer."""
    pointer = known[pointer_key(product_id)]
    if pointer is None or pointer["batch_id"]["S"] != batch_id:
        raise model.not_found()
    found = store.at_numbers(batch_id, [int(pointer["number"]["N"])])
    if not found:
        raise model.not_found()
    return found[0]


def items_of_bucket(batch_id: str, bucket: int, upto: int) -> Iterator[ProductItem]:
    """The products of a batch in one of its buckets, numbers below `upto`, oldest first."""
    start = bucket * model.BUCKET
    found = store.of_batch(batch_id, min(start + model.BUCKET, upto), start)
    return (item for item in found if item.number < upto)


def waiting(batch_id: str, upto: int, count: int) -> Iterable[ProductItem]:
    """The products of a batch that are not aggregated, numbers below `upto`, oldest first; `count` is how many.

    Where pages hold all of them they are read from there, unless others came or went meanwhile.
    """
    if upto <= model.SHOWN and len(shown := store.waiting(batch_id, upto)) == count:
        return shown
    return (item for item in store.of_batch(batch_id, upto) if not item.is_aggregated)


def buckets(upto: int) -> int:
    """How many buckets the numbers below `upto` fill."""
    return -(-upto // model.BUCKET)


def added_by(batch_id: str, codes: Sequence[str]) -> dict[str, str | None]:
    """Those of these codes that the batch has, each with the background task that added it, if one did."""
    ids = {model.product_id(batch_id, code): code for code in codes}
    return {ids[pointer.pk]: pointer.added_by for pointer in store.pointers(list(ids))}


def items_of_codes(batch_id: str, codes: Sequence[str], added_by: str | None = None) -> list[ProductItem]:
    """The products of a batch that have these codes, oldest first; those that one background task has added."""
    pointers = store.pointers([model.product_id(batch_id, code) for code in codes])
    numbers = [int(pointer.number) for pointer in pointers if added_by in (None, pointer.added_by)]
    return store.at_numbers(batch_id, numbers)


def read_again(items: Sequence[ProductItem]) -> list[ProductItem]:
    """Products of one batch as they are now, without those that are gone."""
    return store.at_numbers(items[0].batch_id, [int(item.number) for item in items])


def with_code(code: str, limit: int, cursor: str | None) -> PageOf[ProductItem]:
    """A page of the products that have a code, the newest first."""
    return PRODUCTS.page(PageRequest(limit, filters={"unique_code": code}, cursor=cursor))


def added_by_users(items: Sequence[ProductItem]) -> dict[str, int]:
    """Who added products, as the number of a user by the id of the product; of old ones that is not known."""
    found = store.pointers([item.uuid for item in items])
    return {one.pk: int(one.added_by_user) for one in found if one.added_by_user is not None}


# -- for reports and analytics --------------------------------------------------------------------------------------


def count(**filters: bool) -> int:
    """How many products there are; with a filter of the list, how many of those."""
    return PRODUCTS.total(filters)


def added_between(low: datetime, high: datetime) -> int:
    """How many products there are that were added from `low` on and before `high`."""
    return PRODUCTS.count_between("created_at", low, high)


def aggregated_between(low: datetime, high: datetime) -> int:
    """The same of those that were aggregated then."""
    return PRODUCTS.count_between("aggregated_at", low, high)


def count_by_batch() -> dict[str, tuple[int, int]]:
    """All and aggregated products of every batch, counted one by one: for a recount."""
    found: dict[str, tuple[int, int]] = {}
    for key in PRODUCTS.all_keys():
        total, aggregated = found.get(batch_id := decode(key["batch_id"]), (0, 0))
        found[batch_id] = total + 1, aggregated + (decode(key["is_aggregated"]) == "1")
    return found
