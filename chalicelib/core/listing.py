"""One engine for all lists: paging, sorting, filtering and exact totals on DynamoDB, without a Scan.

A list is a declaration: the model, the fields it can be sorted by, the fields it can be filtered by.

Index scheme. Every item carries a shard number `lshard` (a hash of its id, 0 .. LISTING_SHARDS - 1) and for each field
`f` of the list a text `s_f` = value, created_at, id, joined by U+001F, which sorts below every character a value may
have. One index per field: `by_f`, partition key `lshard`, sort key `s_f`, carrying the other fields beside the keys.
So one index serves three questions: the list sorted by `f` (whole partitions), `f` equal to a value with the newest
first (a prefix), and a range of `f` (an interval). Each is asked of all shards at once and merged.

Totals. A transaction that writes an item also moves the counters `list` and `list#f=value` of its counted fields. They
are sharded (COUNTER_SHARDS) and summed by one consistent BatchGetItem, so a total is exact right after the write.

How a page is read.
- Walk: no filter, or one counted equality that is sorted by created_at or by that field. LISTING_SHARDS queries of
  `limit` keys, one read of the counters, one of the items: the same at a thousand items and at a million.
- Gather: any other combination. The counters say which filter matches least; its keys are read from its index,
  checked against the other filters, sorted and cut. The cost is what that filter matches, never the table.
- An offset is walked over index keys; items are read for the page alone. A cursor is the last `s_f` of a page: the
  next page starts there, however deep.

What a write pays. One index write per field (two when the sort key changes), and one counter write per counted field:
a new batch costs 8 index writes (8 units) and 6 counter writes (12); with item, claim and event about 30 units.
Reads pay nothing for the size of the table.

Why not Scan: it costs the table for each page. Why not one index with one key value: all writers meet in one
partition, which takes 1,000 writes a second, and a filter still reads everything. Why not a search service: it
costs money at rest, lags behind the write, and must be kept in step.

Items deleted between the index and the read are left out of the page. On AWS an index lags a write by milliseconds;
totals and single reads do not. A value of null sorts below every other.
"""

import heapq
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pynamodb.models import Model

from chalicelib.core.aws import client
from chalicelib.core.dynamo import TABLES, IndexSpec, batch_get, count, table_name
from chalicelib.core.paging import CREATED, LONGEST_KEY, SEPARATOR, PageOf, PageRequest, decode, encode
from chalicelib.core.settings import settings
from chalicelib.core.threads import side_by_side
from chalicelib.core.transactions import Transaction

END = "\U0010ffff"  # sorts above every character of a value or an id
KEY_PAGE = 4_000  # index keys a request: about 1 MB, DynamoDB's own limit

M = TypeVar("M", bound=Model)
Key = dict[str, Any]  # an item of an index, as DynamoDB answers it


@dataclass(frozen=True)
class Range:
    """A filter that bounds a field; both ends are included."""

    field: str
    lower: bool


