"""Table `migrations`, and the pages and items of any table that a migration reads and changes."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from botocore.exceptions import ClientError
from pynamodb.expressions.operand import Path

from chalicelib.core import guards
from chalicelib.core.aws import client
from chalicelib.core.counters import CounterItem, read_counters
from chalicelib.core.dynamo import TABLES, fetch, table_name, update_if
from chalicelib.core.listing import LISTINGS
from chalicelib.core.readiness import STATE, MigrationsItem
from chalicelib.core.repeats import CONDITION_FAILED, call_with_retries, code_of
from chalicelib.core.transactions import Changed
from chalicelib.migrations.model import Applied, Raw, Run, State


def find() -> State | None:
    """Read the state of the migrations; None when nothing has been recorded."""
    item = fetch(MigrationsItem, STATE)
    if item is None:
        return None
    stored = json.loads(item.run or "{}")
    run = Run(**stored["run"]) if stored.get("run") else None
    history = [Applied(**each) for each in json.loads(item.history or "[]")]
    target, settled_at = stored.get("target", int(item.applied)), stored.get("settled_at", "")
    return State(int(item.applied), target, settled_at, run, history, item.due_at or "", int(item.version))


def save(state: State) -> None:
    """Write the state; Changed when another worker has written it since it was read."""
    run = {"target": state.target, "settled_at": state.settled_at, "run": asdict(state.run) if state.run else None}
    values: dict[str, Any] = {
        "applied": state.applied,
        "percent": state.run.percent if state.run else 0,
        "run": json.dumps(run, ensure_ascii=False),
        "history": json.dumps([asdict(each) for each in state.history], ensure_ascii=False),
        "due_at": state.due_at,
        "version": state.version + 1,
    }
    unchanged = (Path("version") == state.version) if state.version else Path("version").does_not_exist()
    if not update_if(MigrationsItem(STATE), [Path(name).set(value) for name, value in values.items()], unchanged):
        raise Changed
    state.version += 1


def is_new_stack() -> bool:
    """Return whether nothing has ever been written: every item of a list, the first user too, is counted."""
    request = {"TableName": CounterItem.Meta.table_name, "Limit": 1, "ConsistentRead": True}
    return not call_with_retries(lambda: client("dynamodb").scan(**request))["Items"]


def count_items(tables: list[str]) -> int:
    """Return how many items the lists of these tables have."""
    return sum(read_counters([name for name in tables if name in LISTINGS]).values())


def read_page(table: str, cursor: Raw | None, limit: int) -> tuple[list[Raw], Raw | None]:
    """Read the next items of a table, consistently; and the key of the last one, None at the end of the table."""
    request: dict[str, Any] = {"TableName": table_name(table), "Limit": limit, "ConsistentRead": True}
    if cursor:
        request["ExclusiveStartKey"] = cursor
    response = call_with_retries(lambda: client("dynamodb").scan(**request))
    return response["Items"], response.get("LastEvaluatedKey")


def read_item(table: str, item: Raw) -> Raw | None:
    """Read an item again."""
    request = {"TableName": table_name(table), "Key": key_of(table, item), "ConsistentRead": True}
    found: Raw | None = call_with_retries(lambda: client("dynamodb").get_item(**request)).get("Item")
    return found


def change(table: str, seen: Raw, values: Mapping[str, Any]) -> bool:
    """Set attributes of an item; False when it is not as it was `seen`, for example because this call was repeated."""
    guard = guards.is_unchanged(seen, sorted({*seen, *values}))
    names = {f"#new{number}": name for number, name in enumerate(values)}
    arguments = {
        "TableName": table_name(table),
        "Key": key_of(table, seen),
        "UpdateExpression": "SET " + ", ".join(f"{alias} = :{alias[1:]}" for alias in names),
        **guard,
    }
    arguments["ExpressionAttributeNames"] |= names
    arguments["ExpressionAttributeValues"] |= {f":{alias[1:]}": values[name] for alias, name in names.items()}
    try:
        call_with_retries(lambda: client("dynamodb").update_item(**arguments))
    except ClientError as error:
        if code_of(error) != CONDITION_FAILED:
            raise
        return False
    return True


def key_of(table: str, item: Raw) -> Raw:
    """Return the key of an item."""
    spec = TABLES[table]
    return {name: item[name] for name in (spec.hash_key, spec.range_key) if name}
