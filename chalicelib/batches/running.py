"""The batches whose shift is running, by the index of the ends of shifts."""

from datetime import datetime

from chalicelib.batches.store import BATCHES, BY_SHIFT_END, BatchItem
from chalicelib.core import clock
from chalicelib.core.conversion import item_from
from chalicelib.core.dynamo import query_index
from chalicelib.core.paging import PageOf, PageRequest, encode, page_in_memory
from chalicelib.core.reads import Raw, read_together
from chalicelib.core.settings import settings
from chalicelib.core.threads import map_in_parallel

MOST = 200  # batches that are shown
LOOKED_AT = 3_000  # shifts that have not ended, in search of those that have begun


def find(at: datetime) -> tuple[list[BatchItem], bool]:
    """The batches whose shift covers a moment, and whether these are all.

    At most `MOST`, the shift that ends first first. What has ended is not looked at, however much there is. What is
    planned for later is, up to `LOOKED_AT`.
    """
    pages = map_in_parallel(lambda shard: _unended(shard, clock.to_text(at)), range(settings().listing_shards))
    begun = [key for keys, _ in pages for key in keys if key["shift_start"]["S"] <= clock.to_text(at)]
    begun.sort(key=lambda key: (key["shift_end"]["S"], key["uuid"]["S"]))
    keys = [(BatchItem, key["uuid"]["S"], None) for key in begun[:MOST]]
    found = read_together(keys)
    batches = [item_from(BatchItem, found[key]) for key in keys if key in found]
    return batches, len(begun) <= MOST and all(complete for _, complete in pages)


def page(request: PageRequest, at: datetime) -> PageOf[BatchItem]:
    """A page of those of the running batches that match the filters of the list, in its order."""
    found, _ = find(at)
    filters = request.encoded
    matching = [item for item in found if all(_matches(item, name, value) for name, value in filters.items())]

    def place(item: BatchItem) -> str:
        return BATCHES.sort_key(item, request.sort_field, getattr(item, request.sort_field))

    matching.sort(key=place, reverse=request.descending)
    return page_in_memory("running batches", request, matching, place)


def _matches(item: BatchItem, name: str, value: str) -> bool:
    """Whether a batch matches a filter of the list, whose value is encoded."""
    bound = BATCHES.ranges.get(name)
    own = encode(getattr(item, bound.field if bound else name))
    if bound is None:
        return own == value
    return own >= value if bound.lower else own <= value


def _unended(shard: int, at: str) -> tuple[list[Raw], bool]:
    """Read the keys of a shard of the batches whose shift ends after a moment; whether these are all."""
    limit = LOOKED_AT // settings().listing_shards
    response = next(query_index("batches", BY_SHIFT_END, str(shard), sort=(">", at), limit=limit))
    return response["Items"], "LastEvaluatedKey" not in response
