"""A batch that others change while it is aggregated: the end of the aggregation writes nothing of what was before."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.batches import contents
from tests.production import batch_with, ok


def test_a_field_that_is_changed_during_an_aggregation_stays_changed_in_every_list(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The list's fields are written together, so they are those of the batch as it is (`tests/indexed.py`)."""
    made = batch_with("A", "B")
    path, real = f"/api/batches/{made['uuid']}", contents.aggregate_many

    def change_afterwards(*arguments: Any, **named: Any) -> Iterator[int]:
        yield from real(*arguments, **named)
        ok("PATCH", path, {"team": "Бригада Я"})

    monkeypatch.setattr(contents, "aggregate_many", change_afterwards)
    assert ok("PATCH", f"{path}/aggregate")["team"] == "Бригада Я"
    found = ok("GET", f"/api/batches?batch_number={made['batch_number']}&sort_field=team")
    assert [one["team"] for one in found["items"]] == ["Бригада Я"]
