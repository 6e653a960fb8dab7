"""Pages: the first 1,000 products of a batch as JSON, to return them in few reads.

A page is an item with 25 products, one attribute each: `p` and the number, with the product as JSON. A hundred products
are 4 keys, and no attributes of products have to be converted. A writer of one product writes its page too, 4 KB on
average; products after the first thousand are in no page.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from json.encoder import encode_basestring
from typing import Any

from pynamodb.attributes import UnicodeAttribute
from pynamodb.expressions.operand import Path
from pynamodb.models import Model

from chalicelib.core.conversion import new_item
from chalicelib.core.dynamo import erase, table
from chalicelib.core.reads import ItemKey, Raw, read_together
from chalicelib.core.transactions import Transaction
from chalicelib.products import model

MAX_REMEMBERED = 1_000  # batches
_numbers_used: dict[str, int] = {}  # by batch id
_MOMENTS = ("created_at", "updated_at", "aggregated_at")


@table("products")
class PageItem(Model):
    """A page: `pk` is the batch id, `sk` is `shown#` and the number of the page."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)


def first_keys(batch_ids: Iterable[str]) -> list[ItemKey]:
    """Return the keys of the first page of each batch, to read them together with the batches."""
    return [(PageItem, *_key(batch_id, 0)) for batch_id in batch_ids]


def probable_keys(batch_id: str) -> list[ItemKey]:
    """Return the keys of the first page of a batch, and of all that it had when this process last read it.

    Read together with the batch they are all of its pages, unless products were added meanwhile.
    """
    return [(PageItem, *key) for key in _keys(batch_id, max(model.PAGE, _numbers_used.get(batch_id, 0)))]


def remember(batch_id: str, numbers_used: int) -> None:
    """Remember how many numbers of a batch are used, for `probable_keys`."""
    if len(_numbers_used) >= MAX_REMEMBERED:
        _numbers_used.clear()
    _numbers_used[batch_id] = numbers_used


def read_waiting(batch_id: str, numbers_used: int) -> list[tuple[int, dict[str, Any]]]:
    """Read the products in pages that are not aggregated: the number of each, and its attributes in the table."""
    waiting = []
    for page in read_together((PageItem, *key) for key in _keys(batch_id, numbers_used)).values():
        for name, value in page.items():
            if name[1:].isdigit() and not (shown := json.loads(value["S"]))["is_aggregated"]:
                for moment in _MOMENTS:
                    if shown[moment] and len(shown[moment]) == len("2025-01-15T10:30:00Z"):
                        shown[moment] = f"{shown[moment][:-1]}.000000Z"
                waiting.append((int(name[1:]), shown))
    waiting.sort(key=lambda pair: pair[0])
    return waiting


def read(numbers_used: Mapping[str, int], count: int, known: Mapping[ItemKey, Raw | None]) -> dict[str, list[str]]:
    """Read the products with numbers below `count`, as JSON; `numbers_used` of each batch, by its id.

    `known` are pages that were read already.
    """
    keys = {
        batch_id: [(PageItem, *key) for key in _keys(batch_id, min(count, used))]
        for batch_id, used in numbers_used.items()
    }
    found = read_together(key for of_batch in keys.values() for key in of_batch if key not in known)
    return {
        batch_id: [text for key in of_batch for text in _texts(known.get(key) or found.get(key) or {}, count)]
        for batch_id, of_batch in keys.items()
    }


def texts(batch_id: str, known: Mapping[ItemKey, Raw | None]) -> list[str]:
    """Return the products on those pages of a batch that are in `known`, as JSON."""
    found = [known.get((PageItem, *key)) for key in _keys(batch_id, model.SHOWN)]
    return [text for page in found if page for text in _texts(page, model.SHOWN)]


def _texts(page: Raw, count: int) -> list[str]:
    """Return the products of a page with numbers below `count`."""
    names = sorted(name for name in page if name[1:].isdigit())
    return [page[name]["S"] for name in names if int(name[1:]) < count]


def write(tx: Transaction, products: Sequence[Any]) -> None:
    """Write products of one batch, in the order of their numbers, into its pages."""
    for (batch_id, page), of_page in groupby(_shown(products), _page_of):
        texts = {_attribute(item): as_json(item) for item in of_page}
        item = new_item(PageItem, pk=batch_id, sk=page)
        if len(texts) == model.PAGE:  # all that the page can hold
            tx.put(item, index={name: {"S": text} for name, text in texts.items()})
        else:
            tx.set_texts(item, texts)


def as_json(item: Any) -> str:
    """Return the JSON of `Product`, written as text, because it is made for each added product."""
    values = item.attribute_values
    created, updated, aggregated = (_json_of(values.get(name)) for name in _MOMENTS)
    return (
        f'{{"uuid":"{values["uuid"]}","created_at":{created},"updated_at":{updated},'
        f'"unique_code":{encode_basestring(values["unique_code"])},"batch_id":"{values["batch_id"]}",'
        f'"is_aggregated":{"true" if values["is_aggregated"] else "false"},"aggregated_at":{aggregated}}}'
    )


def _json_of(moment: str | None) -> str:
    return "null" if moment is None else f'"{moment}"'.replace(".000000Z", "Z")


def hide(tx: Transaction, products: Sequence[Any]) -> None:
    """Remove products of one batch, in the order of their numbers, from its pages."""
    for key, of_page in groupby(_shown(products), _page_of):
        tx.update(PageItem(*key), [Path(_attribute(item)).remove() for item in of_page])


def portions(products: Iterable[Any], writes: int) -> Iterator[list[Any]]:
    """Yield products of one batch, in the order of their numbers, in parts of at most `writes` writes with pages."""
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


def forget(batch_id: str, numbers_used: int) -> None:
    """Delete the pages of a batch."""
    for key in _keys(batch_id, numbers_used):
        erase(PageItem(*key))


def _shown(products: Sequence[Any]) -> Iterator[Any]:
    return (item for item in products if item.number < model.SHOWN)


def _keys(batch_id: str, numbers_used: int) -> list[tuple[str, str]]:
    return [_key(batch_id, number) for number in range(0, min(numbers_used, model.SHOWN), model.PAGE)]


def _page_of(item: Any) -> tuple[str, str]:
    return _key(item.batch_id, int(item.number))


def _key(batch_id: str, number: int) -> tuple[str, str]:
    return batch_id, f"shown#{number // model.PAGE:03d}"


def _attribute(item: Any) -> str:
    return f"p{int(item.number):03d}"
