"""Making the items of a table equal to those of another one: what a restore does for each table (infra/restore.py).

A pass reads both tables once and writes what differs only. So it costs little where little has changed, may be killed
anywhere and begun again, and tells by its count whether anything was left. Nobody else may write to the table then.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

from chalicelib.core.retries import DYNAMODB_THROTTLING
from infra.names import Json

WORKERS = 16
MAX_READ, MAX_WRITTEN = 100, 25  # items of BatchGetItem, of BatchWriteItem
SEGMENT_BYTES = 64 * 1024 * 1024  # of a table for each parallel reader


@dataclass(frozen=True)
class Copy:
    """A table, the one its items are to be taken from (none: it is to be empty), their key, the number of readers."""

    table: str
    source: str | None
    keys: tuple[str, ...]
    segments: int = 1


def segments(size_bytes: int) -> int:
    """Return into how many parts the reading of a table of that size is divided."""
    return min(WORKERS, 1 + size_bytes // SEGMENT_BYTES)


def make_equal(dynamodb: Any, copies: Sequence[Copy], tell: Callable[[str], None] = lambda _: None) -> int:
    """Write and delete what differs, all tables side by side; return the number of items that did."""
    with ThreadPoolExecutor(WORKERS) as pool:
        running = [(copy, pool.map(lambda job: job(), _jobs(dynamodb, copy))) for copy in copies]
        total = 0
        for number, (copy, counts) in enumerate(running, 1):
            changed = sum(counts)
            total += changed
            if changed:
                tell(f"{number} of {len(copies)} tables compared  {copy.table}  {changed:,} items differed")
    return total


def _jobs(dynamodb: Any, copy: Copy) -> Sequence[Callable[[], int]]:
    """Return the work on a table in independent parts: no item is written by two of them."""
    parts = range(copy.segments)
    excess = [partial(_delete_excess, dynamodb, copy, part) for part in parts]
    if not copy.source:
        return excess
    return [*(partial(_put_missing, dynamodb, copy, part) for part in parts), *excess]


def _put_missing(dynamodb: Any, copy: Copy, part: int) -> int:
    """Write the items of the source that the table lacks or has otherwise."""
    changed = 0
    for items in _batches(_scan(dynamodb, copy.source, copy.segments, part), MAX_READ):
        present = _read(dynamodb, copy.table, [_key(copy, item) for item in items])
        kept = {_identity(copy, item): _comparable(item) for item in present}
        differ = [item for item in items if kept.get(_identity(copy, item)) != _comparable(item)]
        _write(dynamodb, copy.table, [{"PutRequest": {"Item": item}} for item in differ])
        changed += len(differ)
    return changed


def _delete_excess(dynamodb: Any, copy: Copy, part: int) -> int:
    """Delete the items of the table that the source does not have."""
    changed = 0
    for items in _batches(_scan(dynamodb, copy.table, copy.segments, part, copy.keys), MAX_READ):
        found = _read(dynamodb, copy.source, [_key(copy, item) for item in items], copy.keys) if copy.source else ()
        wanted = {_identity(copy, item) for item in found}
        excess = [item for item in items if _identity(copy, item) not in wanted]
        _write(dynamodb, copy.table, [{"DeleteRequest": {"Key": _key(copy, item)}} for item in excess])
        changed += len(excess)
    return changed


def _scan(dynamodb: Any, table: str | None, total: int, part: int, names: Sequence[str] = ()) -> Iterator[Json]:
    """Yield the items of one part of a table, or those attributes of them."""
    pages = dynamodb.get_paginator("scan").paginate(
        TableName=table, ConsistentRead=True, TotalSegments=total, Segment=part, **_projection(names)
    )
    return (item for page in pages for item in page["Items"])


def _read(dynamodb: Any, table: str, keys: list[Json], names: Sequence[str] = ()) -> Iterator[Json]:
    """Yield the items with these keys, or those attributes of them."""
    left, attempt = keys, 0
    while left:
        request = {"Keys": left, "ConsistentRead": True, **_projection(names)}
        answer = dynamodb.batch_get_item(RequestItems={table: request})
        yield from answer["Responses"].get(table, ())
        left = answer.get("UnprocessedKeys", {}).get(table, {}).get("Keys", [])
        attempt = _pause(attempt, left)


def _write(dynamodb: Any, table: str, requests: Iterable[Json]) -> None:
    for batch in _batches(requests, MAX_WRITTEN):
        left, attempt = batch, 0
        while left:
            left = dynamodb.batch_write_item(RequestItems={table: left}).get("UnprocessedItems", {}).get(table, [])
            attempt = _pause(attempt, left)


def _batches(items: Iterable[Json], size: int) -> Iterator[list[Json]]:
    waiting = iter(items)
    while batch := list(islice(waiting, size)):
        yield batch


def _pause(attempt: int, left: Sequence[Any]) -> int:
    """Wait when the table did not do all of a request, longer each time; return the number of the next attempt."""
    if left:
        time.sleep(DYNAMODB_THROTTLING.random_backoff(attempt + 1))
    return attempt + 1


def _projection(names: Sequence[str]) -> Json:
    """Return the arguments that read these attributes only; names may be reserved words."""
    aliases = {f"#a{number}": name for number, name in enumerate(names)}
    return {"ProjectionExpression": ", ".join(aliases), "ExpressionAttributeNames": aliases} if names else {}


def _key(copy: Copy, item: Json) -> Json:
    return {name: item[name] for name in copy.keys}


def _identity(copy: Copy, item: Json) -> str:
    return repr([item[name] for name in copy.keys])


def _comparable(value: Any) -> Any:
    """Return an attribute value whose sets are in order: DynamoDB keeps none."""
    if isinstance(value, dict):
        return {name: _sorted(one) if name in ("SS", "NS", "BS") else _comparable(one) for name, one in value.items()}
    return [_comparable(one) for one in value] if isinstance(value, list) else value


def _sorted(value: Any) -> Any:
    """Return a set in order; an attribute may have the name of a type."""
    return sorted(value) if isinstance(value, list) else _comparable(value)
