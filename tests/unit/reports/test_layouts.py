"""The list of built-in templates, and what is derived from it."""

from chalicelib.reports.layouts import BUILT_IN, LAYOUTS
from chalicelib.reports.template_schemas import TemplateWrite

PRODUCTION_TABLES = {"batches", "products"}


def test_template_ids_have_no_gaps_so_that_their_range_is_the_limit_of_the_api() -> None:
    assert sorted(BUILT_IN) == list(range(1, len(LAYOUTS) + 1))
    base = TemplateWrite.model_json_schema()["properties"]["base_template_id"]
    assert (base["minimum"], base["maximum"]) == (1, len(LAYOUTS))


def test_a_layout_that_reads_batches_or_products_shows_production() -> None:
    for layout in LAYOUTS:
        assert layout.shows_production == (not PRODUCTION_TABLES.isdisjoint(layout.reads)), layout.name
