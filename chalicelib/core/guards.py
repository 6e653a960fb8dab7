"""The conditions that a conditional request (conditional.py) adds to its writes: items of its snapshot are unchanged.

All attributes of an item's model are compared, since not all models have a version.
"""

from collections.abc import Collection, Generator
from contextlib import contextmanager
from typing import Any

from chalicelib.core.conditional import ItemKey, Outdated, RawItem, Snapshot, current
from chalicelib.core.conversion import key_names, raw_key
from chalicelib.core.errors import AppError
from chalicelib.core.reads import get_raw

Arguments = dict[str, Any]  # of a write


def with_condition(arguments: Arguments) -> tuple[Arguments, ItemKey | None]:
    """Return the arguments of a write with the condition that its item is unchanged, and the item's key. An item
    outside the snapshot gets no condition and no key.
    """
    key = _key_in_snapshot(arguments)
    if key is None:
        return arguments, None
    guard = _condition(key)
    merged = {**arguments, **guard}
    if "ConditionExpression" in arguments:
        own = arguments["ConditionExpression"]  # pynamodb sets parentheses where it needs them
        merged["ConditionExpression"] = f"{own} AND {guard['ConditionExpression']}"
    for part in ("ExpressionAttributeNames", "ExpressionAttributeValues"):
        if both := {**arguments.get(part, {}), **guard.get(part, {})}:
            merged[part] = both
    return merged, key


def condition_checks(without: set[ItemKey]) -> list[Arguments]:
    """Return the condition checks of all items of the snapshot but those in `without`, which are written anyway."""
    snapshot = current()
    keys = [key for key in snapshot.items if key not in without] if snapshot else []
    return [{"TableName": key[0].Meta.table_name, "Key": raw_key(*key), **_condition(key)} for key in keys]


def assert_unchanged() -> None:
    """Raise Outdated when an item of the snapshot has changed. Called when a condition has failed."""
    snapshot = current()
    for key, seen in dict(snapshot.items).items() if snapshot else ():
        now = get_raw(key)
        if any((seen or {}).get(name) != (now or {}).get(name) for name in _names(key)):
            raise Outdated


@contextmanager
def assert_unchanged_at_end(snapshot: Snapshot) -> Generator[None, None, None]:
    """Raise Outdated at the end of the block when an item of the snapshot has changed and no write has confirmed it:
    the answer or refusal may depend on newer items.
    """
    try:
        yield
    except AppError:
        if not snapshot.is_confirmed:
            assert_unchanged()
        raise
    if not snapshot.is_confirmed:
        assert_unchanged()


def confirm() -> None:
    """Record that a write has found the items of the snapshot unchanged."""
    snapshot = current()
    if snapshot:
        snapshot.is_confirmed = True


def replace(key: ItemKey, now: RawItem) -> None:
    """Replace an item of the snapshot by what a write that keeps the snapshot (a lease) has made of it."""
    snapshot = current()
    if snapshot:
        snapshot.items[key] = now


def _key_in_snapshot(arguments: Arguments) -> ItemKey | None:
    snapshot, item_key = current(), arguments.get("Key") or arguments["Item"]
    for key in snapshot.items if snapshot else ():
        same = all(item_key.get(name) == value for name, value in raw_key(*key).items())
        if same and key[0].Meta.table_name == arguments["TableName"]:
            return key
    return None


def _condition(key: ItemKey) -> Arguments:
    snapshot = current()
    raw = snapshot.items[key] if snapshot else None
    return is_unchanged(raw or {}, _names(key) if raw else [key_names(key[0])[0]])


def is_unchanged(raw: RawItem, names: Collection[str]) -> Arguments:
    """Return the condition that an item has these attributes as they were read, as arguments of a write."""
    aliases = {f"#seen{number}": name for number, name in enumerate(names)}
    values = {f":{alias[1:]}": raw[name] for alias, name in aliases.items() if name in raw}
    parts = [
        f"{alias} = :{alias[1:]}" if name in raw else f"attribute_not_exists({alias})"
        for alias, name in aliases.items()
    ]
    guard: Arguments = {"ConditionExpression": " AND ".join(parts), "ExpressionAttributeNames": aliases}
    return {**guard, "ExpressionAttributeValues": values} if values else guard


def _names(key: ItemKey) -> list[str]:
    """Return the names of a model's attributes in the table. Sort keys of lists follow from them."""
    return [attribute.attr_name for attribute in key[0].get_attributes().values()]
