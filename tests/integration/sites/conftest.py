"""Empty tables and an empty bucket for each test."""

from tests.construction import empty, shared_tables

__all__ = ["empty", "shared_tables"]
