"""Every field that a batch can be given over HTTP is known wherever batches come in, are shown, and are described."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.batches import view
from chalicelib.batches.exchange import columns, exporting, plans
from chalicelib.batches.exchange.schemas import BatchRow, ExportQuery
from chalicelib.batches.schemas import Batch, BatchCreate, BatchFilters, BatchPatch, BatchQuery
from chalicelib.batches.store import BATCHES, BatchItem
from localstack.config import ROOT
from tests.production import batch_body

FIELDS = sorted(BatchCreate.model_fields)
COLUMN = {"work_center_id": "work_center_identifier"}  # a file names the work centre as people do
SHOWN = {"shift_start": "shift_time_range", "shift_end": "shift_time_range"}
NOT_EXPORTED = {"planned_quantity"}  # the contract fixes the columns of an export
CENTER, OTHER = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
AT = datetime(2025, 1, 20, tzinfo=UTC)


def filled() -> dict[str, Any]:
    """A body with every field: what the contract shows, and for others the smallest or shortest value."""
    body = batch_body(CENTER)
    for name in FIELDS:
        body.setdefault(name, 1 if "int" in str(BatchCreate.model_fields[name].annotation) else "x")
    return body


def row() -> BatchRow:
    """The row of an import with every field."""
    body = filled()
    del body["work_center_id"]
    return BatchRow.model_validate(body | {"work_center_identifier": "WC-1"})


def new_item() -> BatchItem:
    """What an import of that row writes."""
    return plans.to_create(row(), OTHER, CENTER, AT).item


@pytest.mark.parametrize("name", FIELDS)
def test_a_field_that_is_given_can_be_changed_stored_and_shown(name: str) -> None:
    assert name in BatchPatch.model_fields, "chalicelib/batches/schemas.py: BatchPatch"
    assert name in BatchItem.get_attributes(), "chalicelib/batches/store.py: BatchItem"
    shown = SHOWN.get(name, name)
    assert shown in Batch.model_fields, "chalicelib/batches/schemas.py: Batch"
    text = json.loads(view._text(new_item().attribute_values, []))
    assert text.get(shown) is not None, "chalicelib/batches/view.py"
    raw = {key: value for key, value in new_item().serialize().items() if value}
    assert view._values(raw).get(name) is not None, "chalicelib/batches/view.py"


@pytest.mark.parametrize("name", FIELDS)
def test_a_field_that_is_given_is_imported_and_exported(name: str) -> None:
    column = COLUMN.get(name, name)
    assert column in columns.READ, "chalicelib/batches/exchange/columns.py: no column for imports"
    exported = {one.name for one in exporting.BATCH_COLUMNS}
    assert column in exported or name in NOT_EXPORTED, "chalicelib/batches/exchange/columns.py: no column for exports"
    assert getattr(new_item(), name) is not None, "chalicelib/batches/exchange/plans.py: not imported"
    if name not in plans.KEYS:
        old = BatchItem(OTHER, is_closed=False, **dict.fromkeys(set(FIELDS) - {name}))
        assert name in plans.to_update(row(), old, CENTER, [], AT).changes, "plans.py: not changed by an import"


def test_an_empty_cell_removes_nothing() -> None:
    needed = row().model_dump(exclude_defaults=True)
    optional = set(FIELDS) - {name for name, field in BatchCreate.model_fields.items() if field.is_required()}
    emptied = BatchRow.model_validate({name: value for name, value in needed.items() if name not in optional})
    assert optional and not optional & plans.to_update(emptied, new_item(), CENTER, [], AT).changes.keys()


def test_what_can_be_asked_for_is_in_the_list_and_in_exports() -> None:
    ranges = {name: bound.field for name, bound in BATCHES.ranges.items()}
    assert set(BatchFilters.model_fields) == set(BATCHES.equals) | set(ranges) <= set(ExportQuery.model_fields)
    assert set(BatchQuery.SORTS) == set(BATCHES.sorts)
    stored = BatchItem.get_attributes()
    assert {*BATCHES.sorts, *BATCHES.equals, *ranges.values()} <= stored.keys()


def test_the_guide_names_every_field_order_and_filter() -> None:
    guide = set(re.findall(r"""[`"]([a-z_]+)\\?[`"]""", (ROOT / "docs" / "production.md").read_text()))
    known = {*FIELDS, *(COLUMN.get(name, name) for name in FIELDS), *BatchFilters.model_fields, *BatchQuery.SORTS}
    assert known - guide == set()
