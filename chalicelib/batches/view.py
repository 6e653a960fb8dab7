"""Batches as the API returns them, with their first products inside.

The JSON is written as text from the items: models of the list, of its batches and of their products would take several
times as long as the rest of the request. The schema is `Batch`; a test compares both.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from json.encoder import encode_basestring as quoted
from typing import Any

from chalicelib.batches import model, running, store
from chalicelib.batches.schemas import Batch
from chalicelib.batches.store import BATCHES, BatchItem
from chalicelib.core.answers import JsonOf, JsonPage, JsonPart
from chalicelib.core.fields import Page
from chalicelib.core.paging import PageOf, PageRequest
from chalicelib.core.reads import ItemKey, Raw, fetch_together
from chalicelib.products import service as products

MAX_PRODUCTS = 1_000  # inside one batch
MAX_PRODUCTS_IN_LIST = 100  # inside each batch of a list

_TEXTS = (
    "uuid", "created_at", "task_description", "shift", "team", "batch_date", "nomenclature", "ekn_code", "shift_start",
    "shift_end", "work_center_id",
)  # fmt: skip

_NUMBERS = ("batch_number", "products_seq", "products_total", "aggregated_total", "planned_quantity")

Known = Mapping[ItemKey, Raw | None]
Values = Mapping[str, Any]


def batch_by_id(batch_id: str) -> JsonOf[Batch]:
    """Read a batch with its first 1,000 products; NotFound when it does not exist."""
    raw, known = fetch_together(store.item_key(batch_id), products.probable_page_keys(batch_id))
    if raw is None:
        raise model.not_found()
    return _with_products(_values(raw), known)


def batch_with_products(item: BatchItem, known: Known) -> JsonOf[Batch]:
    """Return a batch that was read, or changed, with its first 1,000 products; `known` has pages of them."""
    return _with_products(item.attribute_values, known)


def batch_with_added(item: BatchItem, known: Known, added: products.ProductItem) -> JsonOf[Batch]:
    """Return a batch to which a product was just added.

    `known` has the pages that were read together with the batch. They may be older, so they are used only if they have
    as many products as the batch counts.
    """
    on_pages = products.on_pages(item.uuid, known)
    aggregated = sum('"is_aggregated":true' in text for text in on_pages)
    if (len(on_pages) + 1, aggregated) == (item.products_total, item.aggregated_total):
        return JsonOf(_text(item.attribute_values, [*on_pages, products.as_json(added)]))
    return batch_with_products(item, {})


def aggregated_batch(batch_id: str, numbers_used: int, written: Sequence[products.ProductItem]) -> JsonOf[Batch]:
    """Return a batch after an aggregation that wrote these products, oldest first.

    They can be shown without reading, if the batch still has exactly these products, all aggregated.
    """
    item, count = store.get(batch_id), len(written)
    counts = (item.products_seq, item.products_total, item.aggregated_total)
    if count <= MAX_PRODUCTS and counts == (numbers_used, count, count):
        return JsonOf(_text(item.attribute_values, [products.as_json(product) for product in written]))
    return batch_with_products(item, {})


def batch_without_products(item: BatchItem) -> JsonOf[Batch]:
    """Return a batch that has no products yet."""
    return JsonOf(_text(item.attribute_values, []))


def batch_in_part(item: BatchItem) -> JsonOf[Batch]:
    """Return a batch without the products that it has."""
    return JsonPart(_text(item.attribute_values, []))


def page(request: PageRequest, *, with_products: bool) -> JsonPage[Page[Batch]]:
    """Read a page of batches, with the first 100 products of each, or without."""
    found = BATCHES.page_raw(request, related=products.first_page_keys if with_products else None)
    batches = [_values(raw) for raw in found.items]
    shown = in_list(batches, found.related) if with_products else [_text(batch, []) for batch in batches]
    return JsonPage.of(found, shown, _page_text)


def running_page(request: PageRequest, at: datetime, *, with_products: bool) -> JsonPage[Page[Batch]]:
    """Read a page of the batches whose shift covers a moment."""
    found = running.page(request, at)
    batches = [item.attribute_values for item in found.items]
    shown = in_list(batches, {}) if with_products else [_text(batch, []) for batch in batches]
    return JsonPage.of(found, shown, _page_text)


def in_list(batches: Sequence[Values], known: Known) -> list[str]:
    """Return the JSON of batches with the first 100 products of each."""
    numbers_used = {batch["uuid"]: int(batch.get("products_seq") or 0) for batch in batches}
    first = products.first_texts(numbers_used, MAX_PRODUCTS_IN_LIST, known)
    return [_text(batch, first[batch["uuid"]]) for batch in batches]


def _values(raw: Raw) -> Values:
    """Return the values that are shown, from an item as DynamoDB has it: a third of the time of a model."""
    values: dict[str, Any] = {name: raw[name]["S"] for name in _TEXTS}
    values |= {name: raw[name].get("S") for name in ("updated_at", "closed_at") if name in raw}
    values |= {name: raw[name]["N"] for name in _NUMBERS if name in raw}
    values["is_closed"] = raw["is_closed"]["BOOL"]
    return values


def _with_products(values: Values, known: Known) -> JsonOf[Batch]:
    batch_id, numbers_used = values["uuid"], int(values.get("products_seq") or 0)
    products.remember(batch_id, numbers_used)
    return JsonOf(_text(values, products.first_texts({batch_id: numbers_used}, MAX_PRODUCTS, known)[batch_id]))


def _text(batch: Values, products_json: Sequence[str]) -> str:
    """Return the JSON of a batch with these products inside, in the order of the fields of `Batch`."""
    return (
        f'{{"uuid":"{batch["uuid"]}","created_at":{_moment(batch["created_at"])},'
        f'"updated_at":{_moment(batch.get("updated_at"))},'
        f'"is_closed":{"true" if batch["is_closed"] else "false"},"closed_at":{_moment(batch.get("closed_at"))},'
        f'"task_description":{quoted(batch["task_description"])},"shift":{quoted(batch["shift"])},'
        f'"team":{quoted(batch["team"])},"batch_number":{batch["batch_number"]},"batch_date":"{batch["batch_date"]}",'
        f'"nomenclature":{quoted(batch["nomenclature"])},"ekn_code":{quoted(batch["ekn_code"])},"shift_time_range":'
        f'{{"start":{_moment(batch["shift_start"])},"end":{_moment(batch["shift_end"])}}},'
        f'"work_center_id":"{batch["work_center_id"]}","products":[{",".join(products_json)}],'
        f'"products_total":{batch.get("products_total") or 0},"aggregated_total":{batch.get("aggregated_total") or 0},'
        f'"planned_quantity":{batch.get("planned_quantity") or "null"}}}'
    )


def _page_text(page: PageOf[Any], items: Sequence[str]) -> str:
    cursor = "null" if page.next_cursor is None else quoted(page.next_cursor)
    return (
        f'{{"items":[{",".join(items)}],"total":{page.total},"limit":{page.limit},"offset":{page.offset},'
        f'"next_cursor":{cursor}}}'
    )


def _moment(text: str | None) -> str:
    """Return the JSON of an instant as tables have it: with a fraction only if it is not zero."""
    return "null" if text is None else f'"{text.replace(".000000Z", "Z")}"'
