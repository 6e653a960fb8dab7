"""Aggregating in the background."""

import pytest

from tests.integration.bulk.desk import AT, add, aggregate, check, names_of_events, place
from tests.production import batch, ok

pytestmark = pytest.mark.usefixtures("small")
CODES = [f"P-{number:02d}" for number in range(20)]


def test_all_products_of_a_batch_are_aggregated() -> None:
    made = batch()
    add(made, CODES)
    assert aggregate(made) == {"success": True, "total": 20, "aggregated": 20, "failed": 0, "errors": []}
    check(made, CODES, 20)
    assert {product["aggregated_at"] for product in ok("GET", place(made))["products"]} == {AT}
    assert names_of_events(made)[20:] == ["product.aggregated"] * 20 + ["batch.aggregated"]


def test_codes() -> None:
    made = batch()
    add(made, CODES)
    product = ok("GET", place(made))["products"][3]
    ok("PATCH", f"/api/products/{product['uuid']}/aggregate", {})
    result = aggregate(made, ["P-19", "P-02", "X", "P-02", "P-03", "P-10"])
    assert result == {"success": False, "total": 5, "aggregated": 3, "failed": 2, "errors": [
        {"code": "X", "reason": "Продукт с таким кодом не найден в партии"},
        {"code": "P-03", "reason": "Продукт уже агрегирован"}]}
    check(made, CODES, 4)
