"""The built-in templates: what each asks for, which data it collects, and how the document looks. See layout.py."""

from collections.abc import Mapping

from chalicelib.reports.layouts import batch, sales, shift, tasks
from chalicelib.reports.layouts.layout import Heading, Layout, Row, Sink, Summary

__all__ = ["BATCH", "BUILT_IN", "Heading", "Layout", "Row", "Sink", "Summary"]

BATCH = batch.LAYOUT
BUILT_IN: Mapping[int, Layout] = {
    1: sales.LAYOUT,
    2: shift.LAYOUT,
    3: BATCH,
    4: tasks.LAYOUT,
}
