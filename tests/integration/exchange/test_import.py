"""Import: what rows become, what is refused, and that the good ones are kept."""

from tests.exchange import csv_file, imported, row
from tests.production import ok


def test_rows_become_batches_with_products_and_work_centers() -> None:
    rows = [row(products=["A", "B"]), row(is_closed="да", closed_at="20.01.2025 20:00")]
    result = imported(csv_file(rows))
    assert result == {
        "success": True, "total": 2, "created": 2, "updated": 0, "failed": 0, "errors": [], "errors_url": None,
    }  # fmt: skip
    closed, opened = ok("GET", "/api/batches")["items"]
    assert [one["unique_code"] for one in opened["products"]] == ["A", "B"]
