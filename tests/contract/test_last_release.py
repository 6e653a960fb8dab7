"""The tables of the last release are updated in place: an update replaces none, and changes no index under its name.

What CloudFormation and DynamoDB refuse, or do by making an empty table:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html
"""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

import app
from infra.template import merge_template
from tests.last_release import TABLES, layouts

Tables = dict[str, Any]


def lost(old: Tables, new: Tables) -> Iterator[str]:
    """Yield what an update from the old tables to the new ones loses or cannot do, in words."""
    for name, table in old.items():
        now = new.get(name)
        if now is None:
            yield f"{name} is gone: its items are kept, but nothing reads them"
            continue
        if (table["name"], table["keys"]) != (now["name"], now["keys"]):
            yield f"{name} is replaced by an empty table: its name or keys have changed"
        if table["stream"] not in (None, now["stream"]):
            yield f"{name} has another stream: it has to be switched off in an update of its own"
        if table["ttl"] not in (None, now["ttl"]):
            yield f"{name} expires by another attribute: it has to be switched off an hour earlier"
        for index, parts in table["indexes"].items():
            if now["indexes"].get(index, parts) != parts:
                yield f"{name}: {index} has changed; give the new index another name"
    kinds = attribute_types(old)
    for attribute, kind in attribute_types(new).items():
        if kinds.get(attribute, kind) != kind:
            yield f"{attribute[0]}: the key {attribute[1]} has another type"


def attribute_types(tables: Tables) -> dict[tuple[str, str], str]:
    """Return the types of all attributes that are keys of a table or an index."""
    keys = (
        (name, key.split())
        for name, table in tables.items()
        for parts in (table["keys"], *table["indexes"].values())
        for key in parts
        if " " in key
    )
    return {(name, attribute): kind for name, (_, attribute, kind) in keys}


@pytest.fixture(scope="module")
def released() -> Tables:
    """The tables of the last release."""
    tables: Tables = json.loads(TABLES.read_text())
    return tables


def test_an_update_from_the_last_release_keeps_every_table_and_index(released: Tables) -> None:
    current = layouts(merge_template(app.app, "prod")["Resources"])
    assert list(lost(released, current)) == []


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (["keys", 0], "HASH id S", "replaced"),
        (["keys", 0], "HASH uuid N", "replaced"),
        (["name"], "${AWS::StackName}-lots", "replaced"),
        (["indexes", "by_created_at", 1], "RANGE created_at S", "by_created_at has changed"),
        (["indexes", "by_created_at", 2], "ALL", "by_created_at has changed"),
        (["indexes", "by_other"], ["HASH s_created_at N", "KEYS_ONLY"], "s_created_at has another type"),
        (["indexes", "by_other"], ["HASH lshard S", "KEYS_ONLY"], ""),
        (["stream"], "NEW_IMAGE", ""),
    ],
)
def test_each_change_that_loses_something_is_found(released: Tables, path: list[Any], value: Any, said: str) -> None:
    changed = deepcopy(released)
    part = changed["WorkCentersTable"]
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = value
    found = "\n".join(lost(released, changed))
    assert said in found and bool(said) == bool(found), found


def test_a_missing_table_another_stream_and_another_expiry_are_found(released: Tables) -> None:
    events = deepcopy(released["EventsTable"]) | {"stream": "KEYS_ONLY"}
    files = deepcopy(released["FilesTable"]) | {"ttl": "expires"}
    changed = {**released, "EventsTable": events, "FilesTable": files}
    del changed["WorkCentersTable"]
    assert [line.split()[:3] for line in lost(released, changed)] == [
        ["EventsTable", "has", "another"],
        ["FilesTable", "expires", "by"],
        ["WorkCentersTable", "is", "gone:"],
    ]
