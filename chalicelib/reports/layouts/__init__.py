"""The built-in templates: what each asks for, which data it collects, and how the document looks. See layout.py."""

from collections.abc import Mapping

from chalicelib.reports.layouts import batch, shift, waiting
from chalicelib.reports.layouts.layout import Heading, Layout, Row, Sink, Summary

__all__ = ["BUILT_IN", "Heading", "Layout", "Row", "Sink", "Summary"]

BUILT_IN: Mapping[int, Layout] = {
    1: waiting.SALES,
    2: shift.LAYOUT,
    3: batch.LAYOUT,
    4: waiting.TASKS,
}
