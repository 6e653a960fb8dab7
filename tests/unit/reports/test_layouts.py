"""The list of built-in templates, and what is derived from it."""

import pytest

from chalicelib.core.errors import Invalid
from chalicelib.reports.layouts import BUILT_IN, LAYOUTS, Layout
from chalicelib.reports.template_schemas import TemplateWrite

PRODUCTION_TABLES = {"batches", "products"}


def test_template_ids_have_no_gaps_so_that_their_range_is_the_limit_of_the_api() -> None:
    assert sorted(BUILT_IN) == list(range(1, len(LAYOUTS) + 1))
    base = TemplateWrite.model_json_schema()["properties"]["base_template_id"]
    assert (base["minimum"], base["maximum"]) == (1, len(LAYOUTS))


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_a_csv_has_a_table_that_the_report_has(layout: Layout) -> None:
    assert layout.table_of({}) == layout.tables[0]
    assert [layout.table_of({"table": name}) for name in (*layout.tables, "facts")] == [*layout.tables, "facts"]
    for wrong in ("bogus", 1, ["orders"]):
        with pytest.raises(Invalid, match=f"table: .*{layout.tables[0]}"):
            layout.table_of({"table": wrong})


def test_a_layout_that_reads_batches_or_products_shows_production() -> None:
    for layout in LAYOUTS:
        assert layout.shows_production == (not PRODUCTION_TABLES.isdisjoint(layout.reads)), layout.name
