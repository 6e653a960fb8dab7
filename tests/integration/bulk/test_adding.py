"""Adding many products by one call."""

import pytest

from tests.integration.bulk.desk import add, check, names_of_events
from tests.production import batch, batch_with

pytestmark = pytest.mark.usefixtures("small")


def test_all_codes_are_added_in_the_order_of_the_call() -> None:
    made = batch()
    codes = [f"P-{number:02d}" for number in range(20)]
    assert add(made, codes) == {"success": True, "total": 20, "added": 20, "failed": 0, "errors": []}
    check(made, codes)
    assert names_of_events(made) == ["batch.product_added"] * 20


def test_proceed_tells_what_was_there_and_adds_the_rest() -> None:
    made = batch_with("B", "E")
    result = add(made, ["A", "B", "C", "A", "D", "E", "F", "C"])
    twice, taken = "Код повторяется в запросе", "Продукт с таким кодом уже есть в партии"
    assert result == {
        "success": False, "total": 8, "added": 4, "failed": 4,
        "errors": [
            {"code": "B", "reason": taken}, {"code": "A", "reason": twice},
            {"code": "E", "reason": taken}, {"code": "C", "reason": twice},
        ],
    }
    check(made, ["B", "E", "A", "C", "D", "F"])


def test_rollback_adds_nothing_when_anything_is_wrong() -> None:
    made = batch_with("E")
    result = add(made, ["A", "B", "C", "D", "E"], "rollback")
    assert (result["success"], result["added"], result["failed"]) == (False, 0, 1)
    check(made, ["E"])
    assert add(made, ["A", "B", "A"], "rollback")["added"] == 0
    assert add(made, ["A", "B", "C", "D"], "rollback") == {
        "success": True, "total": 4, "added": 4, "failed": 0, "errors": []
    }
    check(made, ["E", "A", "B", "C", "D"])
