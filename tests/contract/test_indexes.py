"""Secondary indexes: DynamoDB refuses to change one that exists, so none may depend on what else its table has.

"Cannot update GSI's properties other than Provisioned Throughput and Contributor Insights Specification. You can
create a new GSI with a different name" (CloudFormation, github.com/aws-amplify/amplify-cli/issues/11384). A table has
at most 20, whose NonKeyAttributes "summed across all of the secondary indexes, must not exceed 100"
(docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html).
"""

from dataclasses import replace
from typing import Any

import pytest

import app  # noqa: F401 - declares what has tables of its own
import chalicelib.wiring.routes  # noqa: F401 - registers all routes and tables
from chalicelib.core import listing as listings
from chalicelib.core.dynamo import TABLES
from chalicelib.core.index_reads import Range, index_of
from chalicelib.core.listed import LISTED, ListedFields, code_of
from chalicelib.core.listing import LISTINGS, Listing
from infra.tables import creations

Json = dict[str, Any]

NAMES = sorted(name for name in LISTINGS if name != "things")
OF_NO_FIELD = {  # those that no field of a list makes, with partition key, sort key, and what they project beside keys
    ("background_tasks", "due"): ("lshard", "due_at"),
    ("background_tasks", "trouble"): ("trouble", "finished_at", "user_id"),
    ("batches", "by_shift_end"): ("lshard", "shift_end", "shift_start"),
    ("defects", "due_by_site"): ("due_site", "open_due"),
    ("defects", "unannounced"): ("due_shard", "due_next"),
    ("deferred_tasks", "due"): ("lshard", "due_at", "far"),
    ("events", "unsent"): ("lshard", "waiting", "occurred_at"),
    ("long_tasks", "due"): ("lshard", "due_at"),
    ("reports", "by_batch"): ("batch_id", "created_at"),
    ("sagas", "due"): ("lshard", "due_at"),
    ("schedules", "due"): ("lshard", "next_run_at"),
    ("webhook_deliveries", "due"): ("lshard", "due_at"),
    ("webhook_deliveries", "list_failing"): ("lshard", "s_failing", LISTED),
}
MOST_INDEXES, MOST_PROJECTED = 20, 100
FREE = 3  # indexes of a table that can be added


def indexes_of(table: str) -> dict[str, Json]:
    """Return the indexes of a table as they are created, by name."""
    (created,) = creations([table])
    return {index["IndexName"]: index for index in created.get("GlobalSecondaryIndexes", ())}


def parts_of(index: Json) -> tuple[str, ...]:
    """Return partition key, sort key and what an index projects beside keys."""
    keys = [key["AttributeName"] for key in index["KeySchema"]]
    return (*keys, *index["Projection"].get("NonKeyAttributes", ()))


@pytest.mark.parametrize("name", NAMES)
def test_every_index_of_a_list_projects_one_and_the_same_attribute(name: str) -> None:
    indexes = indexes_of(name)
    for field in LISTINGS[name].fields:
        index = indexes[f"list_{field}"]
        assert parts_of(index) == ("lshard", f"s_{field}", LISTED)
        assert index["Projection"] == {"ProjectionType": "INCLUDE", "NonKeyAttributes": [LISTED]}


def test_every_other_index_is_what_it_was() -> None:
    """A change of one needs a new name, and this table has it: here it is seen that the old one stays, or goes."""
    of_lists = {(name, index_of(field).name) for name in NAMES for field in LISTINGS[name].fields}
    found = {(table, name): parts_of(index) for table in TABLES for name, index in indexes_of(table).items()}
    others = {key: parts for key, parts in found.items() if key not in of_lists and key[0] != "things"}
    assert others == OF_NO_FIELD


@pytest.mark.parametrize("table", sorted(TABLES))
def test_a_table_keeps_the_limits_of_dynamodb_and_has_room_for_more_fields(table: str) -> None:
    indexes = indexes_of(table)
    projected = sum(len(parts_of(index)) - 2 for index in indexes.values())
    assert len(indexes) <= MOST_INDEXES - FREE
    assert projected <= len(indexes) <= MOST_PROJECTED


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("at_end", [True, False], ids=["last", "first"])
def test_another_field_of_a_list_changes_no_index_that_exists(
    name: str, at_end: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    of, before = LISTINGS[name], indexes_of(name)
    own = [index for index in TABLES[name].indexes if index not in map(index_of, of.fields)]
    monkeypatch.setitem(TABLES, name, replace(TABLES[name], indexes=own))
    monkeypatch.setattr(listings, "LISTINGS", {})
    sorts = (*of.sorts, "priority") if at_end else ("priority", *of.sorts)
    ranges = {**of.ranges, "weight_from": Range("weight", lower=True)}
    Listing(name, of.model, id_field=of.id_field, sorts=sorts, equals=(*of.equals, "owner"), ranges=ranges)
    after = indexes_of(name)
    assert {index: after[index] for index in before} == before
    assert after.keys() - before.keys() == {"list_priority", "list_owner", "list_weight"}


def test_the_code_of_a_field_never_changes() -> None:
    """Items have it: with another one their values would be missing."""
    assert [code_of(field) for field in ("status", "batch_number", "work_center_id")] == ["ew", "RW", "Oz"]


def test_two_fields_of_a_list_with_one_code_are_refused() -> None:
    codes: dict[str, str] = {}
    for number in range(10_000):
        field = f"field_{number}"
        other = codes.setdefault(code_of(field), field)
        if other != field:
            break
    with pytest.raises(ValueError, match=f"{other}, {field}"):
        ListedFields([other, field])
