"""The tables of costs in docs/operations.md and docs/performance.md are exact; times are not compared."""

import re
from typing import Any

import pytest

import app  # noqa: F401 - declares all lists
from bench import bill as bills
from bench import costs
from chalicelib.core.listing import LISTINGS, Listing
from localstack.config import ROOT

EXACT = ("lambda", "wru", "sqs", "bus", "states", "s3_put")


def documented(name: str) -> dict[str, int]:
    """The row of an operation, by unit."""
    page = (ROOT / "docs" / "operations.md").read_text()
    (cells,) = re.findall(rf"^{re.escape(name)}  +(.*)$", page, re.M)
    return dict(zip(costs.SHOWN, (int(cell.replace(",", "")) for cell in cells.split()[:-1]), strict=True))


@pytest.mark.parametrize("name", ["create a batch", "long task"])
def test_an_operation_costs_what_the_table_says(name: str) -> None:
    with costs.metered_system() as meter:
        bill = costs.measure(meter, name, 2)
    row = documented(name)
    assert {unit: bill.get(unit, 0) * 1_000 for unit in EXACT} == {unit: row[unit] for unit in EXACT}
    assert bill.get("rru", 0) * 1_000 == pytest.approx(row["rru"], rel=0.3)


def test_every_operation_stands_in_the_table() -> None:
    assert all(documented(name) for name in costs.operations())


@pytest.mark.parametrize("name", ["create a batch", "change a batch"])
def test_a_write_writes_what_the_table_of_writes_says(name: str) -> None:
    assert costs.write_row(name) in (ROOT / "docs" / "performance.md").read_text().splitlines()


def test_every_frequent_write_stands_in_the_table() -> None:
    page = (ROOT / "docs" / "performance.md").read_text()
    assert all(re.search(rf"^{re.escape(name)}  +[0-9.]+  +[0-9.]+  +[0-9.]+", page, re.M) for name in costs.writes())


@pytest.mark.parametrize("listing", LISTINGS.values(), ids=LISTINGS)
def test_only_fields_that_a_list_is_filtered_by_are_counted(listing: Listing[Any]) -> None:
    assert set(listing.counted) <= {*listing.equals, *(bound.field for bound in listing.ranges.values())}


def test_a_write_is_billed_by_its_size_its_indexes_and_its_transaction() -> None:
    table = {"KeySchema": [{"AttributeName": "id"}]}
    index = {"KeySchema": [{"AttributeName": "day"}], "Projection": {"ProjectionType": "KEYS_ONLY"}}
    old = {"id": {"S": "1"}, "day": {"S": "mon"}, "text": {"S": "x" * 3_000}}
    moved = old | {"day": {"S": "tue"}}
    units = bills.index_units
    assert units(index, table, None, old) == 1
    assert units(index, table, old, old | {"text": {"S": "y"}}) == 0
    assert units(index, table, old, moved) == 2
    assert units(index, table, None, {"id": {"S": "1"}}) == 0
