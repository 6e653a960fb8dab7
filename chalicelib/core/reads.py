"""Reading items by their keys: one, or many of any tables in few requests."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.core import conditional
from chalicelib.core.aws import client
from chalicelib.core.conversion import Arguments, key_names, raw_key
from chalicelib.core.repeats import Repeats, call_with_retries
from chalicelib.core.threads import map_in_parallel

MAX_KEYS = 100  # of one BatchGetItem call

ItemKey = conditional.ItemKey
Raw = conditional.RawItem


def get_raw(key: ItemKey) -> Raw | None:
    """Return an item by a consistent read."""
    arguments = {"TableName": key[0].Meta.table_name, "Key": raw_key(*key), "ConsistentRead": True}
    response = call_with_retries(lambda: client("dynamodb").get_item(**arguments), only="throttled")
    found: Raw | None = response.get("Item")
    return found


def read_together(keys: Iterable[ItemKey], *, patient: bool = True) -> dict[ItemKey, Raw]:
    """Read the items that exist of these keys, consistently, 100 keys a request, the requests in parallel.

    Without `patient` a failed call is repeated by the client only.
    """
    distinct = list(dict.fromkeys(keys))  # BatchGetItem refuses a key twice
    parts = [distinct[start : start + MAX_KEYS] for start in range(0, len(distinct), MAX_KEYS)]
    found: dict[ItemKey, Raw] = {}
    for part in map_in_parallel(partial(_read, patient=patient), parts):
        found |= part
    return found


def fetch_together(key: ItemKey, others: Iterable[ItemKey]) -> tuple[Raw | None, dict[ItemKey, Raw | None]]:
    """Read an item, from the snapshot of a conditional request if there is one, and others in the same request.

    Items of a snapshot are read before the others: those are at least as new, so a change in between is noticed.
    """
    snapshot, others = conditional.current(), list(others)
    if snapshot is None:
        found = read_together([key, *others])
        return found.get(key), {other: found.get(other) for other in others}
    if key not in snapshot.items:
        snapshot.record(key, raw := get_raw(key))
    else:
        raw = snapshot.items[key]
    found = read_together(others)
    return raw, {other: found.get(other) for other in others}


def _read(keys: list[ItemKey], patient: bool) -> dict[ItemKey, Raw]:
    """Send one request, and further ones for the keys that DynamoDB has left unprocessed."""
    left: dict[str, Any] = {}
    by_key: dict[tuple[str, str, str | None], ItemKey] = {}
    for key in keys:
        model, hash_key, range_key = key
        table = model.Meta.table_name
        left.setdefault(table, {"Keys": [], "ConsistentRead": True})["Keys"].append(raw_key(*key))
        by_key[table, hash_key, range_key] = key
    names = {key[0].Meta.table_name: key_names(key[0]) for key in keys}
    found: dict[ItemKey, Raw] = {}
    repeats = Repeats(patient=patient)
    while left:
        responses, left = _read_once(left, repeats)
        for table, items in responses.items():
            hash_name, range_name = names[table]
            for item in items:
                range_key = item[range_name]["S"] if range_name else None
                found[by_key[table, item[hash_name]["S"], range_key]] = item
    return found


def _read_once(left: Arguments, repeats: Repeats) -> tuple[dict[str, list[Raw]], Arguments]:
    """Send one BatchGetItem; returns the items by table, and the keys to ask for again, after a pause."""
    error = None
    try:
        response = client("dynamodb").batch_get_item(RequestItems=left)
    except (ClientError, BotoCoreError) as failure:
        response, error = {"Responses": {}, "UnprocessedKeys": left}, failure
    unread: Arguments = response.get("UnprocessedKeys") or {}
    if unread:
        repeats.wait(error)
    return response["Responses"], unread
