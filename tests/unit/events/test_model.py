"""An event knows the id of what it is about."""

from datetime import UTC, datetime

import pytest

from chalicelib.events.model import Event


@pytest.mark.parametrize(("aggregate", "found"), [("batch#b1", "b1"), ("saga#a#b", "a#b"), ("import", "")])
def test_the_id_is_what_stands_behind_the_kind(aggregate: str, found: str) -> None:
    assert Event("x", aggregate, "1", "e1", datetime.now(UTC), {}).aggregate_id == found