class Listing(Generic[M]):
    """A list of the items of a model. Makes its indexes known to the template when it is declared."""

    def __init__(
        self,
        name: str,
        model: type[M],
        *,
        id_field: str,
        sorts: Sequence[str],
        equals: Sequence[str] = (),
        ranges: Mapping[str, Range] | None = None,
        counted: Sequence[str] = (),
    ) -> None:
        self.name, self.model, self.id_field = name, model, id_field
        self.sorts, self.equals, self.ranges, self.counted = tuple(sorts), tuple(equals), dict(ranges or {}), counted
        self.fields = tuple(dict.fromkeys([*sorts, *equals, *(r.field for r in self.ranges.values())]))
        spec = TABLES[name]
        self._key_names = [spec.hash_key] + ([spec.range_key] if spec.range_key else [])
        spec.indexes += [IndexSpec(f"by_{f}", "lshard", f"s_{f}", self._carried(f)) for f in self.fields]
        LISTINGS[name] = self

    # -- writing ------------------------------------------------------------------------------------------------

    def index(self, item: M) -> dict[str, str]:
        """The index attributes of an item, to be written with it."""
        shard = zlib.crc32(self._id(item).encode()) % settings().listing_shards
        last = SEPARATOR.join([encode(getattr(item, CREATED)), self._id(item)])
        values = {f: encode(getattr(item, f)) + SEPARATOR + last for f in self.fields if f != CREATED}
        return {"lshard": str(shard)} | {f"s_{f}": values.get(f, last) for f in self.fields}

    def sort_key(self, item: M, name: str, value: Any) -> str:
        """`s_f` of an item whose field `f` has (or is about to get) that value."""
        parts = [encode(value)] if name == CREATED else [encode(value), encode(getattr(item, CREATED))]
        return SEPARATOR.join([*parts, self._id(item)])

    def count(self, tx: Transaction, item: M, amount: int, **otherwise: Exception) -> None:
        """Count an item in (+1) or out (-1). `otherwise` maps a counted field to the error of a sealed counter."""
        tx.add(self.name, amount)
        for name in self.counted:
            tx.add(self.counter(name, getattr(item, name)), amount, otherwise=otherwise.get(name))

    def recount(self, tx: Transaction, name: str, before: Any, after: Any, otherwise: Exception | None = None) -> None:
        """Move an item from one value of a counted field to another."""
        if name in self.counted and before != after:
            tx.add(self.counter(name, before), -1)
            tx.add(self.counter(name, after), +1, otherwise=otherwise)

    def counter(self, name: str, value: Any) -> str:
        """The name of the counter of the items whose field has that value."""
        return f"{self.name}#{name}={encode(value)}"

    def _carried(self, name: str) -> tuple[str, ...]:
        """What an index carries beside its keys: the fields that its sort key does not tell."""
        told = {name, CREATED, self.id_field, *self._key_names}
        return tuple(field for field in self.fields if field not in told)

    def _id(self, item: M) -> str:
        return encode(getattr(item, self.id_field))

    # -- reading ------------------------------------------------------------------------------------------------

    def all_keys(self) -> Iterator[Key]:
        """Every item as its index has it, with the fields of the list, in no order: for a recount."""
        for shard in range(settings().listing_shards):
            for page in self._run(self.fields[0], shard, "", END, KEY_PAGE, False):
                yield from page

    def page(self, request: PageRequest) -> PageOf[M]:
        """One page of the list. Raises Invalid for a cursor that is not one of this list."""
        filters = {name: encode(value) for name, value in request.filters.items() if value is not None}
        after = request.position(self.name)
        walked = self._walk_index(request, filters)
        if walked:
            total = self._total(filters)
            keys = self._walk(request, *walked, total, after)
        else:
            matching = self._gather(request, filters)
            total, keys = len(matching), self._cut(matching, request, after)
        more = len(keys) > request.limit
        keys = keys[: request.limit]
        cursor = request.next_cursor(self.name, self._position(keys[-1], request.sort_field)) if more else None
        return PageOf(self._items(keys), total, request.limit, request.offset, cursor)

    def every(self, filters: Mapping[str, Any], sort_field: str = CREATED, descending: bool = False) -> Iterator[M]:
        """All items the filters match, in order, read 100 at a time: for reports and exports."""
        request = PageRequest(sort_field=sort_field, descending=descending, filters=filters)
        encoded = {name: encode(value) for name, value in filters.items() if value is not None}
        walked = self._walk_index(request, encoded)
        keys = self._merge(*walked, KEY_PAGE, descending, None) if walked else iter(self._gather(request, encoded))
        while chunk := [key for _, key in zip(range(100), keys, strict=False)]:
            yield from self._items(chunk)

    def total(self, filters: Mapping[str, Any]) -> int:
        """How many items the filters match."""
        encoded = {name: encode(value) for name, value in filters.items() if value is not None}
        if self._walk_index(PageRequest(), encoded):
            return self._total(encoded)
        return len(self._gather(PageRequest(), encoded))

    def _walk_index(self, request: PageRequest, filters: dict[str, str]) -> tuple[str, str] | None:
        """The index field and key prefix whose order is the wanted one, if there is one and its total is counted."""
        if not filters:
            return request.sort_field, ""
        (name, value), *others = filters.items()
        if others or name not in self.counted or request.sort_field not in (CREATED, name):
            return None
        return name, value + SEPARATOR

    def _total(self, filters: dict[str, str]) -> int:
        name = next((f"{self.name}#{f}={value}" for f, value in filters.items()), self.name)
        return count([name])[name]

    def _walk(
        self, request: PageRequest, name: str, prefix: str, total: int, after: str | None
    ) -> list[Key]:
        """The keys of the page and one more, walked in the order of an index."""
        offset = 0 if after else request.offset
        if offset >= total:
            return []
        wanted = offset + request.limit + 1
        page = request.limit + 1 if not offset else wanted * 5 // (settings().listing_shards * 4) + request.limit
        start = None
        if after:
            start = prefix + after if prefix and request.sort_field == CREATED != name else after
        keys = self._merge(name, prefix, page, request.descending, start)
        return [key for number, key in zip(range(wanted), keys, strict=False) if number >= offset]

    def _merge(self, name: str, prefix: str, page: int, descending: bool, start: str | None) -> Iterator[Key]:
        """The keys of an index whose sort key begins with `prefix`, over all shards, in order, after `start`."""
        low, high = prefix, prefix + END
        if start:
            low, high = (low, start) if descending else (start, high)
        if (low or SEPARATOR) > high or len((start or "").encode()) > LONGEST_KEY:  # a cursor made up by somebody
            return iter(())
        runs = [self._run(name, shard, low, high, page, descending) for shard in range(settings().listing_shards)]
        heads = side_by_side(lambda run: next(run, None), runs)
        chained = [_chain(head, run) for head, run in zip(heads, runs, strict=True) if head]
        merged = heapq.merge(*chained, key=lambda key: str(key[f"s_{name}"]["S"]), reverse=descending)
        return (key for key in merged if not start or key[f"s_{name}"]["S"] != start)

    def _run(
        self, name: str, shard: int, low: str, high: str, page: int, descending: bool
    ) -> Iterator[list[Key]]:
        """The pages of one shard of an index between two sort keys, both included."""
        arguments: dict[str, Any] = {
            "TableName": table_name(self.name),
            "IndexName": f"by_{name}",
            "KeyConditionExpression": "lshard = :shard",
            "ExpressionAttributeValues": {":shard": {"S": str(shard)}},
            "ScanIndexForward": not descending,
            "Limit": min(page, KEY_PAGE),
        }
        if (low, high) != ("", END):
            arguments["KeyConditionExpression"] += f" AND s_{name} BETWEEN :low AND :high"
            arguments["ExpressionAttributeValues"] |= {":low": {"S": low or SEPARATOR}, ":high": {"S": high}}
        while True:
            answer = client("dynamodb").query(**arguments)
            yield [self._whole(key, name) for key in answer["Items"]]
            if "LastEvaluatedKey" not in answer:
                return
            arguments["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def _whole(self, key: Key, name: str) -> Key:
        """An index item with the fields that only its sort key tells."""
        value, *rest = key[f"s_{name}"]["S"].split(SEPARATOR)
        created = rest[0] if rest[1:] else value
        return {**key, name: {"S": value}, CREATED: {"S": created}, self.id_field: {"S": rest[-1]}}

    def _gather(self, request: PageRequest, filters: dict[str, str]) -> list[Key]:
        """All keys that match all filters, in order; reads what the most selective filter matches."""
        name, low, high = self._most_selective(filters)
        shards = side_by_side(
            lambda shard: [key for page in self._run(name, shard, low, high, KEY_PAGE, False) for key in page],
            range(settings().listing_shards),
        )
        keys = [key for shard in shards for key in shard if self._matches(key, filters)]
        keys.sort(key=lambda key: self._position(key, request.sort_field), reverse=request.descending)
        return keys

    def _most_selective(self, filters: dict[str, str]) -> tuple[str, str, str]:
        """The index to read and the interval of its sort keys: the smallest counted equality, else the range."""
        counted = {f: f"{self.name}#{f}={value}" for f, value in filters.items() if f in self.counted}
        uncounted = [f for f in filters if f in self.equals and f not in self.counted]
        sizes = count(list(counted.values())) if len(counted) > 1 else {}
        if uncounted or counted:
            best = uncounted[0] if uncounted else min(counted, key=lambda f: sizes.get(counted[f], 0))
            return best, filters[best] + SEPARATOR, filters[best] + SEPARATOR + END
        name = self.ranges[next(iter(filters))].field
        bounds = {self.ranges[f].lower: value for f, value in filters.items() if self.ranges[f].field == name}
        low = bounds.get(True, "")
        high = bounds[False] + SEPARATOR + END if False in bounds else END
        return name, low, max(low, high)

    def _matches(self, key: Key, filters: dict[str, str]) -> bool:
        for name, wanted in filters.items():
            bound = self.ranges.get(name)
            value = decode(key.get(bound.field if bound else name))
            if bound is None:
                if value != wanted:
                    return False
            elif not value or (value < wanted if bound.lower else value > wanted):
                return False
        return True

    def _position(self, key: Key, sort_field: str) -> str:
        """`s_f` of an index item, whichever index it was read from."""
        parts = [decode(key.get(sort_field)), decode(key[CREATED]), decode(key[self.id_field])]
        return SEPARATOR.join(parts[1:] if sort_field == CREATED else parts)

    def _cut(self, keys: list[Key], request: PageRequest, after: str | None) -> list[Key]:
        if after is None:
            return keys[request.offset : request.offset + request.limit + 1]
        positions = [(self._position(key, request.sort_field), key) for key in keys]
        left = [key for at, key in positions if (at < after if request.descending else at > after)]
        return left[: request.limit + 1]

    def _items(self, keys: Sequence[Key]) -> list[M]:
        """The items of index keys, in their order."""
        wanted = [tuple(key[name]["S"] for name in self._key_names) for key in keys]
        ids = [decode(key[self.id_field]) for key in keys]
        found = {self._id(item): item for item in batch_get(self.model, wanted)}
        return [found[name] for name in ids if name in found]


LISTINGS: dict[str, Listing[Any]] = {}


def _chain(head: list[Key], run: Iterator[list[Key]]) -> Iterator[Key]:
    yield from head
    for page in run:
        yield from page
