"""A field that a list did not have in the last release has a migration, which brings older items into its index."""

import json
from typing import Any

import pytest

import chalicelib.wiring.routes  # noqa: F401 - registers all lists
from chalicelib.core.listing import EVERY_LIST, LISTINGS, Listing
from chalicelib.migrations.numbered import migrations
from infra.names import table_id
from tests.last_release import TABLES

NAMES = sorted(name for name in LISTINGS if name not in ("things", "boxes"))


def released_fields(listing: Listing[Any]) -> set[str] | None:
    """The fields that the list had an index of in the last release; None for a list that is new."""
    table = json.loads(TABLES.read_text()).get(table_id(listing.name))
    if table is None:
        return None
    keys = (part.split() for parts in table["indexes"].values() for part in parts if part.startswith("RANGE s_"))
    return {name.removeprefix("s_") for _, name, _ in keys}  # others, as `by_shift_end`, have no items for a list


def test_an_index_of_other_use_is_none_of_a_field() -> None:
    released = released_fields(LISTINGS["batches"])
    assert released and "shift" in released and "shift_end" not in released


@pytest.mark.parametrize("name", NAMES)
def test_a_new_field_of_a_list_has_a_migration(name: str) -> None:
    listing = LISTINGS[name]
    released = released_fields(listing)
    new = set(listing.fields) - (set(listing.fields) if released is None else released)
    assert new <= listing.filled_by.keys(), f"name in `filled_by` the migration that gives older {name} their index"
    assert listing.filled_by.keys() <= set(listing.fields)


@pytest.mark.parametrize("name", NAMES)
def test_a_list_names_migrations_that_exist(name: str) -> None:
    numbers = {migration.number for migration in migrations()}
    assert {EVERY_LIST, *LISTINGS[name].filled_by.values()} <= numbers


def test_every_migration_changes_something() -> None:
    filled = {number for listing in LISTINGS.values() for number in (EVERY_LIST, *listing.filled_by.values())}
    assert [each.title for each in migrations() if each.number not in filled and not each.changes()] == []
