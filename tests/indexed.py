"""What every integration test leaves: items whose index attributes are those that follow from their fields.

So every way to write an item is checked: one that changes a field, and not all that the indexes have of it, is found by
any test that takes it.
"""

from typing import Any

from chalicelib.core.conversion import item_from
from chalicelib.core.dynamo import table_name
from chalicelib.core.listed import LISTED
from chalicelib.core.listing import LISTINGS, Listing
from chalicelib.core.settings import settings
from tests.tables import Json, tables


def check_index_attributes() -> None:
    """Check all items of all lists. The settings are read anew afterwards, if they had to be read for this."""
    had_settings = settings.cache_info().currsize
    _check(tables().items())
    if not had_settings:
        settings.cache_clear()


def _check(found: dict[str, list[Json]]) -> None:
    for listing in LISTINGS.values():
        for raw in found.get(table_name(listing.name), ()):
            stored = index_attributes(listing, raw)
            if stored:  # else it is no item of the list: a pointer, the saga of a deleted report
                expected = index_attributes(listing, listing.index(item_from(listing.model, raw)))
                assert "lshard" in raw and stored == expected, (listing.name, raw)


def index_attributes(listing: Listing[Any], raw: Json) -> Json:
    """Return the index attributes of a stored item but its shard: a test may have changed the number of shards."""
    names = {LISTED, *(f"s_{field}" for field in listing.fields)}
    return {name: value for name, value in raw.items() if name in names}
