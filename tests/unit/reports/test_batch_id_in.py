"""The batch in the parameters of a report."""

from typing import Any

import pytest

from chalicelib.reports.keys import batch_id_in

BATCH = "550e8400-e29b-41d4-a716-446655440000"


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({"batch_id": BATCH}, BATCH),
        ({"batch_id": BATCH.upper(), "format": "pdf"}, BATCH),
        ({}, None),
        ({"batch_id": None}, None),
        ({"batch_id": 17}, None),
        ({"batch_id": [BATCH]}, None),
        ({"batch_id": "17"}, None),
    ],
)
def test_batch_id_is_read_from_the_parameters(parameters: dict[str, Any], named: str | None) -> None:
    assert batch_id_in(parameters) == named
