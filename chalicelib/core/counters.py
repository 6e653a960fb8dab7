"""Table `counters`: sequences of numbers, and counters, each the sum of several items.

A counter is spread over items (shards), so that many writers can count at a time: `Transaction.increment` adds to one
of them. Its value is the sum of the shards, read consistently in one request.
"""

from collections.abc import Collection, Mapping

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.operand import Path
from pynamodb.models import Model

from chalicelib.core import ids
from chalicelib.core.dynamo import table, update_if
from chalicelib.core.reads import ItemKey, Raw, read_together
from chalicelib.core.settings import settings


@table("counters")
class CounterItem(Model):
    """`n` of a sequence (`seq#reports`) or of one shard of a counter (`batches#shift=1#7`).

    A sealed shard refuses additions that have an error (`Transaction.increment`). A counter whose shards are all sealed
    and add up to zero stays zero.
    """

    key = UnicodeAttribute(hash_key=True)
    n = NumberAttribute(default=0)
    sealed = UnicodeAttribute(null=True)


def next_id(sequence: str, first: int = 1) -> int:
    """Draw the next number of a sequence: unique and increasing; a number that is not used is never drawn again."""

    def draw() -> int:
        item = CounterItem(f"seq#{sequence}")
        update_if(item, [Path("n").set((Path("n") | 0) + 1)])
        return first - 1 + int(item.n)

    return ids.number(draw)


def shards_of(counter: str) -> list[str]:
    """Return the keys of the items of a counter."""
    return [f"{counter}#{shard}" for shard in range(settings().counter_shards)]


def counter_keys(counters: Collection[str]) -> list[ItemKey]:
    """Return the keys of the items of counters, to read them together with other items."""
    return [(CounterItem, key, None) for counter in counters for key in shards_of(counter)]


def sums_of(found: Mapping[ItemKey, Raw], counters: Collection[str]) -> dict[str, int]:
    """Return the values of counters, from their items that were read."""
    totals = dict.fromkeys(counters, 0)
    for (model, key, _), item in found.items():
        counter = key.rpartition("#")[0]
        if model is CounterItem and counter in totals:
            totals[counter] += int(item["n"]["N"]) if "n" in item else 0
    return totals


def read_counters(counters: Collection[str]) -> dict[str, int]:
    """Return the exact values of counters."""
    return sums_of(read_together(counter_keys(counters)), counters)
