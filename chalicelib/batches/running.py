"""The batches whose shift is running, read from the index of the ends of shifts."""

from datetime import datetime

from chalicelib.batches.store import BATCHES, BY_SHIFT_END, BatchItem
from chalicelib.core import clock
from chalicelib.core.conversion import item_from
from chalicelib.core.dynamo import query_index
from chalicelib.core.paging import PageOf, PageRequest, encode, page_in_memory
from chalicelib.core.reads import Raw, read_together
from chalicelib.core.settings import settings
from chalicelib.core.threads import map_in_parallel

MAX_BATCHES = 200  # in the result
MAX_READ = 3_000  # shifts that have not ended, among which those that have begun are found


def find(at: datetime) -> tuple[list[BatchItem], bool]:
    """Find the batches whose shift covers a moment, and whether these are all.

    The result has at most `MAX_BATCHES`, those whose shift ends first. Ended shifts are not read, however many there
    are; shifts planned for later are, up to `MAX_READ`.
    """
    pages = map_in_parallel(lambda shard: _unended(shard, clock.to_text(at)), range(settings().listing_shards))
    begun = [key for keys, _ in pages for key in keys if key["shift_start"]["S"] <= clock.to_text(at)]
    begun.sort(key=lambda key: (key["shift_end"]["S"], key["uuid"]["S"]))
    keys = [(BatchItem, key["uuid"]["S"], None) for key in begun[:MAX_BATCHES]]
    found = read_together(keys)
    batches = [item_from(BatchItem, found[key]) for key in keys if key in found]
    return batches, len(begun) <= MAX_BATCHES and all(complete for _, complete in pages)


def page(request: PageRequest, at: datetime) -> PageOf[BatchItem]:
    """Read a page of the running batches that match the filters of the list, in its order."""
    found, _ = find(at)
    filters = request.encoded
    matching = [item for item in found if all(_matches(item, name, value) for name, value in filters.items())]

    def sort_key(item: BatchItem) -> str:
        return BATCHES.sort_key(item, request.sort_field, getattr(item, request.sort_field))

    matching.sort(key=sort_key, reverse=request.descending)
    return page_in_memory("running batches", request, matching, sort_key)


def _matches(item: BatchItem, name: str, value: str) -> bool:
    """Return whether a batch matches a filter of the list; `value` is encoded."""
    bound = BATCHES.ranges.get(name)
    own = encode(getattr(item, bound.field if bound else name))
    if bound is None:
        return own == value
    return own >= value if bound.lower else own <= value


def _unended(shard: int, at: str) -> tuple[list[Raw], bool]:
    """Read the keys of a shard of the batches whose shift ends after a moment; whether these are all."""
    limit = MAX_READ // settings().listing_shards
    response = next(query_index("batches", BY_SHIFT_END, str(shard), sort=(">", at), limit=limit))
    return response["Items"], "LastEvaluatedKey" not in response
