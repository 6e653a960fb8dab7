"""Reads items of several tables in one request, and counters, which are sums of items."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from chalicelib.core import conditional
from chalicelib.core.dynamo import CounterItem, read_batch
from chalicelib.core.guards import get_raw
from chalicelib.core.items import key_names, raw_key
from chalicelib.core.repeats import Repeats
from chalicelib.core.settings import settings
from chalicelib.core.threads import side_by_side

MAX_KEYS = 100  # of one BatchGetItem call

ItemKey = conditional.Key
Raw = conditional.Raw


def read_together(keys: Iterable[ItemKey]) -> dict[ItemKey, Raw]:
    """Those of the items that exist, of any tables, read consistently, 100 keys a request, these side by side."""
    wanted = list(dict.fromkeys(keys))  # BatchGetItem refuses a key twice
    parts = [wanted[start : start + MAX_KEYS] for start in range(0, len(wanted), MAX_KEYS)]
    found: dict[ItemKey, Raw] = {}
    for part in side_by_side(_read, parts):
        found |= part
    return found


def fetch_together(key: ItemKey, others: Iterable[ItemKey]) -> tuple[Raw | None, dict[ItemKey, Raw | None]]:
    """An item as `fetch` reads it, from the snapshot of a conditional request, and others in the same request.

    What belongs to a snapshot is read before the others: these are at least as new, so a change in between is noticed.
    """
    snapshot, others = conditional.current(), list(others)
    if snapshot is None:
        found = read_together([key, *others])
        return found.get(key), {one: found.get(one) for one in others}
    if key not in snapshot.items:
        snapshot.record(key, raw := get_raw(key))
    else:
        raw = snapshot.items[key]
    found = read_together(others)
    return raw, {one: found.get(one) for one in others}


def _read(keys: list[ItemKey]) -> dict[ItemKey, Raw]:
    """One request, and further ones for what DynamoDB did not get to."""
    left: dict[str, Any] = {}
    by_key: dict[tuple[str, str, str | None], ItemKey] = {}
    for key in keys:
        model, hash_key, range_key = key
        table = model.Meta.table_name
        if table not in left:
            left[table] = {"Keys": [], "ConsistentRead": True}
        left[table]["Keys"].append(raw_key(model, hash_key, range_key))
        by_key[table, hash_key, range_key] = key
    names = {key[0].Meta.table_name: key_names(key[0]) for key in keys}
    found: dict[ItemKey, Raw] = {}
    repeats = Repeats()
    while left:
        answer, left = read_batch(left, repeats)
        for table, items in answer.items():
            hash_name, range_name = names[table]
            for item in items:
                range_key = item[range_name]["S"] if range_name else None
                found[by_key[table, item[hash_name]["S"], range_key]] = item
    return found


def counter_keys(counters: Collection[str]) -> list[ItemKey]:
    """The items whose sums are these counters."""
    shards = range(settings().counter_shards)
    return [(CounterItem, f"{name}#{shard}", None) for name in counters for shard in shards]


def sums_of(found: Mapping[ItemKey, Raw], counters: Collection[str]) -> dict[str, int]:
    """The values of counters, from their items."""
    totals = dict.fromkeys(counters, 0)
    for (model, key, _), item in found.items():
        name = key.rpartition("#")[0]
        if model is CounterItem and name in totals:
            totals[name] += int(item["n"]["N"]) if "n" in item else 0
    return totals


def count(counters: Collection[str]) -> dict[str, int]:
    """The exact values of counters: the sums of their shards, read consistently."""
    return sums_of(read_together(counter_keys(counters)), counters)
