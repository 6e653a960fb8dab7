"""The first products of a batch as they are shown, in few reads: one batch answers with 1,000, a list with 100 of each.

A page is an item that holds 25 products, one attribute each: `p` and the number, with the product as JSON. A reader
gets a hundred products by 4 keys, and does not parse twenty attributes of each. A writer of one product writes its page
too, some 4 KB on average; past the first thousand there are no pages and nothing to pay.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from pynamodb.attributes import UnicodeAttribute
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action
from pynamodb.models import Model

from chalicelib.core.dynamo import erase, table
from chalicelib.core.reads import ItemKey, Raw, read_together
from chalicelib.core.transactions import Transaction
from chalicelib.products import model
from chalicelib.products.schemas import Product


@table("products")
class PageItem(Model):
    """A page: `pk` is the batch id, `sk` is `shown#` and the number of the page."""

    class Meta:
        pass

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)


def first_keys(batch_ids: Iterable[str]) -> list[ItemKey]:
    """The keys of the first page of each batch, for who reads them together with the batches."""
    return [(PageItem, *_key(batch_id, 0)) for batch_id in batch_ids]


def read(numbers: Mapping[str, int], count: int, known: Mapping[ItemKey, Raw | None]) -> dict[str, list[str]]:
    """The products with numbers below `count`, as JSON; `numbers` maps batch ids to how many numbers were given out.

    `known` are pages that have been read already.
    """
    keys = {
        batch_id: [(PageItem, *key) for key in _keys(batch_id, min(count, given_out))]
        for batch_id, given_out in numbers.items()
    }
    found = read_together(key for of_batch in keys.values() for key in of_batch if key not in known)
    return {
        batch_id: [text for key in of_batch for text in _texts(known.get(key) or found.get(key) or {}, count)]
        for batch_id, of_batch in keys.items()
    }


def _texts(page: Raw, count: int) -> list[str]:
    """The products of a page, those with numbers below `count`."""
    names = sorted(name for name in page if name[1:].isdigit())
    return [page[name]["S"] for name in names if int(name[1:]) < count]


def write(tx: Transaction, products: Sequence[Any]) -> None:
    """Show products of one batch, in the order of their numbers, as they are now."""
    for key, of_page in groupby(_shown(products), _page_of):
        texts = {_attribute(item): as_json(item) for item in of_page}
        actions: list[Action] = [Path(name).set(text) for name, text in texts.items()]
        tx.update(PageItem(*key), actions)


def as_json(item: Any) -> str:
    """A product as clients see it."""
    return Product.model_validate(item).model_dump_json()


def hide(tx: Transaction, products: Sequence[Any]) -> None:
    """Show products of one batch, in the order of their numbers, no more."""
    for key, of_page in groupby(_shown(products), _page_of):
        tx.update(PageItem(*key), [Path(_attribute(item)).remove() for item in of_page])


def portions(products: Iterable[Any], writes: int) -> Iterator[list[Any]]:
    """Products of one batch, in the order of their numbers, in parts that take so many writes, with their pages."""
    part, page, cost = list[Any](), None, 0
    for item in products:
        own = _page_of(item) if item.number < model.SHOWN else None
        more = 1 + (own is not None and own != page)
        if cost + more > writes:
            yield part
            part, cost, more = [], 0, 1 + (own is not None)
        part.append(item)
        page, cost = own, cost + more
    if part:
        yield part


def forget(batch_id: str, given_out: int) -> None:
    """Delete the pages of a batch."""
    for key in _keys(batch_id, given_out):
        erase(PageItem(*key))


def _shown(products: Sequence[Any]) -> Iterator[Any]:
    return (item for item in products if item.number < model.SHOWN)


def _keys(batch_id: str, upto: int) -> list[tuple[str, str]]:
    return [_key(batch_id, number) for number in range(0, min(upto, model.SHOWN), model.PAGE)]


def _page_of(item: Any) -> tuple[str, str]:
    return _key(item.batch_id, int(item.number))


def _key(batch_id: str, number: int) -> tuple[str, str]:
    return batch_id, f"shown#{number // model.PAGE:03d}"


def _attribute(item: Any) -> str:
    return f"p{int(item.number):03d}"
