"""The built-in templates, one module for each: its parameters, the data it collects, and the document (layout.py).

A new one is a module with a `LAYOUT`, and its name in `LAYOUTS`; nothing else lists them.
"""

from collections.abc import Mapping

from chalicelib.reports.layouts import batch, sales, shift, tasks
from chalicelib.reports.layouts.layout import Heading, Layout, Row, Sink, Summary

__all__ = ["BATCH", "BUILT_IN", "LAYOUTS", "Heading", "Layout", "Row", "Sink", "Summary"]

BATCH = batch.LAYOUT
LAYOUTS = (sales.LAYOUT, shift.LAYOUT, BATCH, tasks.LAYOUT)
BUILT_IN: Mapping[int, Layout] = {layout.number: layout for layout in LAYOUTS}
"""Template id -> layout. The ids are 1, 2, 3 … without gaps."""
